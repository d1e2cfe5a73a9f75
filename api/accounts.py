"""API: who I am, my membership, and applications to join."""

from __future__ import annotations

from typing import Any

from allauth.idp.oidc.models import Token
from django.urls import URLPattern, URLResolver, path
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.bodies import Body
from api.idempotency import idempotent
from api.permissions import actor_of, has_scope, member_of, member_or_none, person_of
from coop.doors.limits import limits
from coop.doors.scopes import SCOPES
from coop.ground.clock import coop_now
from coop.ground.places import COUNTRIES, LANGUAGES
from coop.members.actions import apply, describe_membership
from coop.members.models import Application, College, Engagement, Member, Office


class Description(Body):
    """What a person says about themselves."""

    name = serializers.CharField(**limits(Member, "name"))
    country = serializers.ChoiceField(choices=COUNTRIES, help_text="Two capital letters (ISO 3166).")
    languages = serializers.ListField(
        child=serializers.ChoiceField(choices=LANGUAGES, help_text="ISO 639 code."), allow_empty=False
    )
    engagement = serializers.ChoiceField(choices=Engagement.choices, default=Engagement.UNKNOWN)


class MembershipData(serializers.ModelSerializer[Member]):
    offices = serializers.SerializerMethodField()

    class Meta:
        model = Member
        fields = [
            "id",
            "name",
            "college",
            "country",
            "languages",
            "engagement",
            "pseudonym",
            "log_pseudonym",
            "simulated",
            "admitted_at",
            "offices",
        ]

    def get_offices(self, member: Member) -> list[str]:
        return sorted(Office.objects.on(coop_now()).filter(member=member).values_list("kind", flat=True))


class MeData(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    simulated = serializers.BooleanField()
    scopes = serializers.ListField(child=serializers.CharField(), help_text="What this token or session may do.")
    member = MembershipData(allow_null=True)


class ApplicationData(serializers.ModelSerializer[Application]):
    class Meta:
        model = Application
        fields = [
            "id", "name", "college", "country", "languages", "engagement", "statement", "simulated", "applied_at", "outcome", "decided_at", "decision",
        ]  # fmt: skip


class NewApplication(Description):
    college = serializers.ChoiceField(choices=College.choices)
    statement = serializers.CharField(**limits(Application, "statement"), allow_blank=True, default="")


class Me(APIView):
    """The person asking."""

    def get_permissions(self) -> list[Any]:
        """Anybody who is logged in may ask who they are; only with the scope may they change it."""
        return [IsAuthenticated()] if self.request.method in ("GET", "HEAD", "OPTIONS") else [has_scope("member")()]

    @extend_schema(responses=MeData)
    def get(self, request: Request) -> Response:
        """Who I am, whether I am a member, and what this token may do."""
        return Response(_me(request, member_or_none(request)))

    @extend_schema(request=Description, responses=MeData)
    def patch(self, request: Request) -> Response:
        """Change what my membership says about me."""
        member = member_of(request)
        serializer = Description(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        kept = {name: getattr(member, name) for name in ("name", "country", "languages", "engagement")}
        changed = describe_membership(
            member=member, by=actor_of(request), now=coop_now(), **kept | dict(serializer.validated_data)
        )
        return Response(_me(request, changed))


class Applications(generics.ListAPIView[Application]):
    """Applications to join: members see those that wait for a vote, everyone sees their own."""

    permission_classes = [has_scope("member")]
    serializer_class = ApplicationData
    ordering = ("-applied_at", "-pk")

    def get_queryset(self) -> Any:
        """What this person may see."""
        if getattr(self, "swagger_fake_view", False):
            return Application.objects.none()
        mine = Application.objects.of(self.request.user)
        return mine | Application.objects.waiting() if member_or_none(self.request) else mine

    @extend_schema(request=NewApplication, responses={201: ApplicationData})
    @idempotent
    def post(self, request: Request) -> Response:
        """Ask to become a member. The members decide by vote."""
        serializer = NewApplication(data=request.data)
        serializer.is_valid(raise_exception=True)
        made = apply(by=actor_of(request), now=coop_now(), **serializer.validated_data)
        return Response(ApplicationData(made).data, status=201)


def _me(request: Request, member: Member | None) -> dict[str, Any]:
    scopes = request.auth.get_scopes() if isinstance(request.auth, Token) else list(SCOPES)
    person = person_of(request)
    data = MeData(
        {
            "id": person.pk,
            "email": person.email,
            "name": person.name,
            "simulated": person.simulated,
            "scopes": scopes,
            "member": member,
        }
    ).data
    return dict(data)


urlpatterns: list[URLPattern | URLResolver] = [
    path("me/", Me.as_view(), name="me"),
    path("applications/", Applications.as_view(), name="applications"),
]
