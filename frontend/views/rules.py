"""Pages: the rules in force, each with its bounds, its history and the vote behind every version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from coop.doors.requests import CoopRequest
from coop.ground.clock import coop_now
from coop.rules.actions import in_force
from coop.rules.catalogue import CATALOGUE
from coop.rules.catalogue.rule import Effect, Layer, Rule
from coop.rules.models import RuleVersion

LAYERS = {
    Layer.PARAMETER: _("Parameters: decided by a simple majority"),
    Layer.PAY: _("Pay and safety: decided by the producers' college"),
    Layer.POLICY: _("Policies"),
    Layer.BYLAW: _("Bylaws"),
    Layer.CONSTITUTION: _("Constitution"),
}
EFFECTS = {
    Effect.AT_ONCE: _("A change begins as soon as it is executed."),
    Effect.NEXT_PERIOD: _("A change begins with the next payout period."),
}


@dataclass(frozen=True)
class Line:
    """A rule as it stands, and the version that waits to begin, if one does."""

    rule: Rule
    value: Any
    version: RuleVersion | None
    coming: RuleVersion | None


@require_safe
def rules(request: CoopRequest) -> HttpResponse:
    """Every rule in force."""
    now = coop_now()
    book = in_force(now)
    versions = {version.key: version for version in RuleVersion.objects.on(now)}
    coming = {
        version.key: version for version in RuleVersion.objects.filter(effective_from__gt=now).order_by("-number")
    }
    lines = [Line(rule, book[key], versions.get(key), coming.get(key)) for key, rule in CATALOGUE.items()]
    layers = [(title, [line for line in lines if line.rule.layer == layer]) for layer, title in LAYERS.items()]
    return render(
        request, "rules/rules.html", {"book": book, "now": now, "layers": [layer for layer in layers if layer[1]]}
    )


@require_safe
def rule(request: CoopRequest, key: str) -> HttpResponse:
    """One rule with its history."""
    found = CATALOGUE.get(key)
    if found is None:
        raise Http404
    now = coop_now()
    book = in_force(now)
    context = {
        "rule": found,
        "value": book[key],
        "book": book,
        "now": now,
        "layer": LAYERS[found.layer],
        "effect": EFFECTS[found.effect],
        "history": RuleVersion.objects.of(key),
        "version": book.version(key),
    }
    return render(request, "rules/rule.html", context)


urlpatterns: list[URLPattern | URLResolver] = [
    path("rules/", rules, name="rules"),
    path("rules/<str:key>/", rule, name="rule"),
]
