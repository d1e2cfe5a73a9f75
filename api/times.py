"""API: time: one's own, its corrections, what waits, contests about it, and projects that wait for a look."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, URLResolver, path
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.bodies import Body
from api.idempotency import idempotent
from api.permissions import IsMember, actor_of, has_scope, member_of
from coop.doors.limits import limits
from coop.ground.clock import coop_now
from coop.rules.actions import in_force
from coop.work import actions
from coop.work.guard import Account
from coop.work.models import Assignment, Contest, ContestSeat, Halt, Project, TimeEntry, WaitingTime
from coop.work.pace import SLOWEST, WHOLE
from coop.work.standing import anybody_looks_from, may_contest, may_look

KEYED = [OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)]


class TimeData(serializers.ModelSerializer[TimeEntry]):
    """A stretch of counted time; `frozen` once a payout is reckoned from it."""

    started_at = serializers.DateTimeField(source="span.lower")
    ended_at = serializers.DateTimeField(source="span.upper")

    class Meta:
        model = TimeEntry
        fields = [
            "id", "kind", "source", "project", "assignment", "started_at", "ended_at", "counted_seconds", "counted_at", "frozen",
        ]  # fmt: skip


class ContestData(serializers.ModelSerializer[Contest]):
    """Reasons against stated time, and what the member says to them. No names: reasons are about the work.

    `bound_seconds` is the usual bound of the project, as others than the member have it; what she stated beyond hers is told up to that.
    """

    project = serializers.UUIDField(source="waiting.project_id")
    state = serializers.CharField(source="waiting.state")
    bound_seconds = serializers.SerializerMethodField()
    stated_seconds = serializers.SerializerMethodField()
    counts_at = serializers.DateTimeField(source="waiting.counts_at")

    class Meta:
        model = Contest
        fields = [
            "id", "project", "state", "bound_seconds", "stated_seconds", "counts_at", "reasons", "answer", "opened_at",
        ]  # fmt: skip

    def get_bound_seconds(self, contest: Contest) -> int:
        return actions.heard_time(waiting=contest.waiting, now=coop_now()).bound

    def get_stated_seconds(self, contest: Contest) -> int:
        return actions.heard_time(waiting=contest.waiting, now=coop_now()).stated


class WaitingData(serializers.ModelSerializer[WaitingTime]):
    """Time that is not counted yet: `bound`, beyond what nobody questions; `project`, beyond what its project may owe unseen."""

    contest = ContestData(allow_null=True, default=None)

    class Meta:
        model = WaitingTime
        fields = [
            "id", "assignment", "project", "kind", "cause", "state", "seconds", "stated_at", "counts_at", "contest",
        ]  # fmt: skip


class PaceData(Body):
    """How much longer than others you are given for an item, in thousandths. No reason is asked, and nobody else sees it."""

    permille = serializers.IntegerField(min_value=WHOLE, max_value=SLOWEST)


class CorrectionData(Body):
    declared_seconds = serializers.IntegerField(min_value=0)


class ReadingData(serializers.Serializer[Any]):
    """Since when the reading counts, and up to how many seconds, with the first answer."""

    reading_since = serializers.DateTimeField()
    bound_seconds = serializers.IntegerField()


class ReasonsData(Body):
    reasons = serializers.CharField(**limits(Contest, "reasons"))


class ContestedData(serializers.Serializer[Any]):
    contested = serializers.IntegerField(help_text="Pieces of stated time; each is heard by itself.")


class HeardData(Body):
    words = serializers.CharField(**limits(Contest, "answer"))


class DecisionData(Body):
    refuses = serializers.BooleanField()
    words = serializers.CharField(**limits(ContestSeat, "words"), allow_blank=True, default="")


class HaltData(serializers.ModelSerializer[Halt]):
    """A project that hands out nothing until somebody has looked at its instructions and its price.

    What all together counted and hold is told to who may look, and to nobody else: in a small project it is one person's.
    """

    quoted_seconds = serializers.SerializerMethodField()
    counted_seconds = serializers.SerializerMethodField()
    held_seconds = serializers.SerializerMethodField()
    may_look = serializers.SerializerMethodField()
    anybody_looks_from = serializers.SerializerMethodField()

    class Meta:
        model = Halt
        fields = [
            "id", "project", "reason", "state", "halted_at", "quoted_seconds", "counted_seconds", "held_seconds", "may_look",
            "anybody_looks_from", "looked_at", "words", "more_seconds",
        ]  # fmt: skip

    def get_quoted_seconds(self, halt: Halt) -> int:
        return self._account(halt).quoted_seconds

    def get_counted_seconds(self, halt: Halt) -> int | None:
        return self._account(halt).counted if self.get_may_look(halt) else None

    def get_held_seconds(self, halt: Halt) -> int | None:
        return self._account(halt).held if self.get_may_look(halt) else None

    def get_may_look(self, halt: Halt) -> bool:
        return may_look(halt, actor_of(self.context["request"]), coop_now())

    @extend_schema_field(serializers.DateTimeField())
    def get_anybody_looks_from(self, halt: Halt) -> Any:
        return anybody_looks_from(halt, coop_now())

    def _account(self, halt: Halt) -> Account:
        return actions.account_of(halt.project, in_force(coop_now()))


class LookData(Body):
    words = serializers.CharField(**limits(Halt, "words"))
    more_seconds = serializers.IntegerField(min_value=0, help_text="At most as many as the quote pays for.")


class Time(generics.ListAPIView[TimeEntry]):
    """My counted time, newest first."""

    permission_classes = [has_scope("work"), IsMember]
    serializer_class = TimeData
    ordering = ("-counted_at", "-pk")

    def get_queryset(self) -> Any:
        """Mine, and nobody else's."""
        if getattr(self, "swagger_fake_view", False):
            return TimeEntry.objects.none()
        return TimeEntry.objects.of(member_of(self.request))


