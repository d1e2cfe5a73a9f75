"""API: what requesters order: clients, projects, items, quotes."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.bodies import Body
from api.idempotency import idempotent
from api.parsers import StrictJSONParser
from api.permissions import actor_of, has_scope
from coop.doors.limits import limits
from coop.ground.clock import coop_now
from coop.ground.csv import ENCODINGS
from coop.ground.places import COUNTRIES, LANGUAGES
from coop.work import actions
from coop.work.kinds import KINDS
from coop.work.models import END_USES, Client, Item, ItemImport, Project, Quote, QuoteLine
from payouts.actions.orders import cancel_project_order

LARGEST_UPLOAD = 20 * 1024 * 1024


class CsvParser(BaseParser):
    """The bytes of a CSV file, as they came."""

    media_type = "text/csv"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, bytes]:
        """{"csv": the bytes}; 400 where there are too many."""
        content = stream.read(LARGEST_UPLOAD + 1)
        if len(content) > LARGEST_UPLOAD:
            raise ValidationError({"file": [_("The file is larger than %(mb)d MB.") % {"mb": LARGEST_UPLOAD >> 20}]})
        return {"csv": content}


# -- shapes


class ClientData(Body, serializers.ModelSerializer[Client]):
    country = serializers.ChoiceField(choices=COUNTRIES, help_text="Two capital letters (ISO 3166).")

    class Meta:
        model = Client
        fields = [
            "id", "legal_name", "country", "kind", "vat_id", "contact", "beneficial_client", "subcontract_chain", "registered_at",
        ]  # fmt: skip
        read_only_fields = ["id", "registered_at"]


@extend_schema_field({"type": "string", "enum": list(KINDS)})
class KindField(serializers.CharField):
    """The kind of task; what isn't one is refused beneath the doors."""


class Stated(Body):
    """What a requester states about a project. Whom it is for and what for is mandatory, and shown to members."""

    title = serializers.CharField(**limits(Project, "title"))
    purpose = serializers.CharField(**limits(Project, "purpose"))
    final_client = serializers.CharField(**limits(Project, "final_client"))
    end_use = serializers.ListField(child=serializers.ChoiceField(choices=list(END_USES)), allow_empty=False)
    product = serializers.CharField(**limits(Project, "product"))
    sold_as_automated = serializers.BooleanField(default=False)
    disclosure = serializers.CharField(**limits(Project, "disclosure"), allow_blank=True, default="")
    languages = serializers.ListField(child=serializers.ChoiceField(choices=LANGUAGES), default=list)
    task_type = KindField()
    template = serializers.DictField(help_text="As the kind of task asks for it")
    instructions = serializers.CharField(**limits(Project, "instructions"))
    redundancy = serializers.IntegerField(**limits(Project, "redundancy"), required=False)
    seconds_per_answer = serializers.IntegerField(**limits(Project, "seconds_per_answer"))


class NewProject(Stated):
    client = serializers.UUIDField()


class LineData(serializers.ModelSerializer[QuoteLine]):
    class Meta:
        model = QuoteLine
        fields = ["key", "amount", "seconds", "share"]


class QuoteData(serializers.ModelSerializer[Quote]):
    """Amounts in minor units; shares in basis points."""

    lines = serializers.SerializerMethodField()

    class Meta:
        model = Quote
        fields = [
            "id", "rule_book", "items", "redundancy", "seconds_per_answer", "answers", "labour", "total", "escrow",
            "price_per_answer", "currency", "quoted_at", "valid_until", "lines",
        ]  # fmt: skip

    @extend_schema_field(LineData(many=True))
    def get_lines(self, quote: Quote) -> Any:
        return LineData(quote.lines.order_by("position"), many=True).data


class ProjectData(serializers.ModelSerializer[Project]):
    client = ClientData()
    quote = QuoteData(allow_null=True)
    progress = serializers.SerializerMethodField()

    class Meta:
        model = Project
        fields = [
            "id", "client", "title", "purpose", "final_client", "end_use", "product", "sold_as_automated", "disclosure", "languages",
            "task_type", "template", "instructions", "redundancy", "seconds_per_answer", "status", "rule_book", "price_per_answer",
            "funded_answers", "drafted_at", "submitted_at", "quoted_at", "funded_at", "live_at", "paused_at", "done_at",
            "cancelled_at", "quote", "progress",
        ]  # fmt: skip

    def get_progress(self, project: Project) -> dict[str, int]:
        return vars(project.items.progress())


