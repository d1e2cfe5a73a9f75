"""API: periods, payout runs, and members' statements."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.bodies import Body
from api.idempotency import idempotent
from api.permissions import IsMember, actor_of, has_scope, holds_office, member_of
from api.versions import RunVersionData
from coop.doors.answers import attachment
from coop.doors.limits import limits
from coop.ground.clock import coop_now
from coop.work.models import TimeEntry
from payouts.models import Adjustment, MemberShare, NotPaid, Objection, PayoutRun, Period
from payouts.reading import bundle_bytes, objections_for, published_runs, spread_of
from payouts.sharing.approval import adjust_pay, approve_run
from payouts.sharing.approvers import members_approve
from payouts.sharing.corrections import MOST_ADJUSTED, MOST_SECONDS
from payouts.sharing.objections import Correction, answer_objection, raise_objection
from payouts.sharing.statements import lines


class PeriodData(serializers.ModelSerializer[Period]):
    """A pay period, from its start (in) to its end (out)."""

    class Meta:
        model = Period
        fields = ["id", "number", "starts_at", "ends_at", "state", "closed_at"]


class BandData(serializers.Serializer[Any]):
    least = serializers.IntegerField()
    most = serializers.IntegerField()
    members = serializers.IntegerField()


class GroupData(serializers.Serializer[Any]):
    country = serializers.CharField(allow_blank=True, help_text="Empty for all the other countries together.")
    members = serializers.IntegerField()
    seconds = serializers.IntegerField()
    amount = serializers.IntegerField()


class SpreadData(serializers.Serializer[Any]):
    """How pay is spread. Null where it would be about fewer persons than the rule reports.minimum_group says."""

    members = serializers.IntegerField()
    amount = serializers.IntegerField()
    seconds = serializers.IntegerField()
    gini = serializers.IntegerField(allow_null=True, help_text="Thousandths: 0 all equal, 1000 one has everything.")
    highest_to_median = serializers.IntegerField(allow_null=True, help_text="Thousandths.")
    median = serializers.IntegerField(allow_null=True)
    hourly_median = serializers.IntegerField(allow_null=True, help_text="Minor units per counted hour.")
    bands = BandData(many=True)
    countries = GroupData(many=True)


class RunData(serializers.ModelSerializer[PayoutRun]):
    """A payout run, as everyone may read it. Amounts in minor units of its currency."""

    period = PeriodData()
    rule_book = serializers.CharField(source="rule_book_id")
    version = serializers.IntegerField(help_text="Each upheld objection makes the next version.")
    payable_total = serializers.IntegerField()
    inputs_sha256 = serializers.CharField()
    result_sha256 = serializers.CharField()
    bundle_sha256 = serializers.CharField()
    bundle = serializers.SerializerMethodField(help_text="Where to fetch the public bundle for canut-verify.")

    class Meta:
        model = PayoutRun
        fields = [
            *(
                "id",
                "period",
                "state",
                "version",
                "currency",
                "rule_book",
                "payable_total",
                "inputs_sha256",
                "result_sha256",
            ),
            *("bundle_sha256", "bundle", "computed_at", "objections_until", "approved_at", "settled_at", "closed_at"),
        ]

    def get_bundle(self, run: PayoutRun) -> str:
        """The address of the bundle."""
        return f"/api/v1/runs/{run.pk}/bundle/"


class LevyData(serializers.Serializer[Any]):
    line = serializers.CharField()
    share_bp = serializers.IntegerField()
    amount = serializers.IntegerField()


class RunWithFigures(RunData):
    """A run with its waterfall and how pay is spread."""

    waterfall = serializers.SerializerMethodField()
    levies = serializers.SerializerMethodField()
    spread = serializers.SerializerMethodField()

    class Meta(RunData.Meta):
        fields = [*RunData.Meta.fields, "waterfall", "levies", "spread"]

    @extend_schema(responses=serializers.DictField(child=serializers.JSONField()))
    def get_waterfall(self, run: PayoutRun) -> dict[str, Any]:
        """The lines of the result, without those of members."""
        result = run.result or {}
        costs = {key: (run.inputs or {})[key] for key in ("refunds", "rail_fees", "direct_costs", "deficit_carried")}
        return costs | {key: value for key, value in result.items() if key not in ("members", "levies")}

    @extend_schema(responses=LevyData(many=True))
    def get_levies(self, run: PayoutRun) -> list[dict[str, Any]]:
        """What each fund takes."""
        return list((run.result or {})["levies"])

    @extend_schema(responses=SpreadData)
    def get_spread(self, run: PayoutRun) -> Any:
        """How pay is spread."""
        return SpreadData(spread_of(run, coop_now())).data


class RuleBehindData(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    version = serializers.IntegerField()
    value = serializers.JSONField()
    decision = serializers.UUIDField(allow_null=True, help_text="The proposal that set it; null for the founding.")


class LineData(serializers.Serializer[Any]):
    """One line of a statement, explained."""

    key = serializers.CharField()
    title = serializers.CharField()
    formula = serializers.CharField()
    rules = RuleBehindData(many=True)
    sources = serializers.ListField(child=serializers.CharField())
    exact = serializers.CharField(allow_blank=True, help_text="Before rounding, as num/den.")
    amount = serializers.IntegerField(allow_null=True)


class StatementData(serializers.ModelSerializer[MemberShare]):
    """What a member receives from a run. Minor units."""

    run = RunData()
    version = RunVersionData(help_text="The version of the run that it is of.")
    replaced_by = serializers.SerializerMethodField(help_text="The statement that replaced it; null where it holds.")
    payable = serializers.IntegerField(read_only=True)

    class Meta:
        model = MemberShare
        fields = [
            *(
                "id",
                "run",
                "version",
                "replaced_by",
                "pseudonym",
                "seconds",
                "floor",
                "cap",
                "exact",
                "amount",
                "owed_paid",
                "payable",
            ),
            *("shortfall", "owed_left", "adjustment", "adjustment_left"),
        ]

    def get_replaced_by(self, share: MemberShare) -> UUID | None:
        """The member's statement of the version that holds."""
        if share.version_id == share.run.current_id:
            return None
        live = MemberShare.objects.live().filter(run=share.run_id, member=share.member_id)
        return live.values_list("pk", flat=True).get()