class Waiting(generics.ListAPIView[WaitingTime]):
    """My time that waits, and what became of what waited, newest first."""

    permission_classes = [has_scope("work"), IsMember]
    serializer_class = WaitingData
    ordering = ("-stated_at", "-pk")

    def get_queryset(self) -> Any:
        """Mine, and nobody else's."""
        if getattr(self, "swagger_fake_view", False):
            return WaitingTime.objects.none()
        return WaitingTime.objects.of(member_of(self.request)).select_related("contest__waiting__project")


class Pace(APIView):
    permission_classes = [has_scope("work"), IsMember]

    @extend_schema(responses=PaceData)
    def get(self, request: Request) -> Response:
        """How much longer than others I am given for an item."""
        return Response({"permille": actions.factor_of(member_of(request).pk)})

    @extend_schema(request=PaceData, responses=PaceData)
    def put(self, request: Request) -> Response:
        """Be given more, or the usual, time for the items taken from now on."""
        serializer = PaceData(data=request.data)
        serializer.is_valid(raise_exception=True)
        factor = actions.set_pace_factor(by=actor_of(request), **serializer.validated_data)
        return Response({"permille": factor.permille})


class Correct(APIView):
    permission_classes = [has_scope("work"), IsMember]

    @extend_schema(request=CorrectionData, responses={201: CorrectionData}, parameters=KEYED)
    @idempotent
    def post(self, request: Request, assignment_id: str) -> Response:
        """Say again how long something handed in took, until a payout is reckoned from it. The same bounds hold."""
        assignment = get_object_or_404(Assignment.objects.of(member_of(request)), pk=assignment_id)
        serializer = CorrectionData(data=request.data)
        serializer.is_valid(raise_exception=True)
        actions.correct_time(assignment=assignment, by=actor_of(request), now=coop_now(), **serializer.validated_data)
        return Response(serializer.data, status=201)


class Reading(APIView):
    permission_classes = [has_scope("work"), IsMember]

    @extend_schema(request=None, responses=ReadingData)
    @idempotent
    def post(self, request: Request, project_id: str) -> Response:
        """Begin to read the instructions: the time counts, with the first answer. Doing it twice changes nothing."""
        project = get_object_or_404(Project.objects.disclosed(), pk=project_id)
        mine = actions.begin_reading(project=project, by=actor_of(request), now=coop_now())
        bound = actions.reading_bound(member_id=mine.member_id, book=in_force(coop_now()))
        return Response(ReadingData({"reading_since": mine.reading_since, "bound_seconds": bound}).data)