class ItemData(serializers.ModelSerializer[Item]):
    class Meta:
        model = Item
        fields = ["seq", "external_id", "payload", "extra", "target", "n_active", "n_done"]


class ImportData(serializers.ModelSerializer[ItemImport]):
    refused = serializers.ListField(
        source="refused_in_words",
        child=serializers.DictField(),
        help_text="{line, field, reason, row} of each refused row",
    )

    class Meta:
        model = ItemImport
        fields = ["kept", "unchanged", "refused", "imported_at"]
        extra_kwargs = {"unchanged": {"help_text": "Rows that were there already, with the same id and content"}}


# -- endpoints


class Clients(generics.ListAPIView[Client]):
    """The organisations I may act for."""

    permission_classes = [has_scope("requester")]
    serializer_class = ClientData
    ordering = ("-registered_at", "-pk")

    def get_queryset(self) -> Any:
        """Mine."""
        return Client.objects.of(self.request.user)

    @extend_schema(request=ClientData, responses={201: ClientData})
    @idempotent
    def post(self, request: Request) -> Response:
        """Register an organisation that orders work."""
        serializer = ClientData(data=request.data)
        serializer.is_valid(raise_exception=True)
        client = actions.register_client(by=actor_of(request), now=coop_now(), **serializer.validated_data)
        return Response(ClientData(client).data, status=201)


class Projects(generics.ListAPIView[Project]):
    """My projects."""

    permission_classes = [has_scope("requester")]
    serializer_class = ProjectData
    ordering = ("-drafted_at", "-pk")

    def get_queryset(self) -> Any:
        """Those of my clients."""
        return Project.objects.visible_to(self.request.user).select_related("client", "quote")

    @extend_schema(request=NewProject, responses={201: ProjectData})
    @idempotent
    def post(self, request: Request) -> Response:
        """Begin an order. Closed categories and chains of firms are refused by name."""
        serializer = NewProject(data=request.data)
        serializer.is_valid(raise_exception=True)
        stated = dict(serializer.validated_data)
        client = Client.objects.of(request.user).filter(pk=stated.pop("client")).first()
        if client is None:
            raise ValidationError({"client": [_("This is none of your clients.")]})
        project = actions.draft_project(client=client, by=actor_of(request), now=coop_now(), **stated)
        return Response(ProjectData(project).data, status=201)


