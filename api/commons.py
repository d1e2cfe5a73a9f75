"""API: the commons: datasets, policies, requests for access, grants and the files they open. Everything is public but the files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, URLResolver, path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.bodies import Body
from api.idempotency import idempotent
from api.permissions import actor_of, has_scope, holds_office
from coop.commons import screen
from coop.commons.actions import (
    fetch_file,
    open_dataset,
    publish_release,
    request_access,
    withdraw_request,
)
from coop.commons.models import AccessEvent, AccessRequest, Dataset, Grant, Release, ReleaseFile, UsePolicy
from coop.commons.models.access import LARGEST_OFFER
from coop.doors.answers import attachment
from coop.doors.limits import limits
from coop.ground.clock import coop_now
from coop.ground.places import COUNTRIES
from coop.members.models import OfficeKind
from coop.work.models import Project
from payouts.actions.commons_income import receive_access_fee
from payouts.models.rails import LONGEST_REFERENCE


class PolicyData(serializers.ModelSerializer[UsePolicy]):
    """What a dataset may be used for: ODRL, its canonical SHA-256, and plain words by language."""

    sentences = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = UsePolicy
        fields = ["id", "dataset", "version", "odrl", "odrl_sha256", "texts", "sentences", "decision", "adopted_at"]


class ReleasedFile(serializers.ModelSerializer[ReleaseFile]):
    """A file of a release; its content opens with a grant."""

    class Meta:
        model = ReleaseFile
        fields = ["name", "sha256"]


class ReleaseData(serializers.ModelSerializer[Release]):
    """An immutable version of a dataset."""

    files = ReleasedFile(many=True, read_only=True)

    class Meta:
        model = Release
        fields = ["id", "version", "policy", "units", "contributors", "manifest_sha256", "released_at", "files"]


class DatasetData(serializers.ModelSerializer[Dataset]):
    """A dataset as everyone may read it."""

    policy = serializers.SerializerMethodField()
    releases = ReleaseData(many=True, read_only=True)

    class Meta:
        model = Dataset
        fields = [
            *("id", "title", "summary", "origin", "client_rights", "returns", "personal_data", "opened_at"),
            *("policy", "releases"),
        ]

    def get_policy(self, dataset: Dataset) -> UUID:
        """The policy in force."""
        return dataset.policy.pk


class NewDataset(Body):
    """What a steward says about data that returned to the commons."""

    project = serializers.UUIDField()
    title = serializers.CharField(**limits(Dataset, "title"))
    summary = serializers.CharField(**limits(Dataset, "summary"))
    client_rights = serializers.CharField(
        **limits(Dataset, "client_rights"), help_text="By what right it is ours to share."
    )
    returns = serializers.ChoiceField(choices=Dataset.Returns.choices, default=Dataset.Returns.LABELS)
    personal_data = serializers.BooleanField(default=False)


class ScreeningData(serializers.Serializer[Any]):
    """What the machine said: `refused` with a reason, or `people`. There is no yes."""

    verdict = serializers.ChoiceField(choices=["refused", "people"])
    reason = serializers.CharField(allow_blank=True)
    rules = serializers.ListField(child=serializers.CharField())
    undecided = serializers.ListField(child=serializers.CharField())
    duties = serializers.ListField(child=serializers.CharField())


class RequestData(serializers.ModelSerializer[AccessRequest]):
    """A request in full, as the public register has it. The person who asked is not named, the organisation is."""

    screening = ScreeningData(read_only=True)
    refused_because = serializers.CharField(read_only=True)
    grant = serializers.SerializerMethodField()
    mine = serializers.SerializerMethodField()

    class Meta:
        model = AccessRequest
        fields = [
            *("id", "dataset", "policy", "organisation", "legal_form", "country", "sector", "purpose", "purpose_text"),
            *("actions", "recipients", "recipient_sectors", "environment", "until", "offer", "simulated", "mine"),
            *("screening", "proposal", "outcome", "refused_for", "refused_because", "decision", "grant"),
            *("submitted_at", "decided_at"),
        ]

    def get_grant(self, request: AccessRequest) -> UUID | None:
        """The grant, where access was given."""
        found = getattr(request, "grant", None)
        return found.pk if found else None

    def get_mine(self, request: AccessRequest) -> bool:
        """Whether it is the request of the person asking."""
        return bool(request.asked_by_id == self.context["request"].user.pk)


class NewRequest(Body):
    """Who asks, what for, what will be done, and who will receive it. All of it is published at once."""

    dataset = serializers.UUIDField()
    organisation = serializers.CharField(**limits(AccessRequest, "organisation"))
    legal_form = serializers.ChoiceField(choices=list(screen.LEGAL_FORMS.items()))
    country = serializers.ChoiceField(choices=COUNTRIES, help_text="Two capital letters (ISO 3166).")
    sector = serializers.ChoiceField(choices=list(screen.SECTORS.items()))
    purpose = serializers.ChoiceField(choices=list(screen.PURPOSES.items()))
    purpose_text = serializers.CharField(**limits(AccessRequest, "purpose_text"))
    actions = serializers.ListField(
        child=serializers.ChoiceField(choices=list(screen.ACTIONS.items())),
        min_length=1,
        max_length=len(screen.ACTIONS),
    )
    recipients = serializers.CharField(**limits(AccessRequest, "recipients"))
    recipient_sectors = serializers.ListField(
        child=serializers.ChoiceField(choices=list(screen.SECTORS.items())),
        default=list,
        max_length=len(screen.SECTORS),
    )
    environment = serializers.ChoiceField(choices=list(screen.ENVIRONMENTS.items()), default="download")
    until = serializers.DateField()
    offer = serializers.IntegerField(
        min_value=0, max_value=LARGEST_OFFER, default=0, help_text="For the commons fund, in euro cents."
    )


class FetchedFile(serializers.Serializer[Any]):
    """A file that was fetched."""

    file = serializers.CharField()
    at = serializers.DateTimeField()


class GrantData(serializers.ModelSerializer[Grant]):
    """Access that was given: to what, under which policy and agreement, until when, and what was fetched."""

    organisation = serializers.CharField(source="request.organisation", read_only=True)
    dataset = serializers.UUIDField(source="request.dataset_id", read_only=True)
    release = ReleaseData(read_only=True)
    open = serializers.SerializerMethodField()
    events = FetchedFile(many=True, read_only=True)

    class Meta:
        model = Grant
        fields = [
            *("id", "request", "organisation", "dataset", "release", "policy_sha256", "agreement_sha256", "fee"),
            *("fee_paid_at", "decision", "starts_at", "ends_at", "open", "events"),
        ]

    def get_open(self, grant: Grant) -> bool:
        """Whether the files may be fetched now."""
        return grant.is_open_on(coop_now())


class AccessFee(Body):
    """What the treasurer saw on the bank account."""

    amount = serializers.IntegerField(min_value=0, max_value=LARGEST_OFFER, help_text="Euro cents.")
    reference = serializers.CharField(max_length=LONGEST_REFERENCE, allow_blank=True, default="")


class RegisterQuery(serializers.Serializer[Any]):
    """Which part of the register."""

    outcome = serializers.ChoiceField(choices=["granted", "refused", "waiting"], required=False)


def _requests() -> Any:
    return AccessRequest.objects.select_related("dataset", "policy", "grant")


def _grants() -> Any:
    related = Grant.objects.select_related("request", "request__dataset", "release")
    return related.prefetch_related("events", "release__files")


class Datasets(generics.ListAPIView[Dataset]):
    """What the commons holds."""

    serializer_class = DatasetData
    ordering = ("-opened_at", "-pk")

    def get_permissions(self) -> list[Any]:
        """Anyone reads; a steward adds."""
        if self.request.method == "POST":
            return [has_scope("commons")(), holds_office(OfficeKind.STEWARD)()]
        return [AllowAny()]

    def get_queryset(self) -> Any:
        """All of them."""
        return Dataset.objects.prefetch_related("releases__files")

    @extend_schema(request=NewDataset, responses={201: DatasetData})
    @idempotent
    def post(self, request: Request) -> Response:
        """Take the labels of a delivered project into the commons, with the default policy and a first release."""
        serializer = NewDataset(data=request.data)
        serializer.is_valid(raise_exception=True)
        stated = dict(serializer.validated_data)
        project = get_object_or_404(Project.objects.disclosed(), pk=stated.pop("project"))
        made = open_dataset(project=project, by=actor_of(request), now=coop_now(), **stated)
        return Response(DatasetData(made).data, status=201)


class OneDataset(generics.RetrieveAPIView[Dataset]):
    """One dataset with its releases."""

    permission_classes = [AllowAny]
    serializer_class = DatasetData
    lookup_url_kwarg = "dataset_id"
    queryset = Dataset.objects.prefetch_related("releases__files")


class Releases(APIView):
    """Versions of a dataset."""

    permission_classes = [has_scope("commons"), holds_office(OfficeKind.STEWARD)]

    @extend_schema(request=None, responses={201: ReleaseData})
    @idempotent
    def post(self, request: Request, dataset_id: UUID) -> Response:
        """Freeze the labels as they stand. Where nothing changed, the last release."""
        dataset = get_object_or_404(Dataset, pk=dataset_id)
        release = publish_release(dataset=dataset, by=actor_of(request), now=coop_now())
        return Response(ReleaseData(release).data, status=201)


class Policy(generics.RetrieveAPIView[UsePolicy]):
    """A policy, for machines and for people."""

    permission_classes = [AllowAny]
    serializer_class = PolicyData
    lookup_url_kwarg = "policy_id"
    queryset = UsePolicy.objects.all()


class Requests(generics.ListAPIView[AccessRequest]):
    """Requests for access, all of them: waiting, granted and refused."""

    serializer_class = RequestData
    ordering = ("-submitted_at", "-pk")

    def get_permissions(self) -> list[Any]:
        """Anyone reads; anyone with an account asks."""
        return [has_scope("commons", "requester")()] if self.request.method == "POST" else [AllowAny()]

    def get_queryset(self) -> Any:
        """All, or those of one outcome."""
        if getattr(self, "swagger_fake_view", False):
            return AccessRequest.objects.none()
        serializer = RegisterQuery(data=self.request.query_params)
        serializer.is_valid(raise_exception=True)
        outcome = serializer.validated_data.get("outcome")
        return _requests().filter(outcome="" if outcome == "waiting" else outcome) if outcome else _requests()

    @extend_schema(parameters=[RegisterQuery])
    def get(self, request: Request) -> Response:
        """The register, newest first."""
        return self.list(request)

    @extend_schema(request=NewRequest, responses={201: RequestData})
    @idempotent
    def post(self, request: Request) -> Response:
        """Ask. What crosses a red line is refused at once, and the answer says which; the rest goes to the stewards' vote."""
        serializer = NewRequest(data=request.data)
        serializer.is_valid(raise_exception=True)
        stated = dict(serializer.validated_data)
        dataset = Dataset.objects.filter(pk=stated.pop("dataset")).first()
        if dataset is None:
            raise Http404
        made = request_access(dataset=dataset, by=actor_of(request), now=coop_now(), **stated)
        return Response(RequestData(made, context={"request": request}).data, status=201)


