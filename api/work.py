"""API: what members do: find work, take it, hand it in."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.bodies import Body
from api.idempotency import idempotent
from api.permissions import IsMember, actor_of, has_scope, member_of
from coop.ground.clock import coop_now
from coop.rules.actions import in_force
from coop.work import actions
from coop.work.kinds import KINDS
from coop.work.models import Assignment, Client, Project
from coop.work.tasks import reckon_project


class DisclosedClient(serializers.ModelSerializer[Client]):
    """Whom the work is ordered by, and on whose behalf."""

    class Meta:
        model = Client
        fields = ["legal_name", "country", "kind", "beneficial_client", "subcontract_chain"]


class Offer(serializers.ModelSerializer[Project]):
    """What a member reads before accepting any of it."""

    client = DisclosedClient()

    class Meta:
        model = Project
        fields = [
            "id", "title", "purpose", "client", "final_client", "end_use", "product", "sold_as_automated", "disclosure",
            "languages", "task_type", "instructions", "seconds_per_answer", "status", "open_items",
        ]  # fmt: skip


class AssignmentData(serializers.ModelSerializer[Assignment]):
    """An item in hand. `passed_seconds` is the time since it was claimed, on the co-operative's clock; up to `bound_seconds` nobody questions it."""

    project = Offer()
    template = serializers.DictField(source="project.template")
    payload = serializers.DictField(source="item.payload")
    answer_schema = serializers.SerializerMethodField()
    passed_seconds = serializers.SerializerMethodField()
    pause_limit_seconds = serializers.SerializerMethodField()

    class Meta:
        model = Assignment
        fields = [
            "id", "state", "project", "template", "payload", "answer_schema", "leased_at", "lease_expires_at", "bound_seconds", "submitted_at",
            "measured_seconds", "paused_seconds", "declared_seconds", "passed_seconds", "pause_limit_seconds",
        ]  # fmt: skip

    def get_answer_schema(self, assignment: Assignment) -> dict[str, Any]:
        return KINDS[assignment.project.task_type].answer_schema(assignment.project.template)

    def get_passed_seconds(self, assignment: Assignment) -> int:
        return actions.seconds_since(assignment.leased_at, assignment.submitted_at or coop_now())

    def get_pause_limit_seconds(self, assignment: Assignment) -> int:
        return in_force(coop_now()).whole("work.pause_limit_seconds")


class NewClaim(Body):
    project = serializers.UUIDField(
        required=False, help_text="Without one, the voted rule on allocation offers a project."
    )


class Submission(Body):
    """An answer and its time: from opening to handing in, of it resting, and what the member says it took."""

    value = serializers.JSONField()
    measured_seconds = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    paused_seconds = serializers.IntegerField(default=0, min_value=0)
    declared_seconds = serializers.IntegerField(required=False, allow_null=True, min_value=0)


class OpenProjects(generics.ListAPIView[Project]):
    """Projects that hand out work, each with its purpose, client, final client and end use. Refusing is free."""

    permission_classes = [has_scope("work"), IsMember]
    serializer_class = Offer
    ordering = ("-live_at", "-pk")
    queryset = Project.objects.handing_out().select_related("client")


class Claims(APIView):
    permission_classes = [has_scope("work"), IsMember]

    @extend_schema(
        request=NewClaim,
        responses={201: AssignmentData, 204: None},
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Take an item: 201 with it, or 204 when there is no work for you. Refused while you have one in hand."""
        serializer = NewClaim(data=request.data)
        serializer.is_valid(raise_exception=True)
        project = None
        if "project" in serializer.validated_data:
            project = Project.objects.disclosed().filter(pk=serializer.validated_data["project"]).first()
            if project is None:
                raise ValidationError({"project": [_("There is no such project.")]})
        taken = actions.claim(by=actor_of(request), project=project, now=coop_now())
        if taken is None:
            return Response(status=204)
        return Response(AssignmentData(_mine(request, taken.pk)).data, status=201)


class Assignments(generics.ListAPIView[Assignment]):
    """What I have in hand, and what I can still hand in though its time ran out."""

    permission_classes = [has_scope("work"), IsMember]
    serializer_class = AssignmentData
    ordering = ("-leased_at", "-pk")

    def get_queryset(self) -> Any:
        """Mine, and nobody else's."""
        if getattr(self, "swagger_fake_view", False):
            return Assignment.objects.none()
        return _of(self.request).to_hand_in()


class OneAssignment(APIView):
    permission_classes = [has_scope("work"), IsMember]

    @extend_schema(responses=AssignmentData)
    def get(self, request: Request, assignment_id: str) -> Response:
        """One of my assignments."""
        return Response(AssignmentData(_mine(request, assignment_id)).data)


class Submit(APIView):
    permission_classes = [has_scope("work"), IsMember]

    @extend_schema(request=Submission, responses=AssignmentData)
    @idempotent
    def post(self, request: Request, assignment_id: str) -> Response:
        """Hand in the answer with its time. Late work is paid too. The same answer again changes nothing."""
        assignment = _mine(request, assignment_id)
        serializer = Submission(data=request.data)
        serializer.is_valid(raise_exception=True)
        actions.submit(assignment=assignment, by=actor_of(request), now=coop_now(), **serializer.validated_data)
        reckon_project.delay_on_commit(str(assignment.project_id))
        return Response(AssignmentData(_mine(request, assignment_id)).data)


class Extend(APIView):
    permission_classes = [has_scope("work"), IsMember]

    @extend_schema(request=None, responses=AssignmentData)
    @idempotent
    def post(self, request: Request, assignment_id: str) -> Response:
        """Keep the item longer. It is free, and changes nothing about what is paid."""
        actions.extend_lease(assignment=_mine(request, assignment_id), by=actor_of(request), now=coop_now())
        return Response(AssignmentData(_mine(request, assignment_id)).data)


class Release(APIView):
    permission_classes = [has_scope("work"), IsMember]

    @extend_schema(request=None, responses=AssignmentData)
    @idempotent
    def post(self, request: Request, assignment_id: str) -> Response:
        """Give the item back. It is free and never scored."""
        actions.release(assignment=_mine(request, assignment_id), by=actor_of(request), now=coop_now())
        return Response(AssignmentData(_mine(request, assignment_id)).data)


def _of(request: Request) -> Any:
    return Assignment.objects.of(member_of(request)).select_related("project__client", "item")


def _mine(request: Request, assignment_id: Any) -> Assignment:
    found: Assignment = get_object_or_404(_of(request), pk=assignment_id)
    return found


urlpatterns: list[URLPattern | URLResolver] = [
    path("work/projects/", OpenProjects.as_view()),
    path("work/claims/", Claims.as_view()),
    path("work/assignments/", Assignments.as_view()),
    path("work/assignments/<uuid:assignment_id>/", OneAssignment.as_view()),
    path("work/assignments/<uuid:assignment_id>/submit/", Submit.as_view()),
    path("work/assignments/<uuid:assignment_id>/release/", Release.as_view()),
    path("work/assignments/<uuid:assignment_id>/extend/", Extend.as_view()),
]
