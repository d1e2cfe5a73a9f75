"""API: how I am paid and what was sent to me; the treasurer's files, rates and payments that need a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, URLResolver, path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.bodies import Body
from api.idempotency import idempotent
from api.permissions import IsMember, actor_of, has_scope, holds_office, member_of
from api.projects import CsvParser
from coop.doors.answers import attachment
from coop.doors.limits import limits
from coop.ground.clock import coop_now, wall_now
from coop.ground.money import CURRENCIES, LARGEST_AMOUNT
from payouts import rails
from payouts.actions.batch_files import download_batch_file, take_answer
from payouts.actions.items import resolve_item
from payouts.actions.rail_details import record_rate, set_rail_details
from payouts.actions.stripe_accounts import open_stripe_account
from payouts.models import BatchFile, ExchangeRate, PayoutItem, PayoutRun, RailDetails
from payouts.models.rails import LONGEST_DETAIL, LONGEST_REFERENCE


class RailData(serializers.ModelSerializer[RailDetails]):
    """How you are paid. The account itself is sealed; `masked` is enough to recognise it."""

    class Meta:
        model = RailDetails
        fields = ["rail", "masked", "set_at"]


@extend_schema_field({"type": "string", "enum": list(rails.RAILS)})
class RailField(serializers.CharField):
    """The name of a rail; what isn't one is refused beneath the doors."""


class NewRail(Body):
    """How you want to be paid: the rail, and what it asks for (`/rail/choices/`)."""

    rail = RailField()

    def get_fields(self) -> dict[str, Any]:
        """With everything that any rail asks for."""
        asked = (detail for rail in rails.RAILS.values() for detail in rail.fields(""))
        details = {
            detail.name: serializers.CharField(max_length=LONGEST_DETAIL, required=False, help_text=str(detail.label))
            for detail in asked
        }
        return super().get_fields() | details


class DetailData(serializers.Serializer[Any]):
    """One thing that a rail asks for; `choices` are what it may be, if that is a list."""

    name = serializers.CharField()
    title = serializers.CharField()
    example = serializers.CharField(help_text="How to write it; may be empty.")
    choices = serializers.ListField(child=serializers.CharField())


class RailChoice(serializers.Serializer[Any]):
    """A rail that reaches the country where you live."""

    rail = RailField()
    title = serializers.CharField()
    on = serializers.BooleanField(help_text="Whether it is switched on here.")
    fields_asked = DetailData(many=True)


class ChoicesData(serializers.Serializer[Any]):
    """What reaches the country where you live."""

    country = serializers.CharField()
    rails = RailChoice(many=True)


class PaymentData(serializers.ModelSerializer[PayoutItem]):
    """A payment to you. `amount` is euro cents of what was owed to you; `local_amount` what arrives, in `currency`."""

    trouble = serializers.CharField(source="trouble_in_words", read_only=True)

    class Meta:
        model = PayoutItem
        fields = [
            "id", "run", "rail", "amount", "currency", "local_amount", "state", "trouble", "reference", "planned_at",
            "sent_at", "ended_at",
        ]  # fmt: skip


class MyRail(APIView):
    """How I am paid."""

    permission_classes = [has_scope("pay"), IsMember]

    @extend_schema(responses={200: RailData, (404, "application/problem+json"): OpenApiTypes.OBJECT})
    def get(self, request: Request) -> Response:
        """My details as they are used now, masked; 404 while there are none."""
        return Response(RailData(get_object_or_404(RailDetails.objects.of(member_of(request)).current())).data)

    @extend_schema(request=NewRail, responses=RailData)
    def put(self, request: Request) -> Response:
        """Be paid this way from now on. What can't be paid to is refused by field."""
        serializer = NewRail(data=request.data)
        serializer.is_valid(raise_exception=True)
        details = dict(serializer.validated_data)
        member = member_of(request)
        done = set_rail_details(
            member=member, rail=details.pop("rail"), details=details, by=actor_of(request), now=coop_now()
        )
        return Response(RailData(done).data)


class PapersData(serializers.Serializer[Any]):
    url = serializers.URLField(help_text="Where Stripe asks for your papers; it lives a few minutes.")


class StripeAccount(APIView):
    """An account of one's own at Stripe."""

    permission_classes = [has_scope("pay"), IsMember]

    @extend_schema(request=None, responses=PapersData)
    @idempotent(spanning=True)
    def post(self, request: Request) -> Response:
        """Open an account at Stripe, or go on with the one there is. You are paid on it once Stripe has your papers."""
        member = member_of(request)
        return Response(
            {"url": open_stripe_account(member=member, by=actor_of(request), now=coop_now(), wall=wall_now())}
        )