class Register(Requests):
    """The public register of access: the same list, to read."""

    http_method_names = ["get", "head", "options"]


class OneRequest(generics.RetrieveAPIView[AccessRequest]):
    """One request in full."""

    permission_classes = [AllowAny]
    serializer_class = RequestData
    lookup_url_kwarg = "request_id"
    queryset = AccessRequest.objects.select_related("dataset", "policy", "grant")


class Withdrawal(APIView):
    """Taking a request back."""

    permission_classes = [has_scope("commons", "requester")]

    @extend_schema(request=None, responses=RequestData)
    @idempotent
    def post(self, request: Request, request_id: UUID) -> Response:
        """Take one's own request back; it stays in the register."""
        mine = get_object_or_404(AccessRequest.objects.made_by(request.user), pk=request_id)
        taken = withdraw_request(request=mine, by=actor_of(request), now=coop_now())
        return Response(RequestData(taken, context={"request": request}).data)


class Grants(generics.ListAPIView[Grant]):
    """Access that was given."""

    permission_classes = [AllowAny]
    serializer_class = GrantData
    ordering = ("-starts_at", "-pk")

    def get_queryset(self) -> Any:
        """All of them."""
        return _grants()


class OneGrant(generics.RetrieveAPIView[Grant]):
    """One grant, with what was fetched."""

    permission_classes = [AllowAny]
    serializer_class = GrantData
    lookup_url_kwarg = "grant_id"

    def get_queryset(self) -> Any:
        """All of them."""
        return _grants()