class ObjectionData(Body, serializers.ModelSerializer[Objection]):
    """An objection to a statement, and its answer."""

    class Meta:
        model = Objection
        fields = ["id", "reason", "raised_at", "answer", "answered_at", "upheld", "kind", "seconds"]
        read_only_fields = ["id", "raised_at", "answer", "answered_at", "upheld", "kind", "seconds"]


class AnswerData(Body):
    """An answer to an objection. Without seconds it is rejected; with them it is upheld and makes the next version."""

    answer = serializers.CharField(**limits(Objection, "answer"))
    kind = serializers.ChoiceField(choices=TimeEntry.Kind.choices, required=False)
    seconds = serializers.IntegerField(required=False, min_value=1, max_value=MOST_SECONDS, help_text="Added.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A kind without seconds is neither a rejection nor a correction."""
        if "kind" in attrs and "seconds" not in attrs:
            raise serializers.ValidationError({"seconds": [_("Say which kind of time, and how much.")]})
        return attrs


class AdjustmentData(Body, serializers.ModelSerializer[Adjustment]):
    """A mistake of an approved run, put right by a signed line in the next one. Minor units, above zero to the member."""

    amount = serializers.IntegerField(min_value=-MOST_ADJUSTED, max_value=MOST_ADJUSTED)

    class Meta:
        model = Adjustment
        fields = ["id", "amount", "reason", "made_at"]
        read_only_fields = ["id", "made_at"]


class NotPaidData(serializers.ModelSerializer[NotPaid]):
    """Somebody whom a run did not pay, and why. The amount stays payable."""

    member = serializers.CharField(source="member.name")

    class Meta:
        model = NotPaid
        fields = ["member", "why", "amount"]


class StatementWithLines(StatementData):
    """A statement with every line explained."""

    lines = serializers.SerializerMethodField()
    objections = ObjectionData(many=True)
    not_paid = serializers.SerializerMethodField(help_text="Why this run did not pay it; null where it did.")

    class Meta(StatementData.Meta):
        fields = [*StatementData.Meta.fields, "lines", "objections", "not_paid"]

    def get_not_paid(self, share: MemberShare) -> str | None:
        """The reason."""
        return (
            NotPaid.objects.filter(run__current=share.version_id, member=share.member_id)
            .values_list("why", flat=True)
            .first()
        )

    @extend_schema(responses=LineData(many=True))
    def get_lines(self, share: MemberShare) -> Any:
        """Each line with its rule, its vote, its sources and its number."""
        return LineData(lines(share), many=True).data


class Periods(ListAPIView[Period]):
    """Every pay period, the latest first."""

    permission_classes = [AllowAny]
    serializer_class = PeriodData
    queryset = Period.objects.all()
    ordering = ("-number",)


class Runs(ListAPIView[PayoutRun]):
    """The published payout runs, the latest first."""

    permission_classes = [AllowAny]
    serializer_class = RunData
    queryset = published_runs()
    ordering = ("-drafted_at", "-pk")


class Run(RetrieveAPIView[PayoutRun]):
    """One payout run with its waterfall and how pay is spread."""

    permission_classes = [AllowAny]
    serializer_class = RunWithFigures
    queryset = published_runs()


class RunBundle(APIView):
    """The public bundle of a run, canut-run/3: `canut-verify run` reckons it again, offline."""

    permission_classes = [AllowAny]

    @extend_schema(responses={(200, "application/json"): OpenApiTypes.OBJECT})
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """Canonical JSON. "log" is null until the entry is sealed."""
        run = get_object_or_404(published_runs(), pk=pk)
        return attachment(bundle_bytes(run), name=f"run-{run.pk}.json", content_type="application/json")


class ApproveRun(APIView):
    """The approval of a run by a treasurer; after the deadline (rule pay.approval_days) by a steward too.

    Nobody approves who changed pay in it or whose pay was changed; where nobody else is in office, a member does.
    """

    permission_classes = [has_scope("treasurer"), IsMember]

    @extend_schema(request=None, responses=RunData)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Approve the run once its objection window is over: it is booked. 409 `objections_open`, `earlier_run_open` before."""
        run = get_object_or_404(published_runs(), pk=pk)
        if not members_approve(run, coop_now()):
            holds_office("treasurer", "steward")().has_permission(request, self)
        return Response(RunData(approve_run(run=run, by=actor_of(request), now=coop_now())).data)


class Statements(ListAPIView[MemberShare]):
    """One's own statements, the latest first."""

    permission_classes = [has_scope("pay"), IsMember]
    serializer_class = StatementData
    queryset = MemberShare.objects.none()
    ordering = ("-run__drafted_at", "-pk")

    def get_queryset(self) -> QuerySet[MemberShare]:
        """Those of the person asking."""
        live = MemberShare.objects.live().visible_to(self.request.user)
        return live.select_related("run__period", "run__current", "version__replaces")


class Statement(RetrieveAPIView[MemberShare]):
    """One of one's own statements, every line explained. Anybody else's does not exist."""

    permission_classes = [has_scope("pay"), IsMember]
    serializer_class = StatementWithLines
    queryset = MemberShare.objects.none()

    def get_queryset(self) -> QuerySet[MemberShare]:
        """Those of the person asking."""
        return MemberShare.objects.visible_to(self.request.user).select_related(
            "run__period", "run__current", "version__replaces", "version__run"
        )


class Objections(APIView):
    """Objections to one of one's own statements."""

    permission_classes = [has_scope("pay"), IsMember]

    @extend_schema(request=ObjectionData, responses={201: ObjectionData})
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Say what is wrong while the window is open. 409 `objections_closed` afterwards."""
        share = get_object_or_404(MemberShare.objects.visible_to(request.user), pk=pk)
        serializer = ObjectionData(data=request.data)
        serializer.is_valid(raise_exception=True)
        objection = raise_objection(
            share=share, by=actor_of(request), reason=serializer.validated_data["reason"], now=coop_now()
        )
        return Response(ObjectionData(objection).data, status=201)


class Answers(APIView):
    """Answering an objection, as whoever may approve its run."""

    permission_classes = [has_scope("treasurer"), holds_office("treasurer", "steward")]

    @extend_schema(request=AnswerData, responses=ObjectionData)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Reject it, or uphold it with a kind and seconds, which makes the next version of the run."""
        objection = get_object_or_404(objections_for(member_of(request), coop_now()), pk=pk)
        serializer = AnswerData(data=request.data)
        serializer.is_valid(raise_exception=True)
        said = serializer.validated_data
        correction = Correction(said.get("kind", ""), said["seconds"]) if "seconds" in said else None
        answered = answer_objection(
            objection=objection, by=actor_of(request), answer=said["answer"], correction=correction, now=coop_now()
        )
        return Response(ObjectionData(answered).data)


class OpenObjections(ListAPIView[Objection]):
    """The objections that wait for an answer, the oldest first."""

    permission_classes = [has_scope("treasurer"), holds_office("treasurer", "steward")]
    serializer_class = ObjectionData
    queryset = Objection.objects.none()
    ordering = ("raised_at", "pk")

    def get_queryset(self) -> QuerySet[Objection]:
        """Those that the officer who asks may answer."""
        return objections_for(member_of(self.request), coop_now()).unanswered()


class Adjustments(APIView):
    """Putting a mistake of an approved run right; nobody their own, a treasurer's also a steward."""

    permission_classes = [has_scope("treasurer"), holds_office("treasurer", "steward")]

    @extend_schema(request=AdjustmentData, responses={201: AdjustmentData})
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """A signed line for the member of this statement in the next run. 409 `run_not_approved` before."""
        share = get_object_or_404(MemberShare.objects.live().select_related("run"), pk=pk)
        serializer = AdjustmentData(data=request.data)
        serializer.is_valid(raise_exception=True)
        made = adjust_pay(share=share, by=actor_of(request), now=coop_now(), **serializer.validated_data)
        return Response(AdjustmentData(made).data, status=201)


class RunNotPaid(ListAPIView[NotPaid]):
    """Everybody whom a run did not pay, and why."""

    permission_classes = [has_scope("treasurer"), holds_office("treasurer")]
    serializer_class = NotPaidData
    queryset = NotPaid.objects.none()
    ordering = ("pk",)

    def get_queryset(self) -> QuerySet[NotPaid]:
        """Those of one run."""
        return NotPaid.objects.filter(run=self.kwargs["pk"]).select_related("member")


urlpatterns: list[URLPattern | URLResolver] = [
    path("periods/", Periods.as_view(), name="periods"),
    path("runs/", Runs.as_view(), name="runs"),
    path("runs/<uuid:pk>/", Run.as_view(), name="run"),
    path("runs/<uuid:pk>/bundle/", RunBundle.as_view(), name="run-bundle"),
    path("runs/<uuid:pk>/approve/", ApproveRun.as_view(), name="run-approve"),
    path("runs/<uuid:pk>/not-paid/", RunNotPaid.as_view(), name="run-not-paid"),
    path("objections/", OpenObjections.as_view(), name="objections"),
    path("objections/<uuid:pk>/answer/", Answers.as_view(), name="objection-answer"),
    path("statements/<uuid:pk>/adjustments/", Adjustments.as_view(), name="statement-adjustments"),
    path("statements/", Statements.as_view(), name="statements"),
    path("statements/<uuid:pk>/", Statement.as_view(), name="statement"),
    path("statements/<uuid:pk>/objections/", Objections.as_view(), name="statement-objections"),
]