class RailChoices(APIView):
    """Which rails reach me."""

    permission_classes = [has_scope("pay"), IsMember]

    @extend_schema(responses=ChoicesData)
    def get(self, request: Request) -> Response:
        """No rail reaches everywhere: those that reach you, and what each asks for."""
        country = member_of(request).country
        choices = [
            {
                "rail": name,
                "title": rails.title(name),
                "on": rail.is_on(),
                "fields_asked": [
                    {
                        "name": detail.name,
                        "title": str(detail.label),
                        "example": detail.help_text,
                        "choices": [key for key, _label in detail.choices],
                    }
                    for detail in rail.fields(country)
                ],
            }
            for name, rail in rails.RAILS.items()
            if rail.reaches(country)
        ]
        return Response(ChoicesData({"country": country, "rails": choices}).data)


class MyPayments(generics.ListAPIView[PayoutItem]):
    """What was sent to me, the latest first."""

    permission_classes = [has_scope("pay"), IsMember]
    serializer_class = PaymentData
    queryset = PayoutItem.objects.none()
    ordering = ("-planned_at", "-pk")

    def get_queryset(self) -> Any:
        """My own."""
        return PayoutItem.objects.visible_to(self.request.user)


# -- the treasurer


class FileData(serializers.ModelSerializer[BatchFile]):
    """A file to take to an operator. `total` is ISO minor units of `currency`; `open_rows` wait for an answer."""

    open_rows = serializers.SerializerMethodField()

    class Meta:
        model = BatchFile
        fields = [
            "id", "run", "rail", "operator", "currency", "rows", "total", "sha256", "file_name", "written_at", "downloaded_at", "open_rows",
        ]  # fmt: skip

    def get_open_rows(self, file: BatchFile) -> int:
        return file.items.under_way().count()


class BadLine(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    reason = serializers.CharField()


class TakenData(serializers.Serializer[Any]):
    """What an answer came to: rows paid, failed and come back now, known before, and each line that could not be used."""

    paid = serializers.IntegerField()
    failed = serializers.IntegerField()
    returned = serializers.IntegerField()
    known = serializers.IntegerField()
    bad = BadLine(many=True)


class RunFiles(generics.ListAPIView[BatchFile]):
    """The files of a run."""

    permission_classes = [has_scope("treasurer"), holds_office("treasurer")]
    serializer_class = FileData
    queryset = BatchFile.objects.none()
    ordering = ("operator", "pk")

    def get_queryset(self) -> Any:
        """Those of this run."""
        if getattr(self, "swagger_fake_view", False):
            return BatchFile.objects.none()
        return BatchFile.objects.in_use().filter(run=get_object_or_404(PayoutRun, pk=self.kwargs["run_id"]))


class RunFile(APIView):
    permission_classes = [has_scope("treasurer"), holds_office("treasurer")]

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request, run_id: UUID, file_id: UUID) -> HttpResponse:
        """The file, always the same bytes. 404 until it was taken (`download/`)."""
        file = get_object_or_404(BatchFile.objects.taken(), pk=file_id, run_id=run_id)
        return attachment(file.content(), name=file.file_name, content_type="text/csv")


class FileLink(serializers.Serializer[Any]):
    url = serializers.URLField()


class TakeFile(APIView):
    permission_classes = [has_scope("treasurer"), holds_office("treasurer")]

    @extend_schema(request=None, responses=FileLink)
    @idempotent
    def post(self, request: Request, run_id: UUID, file_id: UUID) -> Response:
        """Take the file to its operator: the first time is written down. The answer says where the bytes are."""
        file = download_batch_file(file=_file(run_id, file_id), by=actor_of(request), now=coop_now())
        return Response({"url": request.build_absolute_uri(f"/api/v1/runs/{file.run_id}/files/{file.pk}/")})


class ConfirmFile(APIView):
    permission_classes = [has_scope("treasurer"), holds_office("treasurer")]
    parser_classes = [CsvParser]

    @extend_schema(request={"text/csv": OpenApiTypes.STR}, responses=TakenData)
    @idempotent(spanning=True)
    def post(self, request: Request, run_id: UUID, file_id: UUID) -> Response:
        """The operator's answer, each row paid, failed with its reason, or come back. Good rows are booked, bad ones named by line."""
        if not isinstance(request.data, dict) or "csv" not in request.data:
            raise ValidationError({"file": ["text/csv"]})
        done = take_answer(
            file=_file(run_id, file_id), content=request.data["csv"], by=actor_of(request), now=coop_now()
        )
        return Response(TakenData(done).data)


class RunPaymentData(serializers.ModelSerializer[PayoutItem]):
    """A payment of a run, for the treasurer. While `reserved` is true the money is set aside and may have left."""

    epoch = serializers.IntegerField(source="attempt.epoch", default=1, read_only=True)
    tries = serializers.IntegerField(source="attempt.tries", default=0, read_only=True)
    trouble = serializers.CharField(source="trouble_in_words", read_only=True)

    class Meta:
        model = PayoutItem
        fields = [
            "id", "member", "rail", "amount", "currency", "local_amount", "state", "reserved", "epoch", "tries", "trouble",
            "reference", "planned_at", "sent_at", "ended_at",
        ]  # fmt: skip