class FeePaid(APIView):
    """The fee of a grant."""

    permission_classes = [has_scope("treasurer"), holds_office(OfficeKind.TREASURER)]

    @extend_schema(request=AccessFee, responses=GrantData)
    @idempotent
    def post(self, request: Request, grant_id: UUID) -> Response:
        """Confirm that the fee was received: it goes to the commons fund, and the release opens."""
        serializer = AccessFee(data=request.data)
        serializer.is_valid(raise_exception=True)
        grant = get_object_or_404(Grant, pk=grant_id)
        receive_access_fee(grant=grant, by=actor_of(request), now=coop_now(), **serializer.validated_data)
        return Response(GrantData(_grants().get(pk=grant.pk)).data)


class LinkData(serializers.Serializer[Any]):
    """Where a file can be had now, as often as the line breaks."""

    url = serializers.URLField()
    open_until = serializers.DateTimeField()


class File(APIView):
    """A file of a granted release."""

    permission_classes = [has_scope("commons", "requester")]

    @extend_schema(
        request=None, parameters=[OpenApiParameter("name", str, OpenApiParameter.PATH)], responses={201: LinkData}
    )
    @idempotent
    def post(self, request: Request, grant_id: UUID, name: str) -> Response:
        """Fetch it. Only who asked may; that it was fetched is public. The answer says where the bytes are for an hour."""
        grant = get_object_or_404(Grant.objects.held_by(request.user), pk=grant_id)
        try:
            event = fetch_file(grant=grant, name=name, by=actor_of(request), now=coop_now())
        except ReleaseFile.DoesNotExist:
            raise Http404 from None
        url = request.build_absolute_uri(f"/api/v1/grants/{grant.pk}/downloads/{event.pk}/")
        return Response(LinkData({"url": url, "open_until": event.open_until}).data, status=201)