class OneProject(APIView):
    permission_classes = [has_scope("requester")]

    @extend_schema(responses=ProjectData)
    def get(self, request: Request, project_id: str) -> Response:
        """One of my projects, with its quote and how far it has come."""
        return Response(ProjectData(visible(request, project_id)).data)

    @extend_schema(request=Stated, responses=ProjectData)
    def patch(self, request: Request, project_id: str) -> Response:
        """Change what is stated, until it is paid. A quote it had no longer holds."""
        project = editable(request, project_id)
        serializer = Stated(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        actions.revise_project(project=project, by=actor_of(request), now=coop_now(), **serializer.validated_data)
        return Response(ProjectData(visible(request, project_id)).data)


class NewItem(serializers.Serializer[Any]):
    payload = serializers.DictField()
    external_id = serializers.CharField(required=False)
    extra = serializers.DictField(required=False)


class Items(generics.ListAPIView[Item]):
    """The items of a project."""

    permission_classes = [has_scope("requester")]
    parser_classes = [StrictJSONParser, CsvParser]
    serializer_class = ItemData
    ordering = ("pk",)

    def get_queryset(self) -> Any:
        """Those of this project, if it is mine."""
        if getattr(self, "swagger_fake_view", False):
            return Item.objects.none()
        return Item.objects.filter(project=visible(self.request, self.kwargs["project_id"]))

    @extend_schema(
        request={"text/csv": OpenApiTypes.STR, "application/json": NewItem(many=True)},
        parameters=[
            OpenApiParameter("bad_rows", str, enum=["refuse_all", "keep_good"], default="refuse_all"),
            OpenApiParameter("encoding", str, enum=list(ENCODINGS), default="utf-8", description="of the CSV file"),
        ],
        responses={201: ImportData},
    )
    @idempotent
    def post(self, request: Request, project_id: str) -> Response:
        """Add items, as CSV with a header or as a JSON list. Each bad row is named by line and reason.

        A row whose `external_id` and content are there already is left as it is, so the same upload may be sent again.
        With `?bad_rows=keep_good` the sound rows are kept; otherwise one bad row refuses all (400).
        """
        project = editable(request, project_id)
        choice = request.query_params.get("bad_rows", "refuse_all")
        if choice not in ("refuse_all", "keep_good"):
            raise ValidationError({"bad_rows": [_("Choose refuse_all or keep_good.")]})
        by, keep_good, now = actor_of(request), choice == "keep_good", coop_now()
        if isinstance(request.data, dict) and "csv" in request.data and isinstance(request.data["csv"], bytes):
            done = actions.import_csv(
                project=project,
                content=request.data["csv"],
                encoding=_encoding(request),
                keep_good=keep_good,
                by=by,
                now=now,
            )
        elif isinstance(request.data, list):
            done = actions.import_json(project=project, rows=request.data, keep_good=keep_good, by=by, now=now)
        else:
            raise ValidationError({"items": [_("Send text/csv, or a list of items as JSON.")]})
        if done.refused and not done.kept and not (keep_good and done.unchanged):
            raise ValidationError(
                {f"line {row['line']}: {row['field']}".rstrip(": "): [row["reason"]] for row in done.refused_in_words}
            )
        return Response(ImportData(done).data, status=201)


def _encoding(request: Request) -> str:
    encoding = request.query_params.get("encoding", "utf-8").lower()
    if encoding not in ENCODINGS:
        raise ValidationError({"encoding": [_("Choose one of: %(names)s.") % {"names": ", ".join(ENCODINGS)}]})
    return encoding


class QuoteProject(APIView):
    permission_classes = [has_scope("requester")]

    @extend_schema(request=None, responses={201: QuoteData})
    @idempotent
    def post(self, request: Request, project_id: str) -> Response:
        """Reckon the price, itemised. Asking again gives the same quote while it and the rules hold."""
        quote = actions.quote_project(project=editable(request, project_id), by=actor_of(request), now=coop_now())
        return Response(QuoteData(quote).data, status=201)


class CancelProject(APIView):
    permission_classes = [has_scope("requester")]

    @extend_schema(request=None, responses=ProjectData)
    @idempotent(spanning=True)
    def post(self, request: Request, project_id: str) -> Response:
        """Withdraw a project before anybody began to work on it; what was paid goes back."""
        cancel_project_order(project=editable(request, project_id), by=actor_of(request), now=coop_now())
        return Response(ProjectData(visible(request, project_id)).data)


class PauseProject(APIView):
    permission_classes = [has_scope("requester")]

    @extend_schema(request=None, responses=ProjectData)
    @idempotent
    def post(self, request: Request, project_id: str, verb: str) -> Response:
        """Hand out no items for now, or hand them out again."""
        action = actions.pause_project if verb == "pause" else actions.resume_project
        action(project=editable(request, project_id), by=actor_of(request), now=coop_now())
        return Response(ProjectData(visible(request, project_id)).data)


def visible(request: Request, project_id: Any) -> Project:
    """The project of this address, if whoever asks may see it; else 404."""
    mine = Project.objects.visible_to(request.user).select_related("client", "quote")
    return get_object_or_404(mine, pk=project_id)


def editable(request: Request, project_id: Any) -> Project:
    """Likewise, if they may change it."""
    mine = Project.objects.editable_by(request.user).select_related("client", "quote")
    return get_object_or_404(mine, pk=project_id)


urlpatterns: list[URLPattern | URLResolver] = [
    path("clients/", Clients.as_view()),
    path("projects/", Projects.as_view()),
    path("projects/<uuid:project_id>/", OneProject.as_view()),
    path("projects/<uuid:project_id>/items/", Items.as_view()),
    path("projects/<uuid:project_id>/quote/", QuoteProject.as_view()),
    path("projects/<uuid:project_id>/cancel/", CancelProject.as_view()),
    path("projects/<uuid:project_id>/pause/", PauseProject.as_view(), {"verb": "pause"}),
    path("projects/<uuid:project_id>/resume/", PauseProject.as_view(), {"verb": "resume"}),
]
