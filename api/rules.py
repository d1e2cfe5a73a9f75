"""API: the rules in force, each with its history and the vote behind it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from coop.ground.clock import coop_now
from coop.rules.actions import in_force
from coop.rules.catalogue import CATALOGUE
from coop.rules.catalogue.rule import Rule
from coop.rules.models import RuleVersion


class VersionData(serializers.ModelSerializer[RuleVersion]):
    """One value of a rule: since when, and by which proposal (none for the founding)."""

    decision_url = serializers.SerializerMethodField()

    class Meta:
        model = RuleVersion
        fields = ["id", "number", "value", "effective_from", "decision", "decision_url", "recorded_at"]

    def get_decision_url(self, version: RuleVersion) -> str | None:
        return f"/proposals/{version.decision}/" if version.decision else None


class RuleData(serializers.Serializer[Any]):
    """A rule of the catalogue and its value in force. Amounts are minor units, shares basis points, times seconds or days."""

    key = serializers.CharField()
    title = serializers.CharField()
    explanation = serializers.CharField()
    kind = serializers.CharField()
    unit = serializers.CharField()
    layer = serializers.CharField(help_text="Which procedure may change it.")
    effect = serializers.CharField(help_text="When an adopted change begins.")
    lowest = serializers.IntegerField(allow_null=True)
    highest = serializers.IntegerField(allow_null=True)
    choices = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField()
    value = serializers.JSONField()


class RuleWithHistory(RuleData):
    """A rule with every version, newest first; one that is yet to begin comes first."""

    history = VersionData(many=True)


class RulesData(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    book = serializers.CharField(help_text="SHA-256 of the rule book in force.")
    rules = RuleData(many=True)


class BookData(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    hash = serializers.CharField()
    rules = serializers.DictField(child=serializers.JSONField())


class Moment(serializers.Serializer[Any]):
    at = serializers.DateTimeField(required=False)


class Rules(APIView):
    """The rules in force."""

    permission_classes = [AllowAny]

    @extend_schema(operation_id="rules_list", responses=RulesData)
    def get(self, request: Request) -> Response:
        """Every rule with its value in force now."""
        now = coop_now()
        book = in_force(now)
        rules = [_with_value(rule, book.version(rule.key), book[rule.key]) for rule in CATALOGUE.values()]
        return Response(RulesData({"at": now, "book": book.hash, "rules": rules}).data)


class RuleHistory(APIView):
    """One rule."""

    permission_classes = [AllowAny]

    @extend_schema(responses=RuleWithHistory)
    def get(self, request: Request, key: str) -> Response:
        """The rule, its value in force and all its versions."""
        rule = CATALOGUE.get(key)
        if rule is None:
            raise Http404
        book = in_force(coop_now())
        data = _with_value(rule, book.version(key), book[key]) | {"history": RuleVersion.objects.of(key)}
        return Response(RuleWithHistory(data).data)


class Book(APIView):
    """The rule book at a moment."""

    permission_classes = [AllowAny]

    @extend_schema(
        responses=BookData, parameters=[OpenApiParameter("at", datetime, description="Now, where it is left out.")]
    )
    def get(self, request: Request) -> Response:
        """Every (key, version, value) at `at`, as it is hashed."""
        serializer = Moment(data=request.query_params)
        serializer.is_valid(raise_exception=True)
        at = serializer.validated_data.get("at") or coop_now()
        return Response({"at": at.isoformat(), **in_force(at).as_data()})


def _with_value(rule: Rule, version: int, value: Any) -> dict[str, Any]:
    return {
        "key": rule.key,
        "title": _(rule.title),
        "explanation": _(rule.explanation),
        "kind": str(rule.kind),
        "unit": _(rule.unit) if rule.unit else "",
        "layer": str(rule.layer),
        "effect": str(rule.effect),
        "lowest": rule.lowest,
        "highest": rule.highest,
        "choices": list(rule.choices),
        "version": version,
        "value": value,
    }


urlpatterns: list[URLPattern | URLResolver] = [
    path("rules/", Rules.as_view(), name="rules"),
    path("rules/book/", Book.as_view(), name="rule-book"),
    path("rules/<str:key>/", RuleHistory.as_view(), name="rule"),
]