class Download(APIView):
    """What a link gives."""

    permission_classes = [has_scope("commons", "requester")]

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, grant_id: UUID, event_id: int) -> HttpResponse:
        """The bytes, for who fetched them. Writes nothing down."""
        event = get_object_or_404(AccessEvent.objects.open_to(request.user, coop_now()), grant=grant_id, pk=event_id)
        return attachment(event.content(), name=event.file)


urlpatterns: list[URLPattern | URLResolver] = [
    path("datasets/", Datasets.as_view(), name="datasets"),
    path("datasets/<uuid:dataset_id>/", OneDataset.as_view(), name="dataset"),
    path("datasets/<uuid:dataset_id>/releases/", Releases.as_view(), name="releases"),
    path("policies/<uuid:policy_id>/", Policy.as_view(), name="policy"),
    path("access-requests/", Requests.as_view(), name="access_requests"),
    path("access-requests/<uuid:request_id>/", OneRequest.as_view(), name="access_request"),
    path("access-requests/<uuid:request_id>/withdraw/", Withdrawal.as_view(), name="access_request_withdrawal"),
    path("register/", Register.as_view(), name="register"),
    path("grants/", Grants.as_view(), name="grants"),
    path("grants/<uuid:grant_id>/", OneGrant.as_view(), name="grant"),
    path("grants/<uuid:grant_id>/fee/", FeePaid.as_view(), name="grant_fee"),
    path("grants/<uuid:grant_id>/files/<str:name>/", File.as_view(), name="grant_file"),
    path("grants/<uuid:grant_id>/downloads/<int:event_id>/", Download.as_view(), name="grant_download"),
]