class ContestProject(APIView):
    permission_classes = [has_scope("work", "requester", "treasurer")]

    @extend_schema(request=ReasonsData, responses={201: ContestedData}, parameters=KEYED)
    @idempotent
    def post(self, request: Request, project_id: str) -> Response:
        """Contest the stated time that waits in a project, with reasons: for who ordered it, stewards and treasurers."""
        project = get_object_or_404(Project.objects.select_related("client"), pk=project_id)
        if not may_contest(project.client, actor_of(request), coop_now()):
            raise Http404
        serializer = ReasonsData(data=request.data)
        serializer.is_valid(raise_exception=True)
        contested = actions.contest_project_time(
            project=project, by=actor_of(request), now=coop_now(), **serializer.validated_data
        )
        return Response({"contested": contested}, status=201)


class Contests(generics.ListAPIView[Contest]):
    """Contests that I was drawn to hear, and those about my own time, newest first."""

    permission_classes = [has_scope("work"), IsMember]
    serializer_class = ContestData
    ordering = ("-opened_at", "-pk")

    def get_queryset(self) -> Any:
        """Those I may see."""
        if getattr(self, "swagger_fake_view", False):
            return Contest.objects.none()
        return _contests(self.request)


class HearContest(APIView):
    permission_classes = [has_scope("work"), IsMember]

    @extend_schema(request=HeardData, responses=ContestData)
    @idempotent
    def post(self, request: Request, contest_id: str) -> Response:
        """Say what I have to say to a contest of my own time."""
        contest = get_object_or_404(_contests(request), pk=contest_id)
        serializer = HeardData(data=request.data)
        serializer.is_valid(raise_exception=True)
        actions.answer_contest(contest=contest, by=actor_of(request), **serializer.validated_data)
        return Response(ContestData(_contests(request).get(pk=contest.pk)).data)


class DecideContest(APIView):
    permission_classes = [has_scope("work"), IsMember]

    @extend_schema(request=DecisionData, responses=ContestData)
    @idempotent
    def post(self, request: Request, contest_id: str) -> Response:
        """Decide as one of the two drawn. The time is refused only if both refuse it."""
        contest = get_object_or_404(_contests(request), pk=contest_id)
        serializer = DecisionData(data=request.data)
        serializer.is_valid(raise_exception=True)
        actions.decide_contest(contest=contest, by=actor_of(request), now=coop_now(), **serializer.validated_data)
        return Response(ContestData(_contests(request).get(pk=contest.pk)).data)


class Halts(generics.ListAPIView[Halt]):
    """Projects that wait for a look, and what was found in others, newest first."""

    permission_classes = [has_scope("work"), IsMember]
    serializer_class = HaltData
    ordering = ("-halted_at", "-pk")
    queryset = Halt.objects.select_related("project__client", "project__quote")


class Look(APIView):
    permission_classes = [has_scope("work"), IsMember]

    @extend_schema(request=LookData, responses=HaltData)
    @idempotent
    def post(self, request: Request, halt_id: str) -> Response:
        """Say what I found in the instructions and the price; the project goes on, and what waited for it is counted."""
        halt = get_object_or_404(Halt.objects.select_related("project__client", "project__quote"), pk=halt_id)
        serializer = LookData(data=request.data)
        serializer.is_valid(raise_exception=True)
        looked = actions.look_at_project(halt=halt, by=actor_of(request), now=coop_now(), **serializer.validated_data)
        return Response(HaltData(looked, context={"request": request}).data)


def _contests(request: Request) -> Any:
    return Contest.objects.visible_to(member_of(request)).select_related("waiting__project")


urlpatterns: list[URLPattern | URLResolver] = [
    path("work/time/", Time.as_view()),
    path("work/time/waiting/", Waiting.as_view()),
    path("work/pace/", Pace.as_view()),
    path("work/assignments/<uuid:assignment_id>/correct/", Correct.as_view()),
    path("work/projects/<uuid:project_id>/reading/", Reading.as_view()),
    path("work/projects/<uuid:project_id>/contest/", ContestProject.as_view()),
    path("work/contests/", Contests.as_view()),
    path("work/contests/<uuid:contest_id>/answer/", HearContest.as_view()),
    path("work/contests/<uuid:contest_id>/decide/", DecideContest.as_view()),
    path("work/halts/", Halts.as_view()),
    path("work/halts/<uuid:halt_id>/look/", Look.as_view()),
]