class RunItems(generics.ListAPIView[PayoutItem]):
    """The payments of a run."""

    permission_classes = [has_scope("treasurer"), holds_office("treasurer")]
    serializer_class = RunPaymentData
    queryset = PayoutItem.objects.none()
    ordering = ("state", "pk")

    def get_queryset(self) -> Any:
        """Those of this run."""
        if getattr(self, "swagger_fake_view", False):
            return PayoutItem.objects.none()
        return PayoutItem.objects.select_related("attempt").filter(
            run=get_object_or_404(PayoutRun, pk=self.kwargs["run_id"])
        )


class Resolution(Body):
    paid = serializers.BooleanField()
    reference = serializers.CharField(
        max_length=LONGEST_REFERENCE, allow_blank=True, default="", help_text="The rail's own."
    )


class ResolveItem(APIView):
    permission_classes = [has_scope("treasurer"), holds_office("treasurer")]

    @extend_schema(request=Resolution, responses=RunPaymentData)
    @idempotent
    def post(self, request: Request, item_id: UUID) -> Response:
        """What became of a payment that the rail's own list could not explain: paid, under a reference, or not paid.

        One that is planned for a rail which is switched off can be given up as not paid; the next run pays it another way.
        """
        item = get_object_or_404(PayoutItem, pk=item_id)
        serializer = Resolution(data=request.data)
        serializer.is_valid(raise_exception=True)
        done = resolve_item(item=item, by=actor_of(request), now=coop_now(), **serializer.validated_data)
        return Response(RunPaymentData(done).data)


class RateData(serializers.ModelSerializer[ExchangeRate]):
    """`num/den` units of the currency for one euro."""

    class Meta:
        model = ExchangeRate
        fields = ["currency", "num", "den", "source", "read_at", "recorded_at"]
        read_only_fields = ["recorded_at"]


class NewRate(Body):
    currency = serializers.ChoiceField(choices=sorted(set(CURRENCIES) - {"EUR"}))
    num = serializers.IntegerField(min_value=1, max_value=LARGEST_AMOUNT)
    den = serializers.IntegerField(min_value=1, max_value=LARGEST_AMOUNT, default=1)
    source = serializers.CharField(**limits(ExchangeRate, "source"))  # type: ignore[assignment]  # a field, which DRF takes out of the class
    read_at = serializers.DateTimeField(required=False, help_text="Now, where it is left out.")


class Rates(generics.ListAPIView[ExchangeRate]):
    """Exchange rates as they were recorded, the latest first; public."""

    permission_classes = [AllowAny]
    serializer_class = RateData
    queryset = ExchangeRate.objects.all()
    ordering = ("-recorded_at", "-pk")

    def get_permissions(self) -> Any:
        """Anybody reads; the treasurer records."""
        return (
            [has_scope("treasurer")(), holds_office("treasurer")()] if self.request.method == "POST" else [AllowAny()]
        )

    @extend_schema(request=NewRate, responses={201: RateData})
    @idempotent
    def post(self, request: Request) -> Response:
        """Record a rate with its source; payouts reserved from now on use it."""
        serializer = NewRate(data=request.data)
        serializer.is_valid(raise_exception=True)
        now = coop_now()
        given = {"read_at": now} | serializer.validated_data
        return Response(RateData(record_rate(by=actor_of(request), now=now, **given)).data, status=201)


def _file(run_id: UUID, file_id: UUID) -> BatchFile:
    return get_object_or_404(BatchFile, pk=file_id, run_id=run_id)


urlpatterns: list[URLPattern | URLResolver] = [
    path("rail/", MyRail.as_view(), name="rail"),
    path("rail/stripe-account/", StripeAccount.as_view(), name="stripe-account"),
    path("rail/choices/", RailChoices.as_view(), name="rail-choices"),
    path("payments/", MyPayments.as_view(), name="payments"),
    path("runs/<uuid:run_id>/files/", RunFiles.as_view(), name="run-files"),
    path("runs/<uuid:run_id>/files/<uuid:file_id>/", RunFile.as_view(), name="run-file"),
    path("runs/<uuid:run_id>/files/<uuid:file_id>/download/", TakeFile.as_view(), name="take-file"),
    path("runs/<uuid:run_id>/files/<uuid:file_id>/confirm/", ConfirmFile.as_view(), name="confirm-file"),
    path("runs/<uuid:run_id>/items/", RunItems.as_view(), name="run-items"),
    path("items/<uuid:item_id>/resolve/", ResolveItem.as_view(), name="resolve-item"),
    path("rates/", Rates.as_view(), name="rates"),
]
