"""`{% load formats %}`: amounts, times and shares as people read them, in the reader's language. Whole numbers in, text out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.ground.amounts import shown_amount, shown_duration, shown_share
from coop.ground.cldr import country_name, language_name
from coop.ground.clock import coop_now
from coop.rules.catalogue.rule import Kind, Rule
from frontend.labels import NAMES
from payouts.models import PayoutRun

register = template.Library()


@register.filter
def money(minor: int, currency: str = "EUR") -> str:
    """1250 → €12.50, in French 12,50 €. Minor units in."""
    return shown_amount(int(minor), currency)


@register.filter
def pairs(table: Mapping[Any, Any]) -> list[tuple[Any, Any]]:
    """The keys and values of a table. (`table.items` in a template is the value under the key “items” where there is one.)"""
    return list(table.items())


@register.filter
def duration(seconds: int) -> str:
    """3725 → 1 h 02 min; below an hour 2 min 05 s."""
    return shown_duration(int(seconds))


@register.filter
def share(basis_points: int) -> str:
    """300 → 3 %; 1250 → 12.5 %."""
    return shown_share(int(basis_points))


@register.filter
def permille(value: int) -> str:
    """1500 → × 1.5."""
    factor = Decimal(int(value)).scaleb(-3).normalize()
    return f"×\u00a0{number_format(factor if factor % 1 else int(factor), use_l10n=True)}"


@register.filter
def rule_value(value: Any, rule: Rule) -> str:
    """The value of a rule in words, without its unit's long name."""
    match rule.kind:
        case Kind.BASIS_POINTS:
            return share(value)
        case Kind.MINOR_UNITS:
            return money(value)
        case Kind.SECONDS:
            return duration(value)
        case Kind.PERMILLE:
            return _("%(value)s thousandths") % {"value": number_format(value, use_l10n=True)}
        case Kind.DAYS:
            return _("%(days)d days") % {"days": value}
        case Kind.CHOICES:
            return words(value) or _("none")
        case Kind.TABLE:
            return "; ".join(f"{words(name)}: {cell(value, name)}" for name in value)
        case Kind.CHOICE:
            return words(value)
        case _:
            return number_format(value, use_l10n=True, force_grouping=True)


@register.filter
def run_state(run: PayoutRun) -> str:
    """How far a payout run is, now: one that is computed is open to objections only while its window is."""
    over = run.objections_until is not None and run.objections_until <= coop_now()
    if run.state == PayoutRun.State.COMPUTED and over:
        return _("computed, waits for its approval")
    return run.get_state_display()


@register.filter
def short_hash(value: str) -> SafeString:
    """The first sixteen digits of a hash; the whole of it on hover, and to copy."""
    return format_html('<code class="hash" title="{}">{}…</code>', value, str(value)[:16])


SOURCES = {
    "time": gettext_lazy("time entry"),
    "objection": gettext_lazy("objection"),
    "adjustment": gettext_lazy("adjustment"),
    "run": gettext_lazy("payout run"),
    "statement": gettext_lazy("statement"),
    "inputs": gettext_lazy("inputs of the run"),
    "ledger:transaction": gettext_lazy("transaction of the ledger"),
    "ledger:member": gettext_lazy("your account in the ledger"),
}
"""What a line of a statement is taken from, by the beginning of its name."""


@register.filter
def source(name: str) -> SafeString:
    """time:6f3a → time entry 6f3a: what a line of a statement is taken from, and which one."""
    beginning = next(one for one in SOURCES if name.startswith(f"{one}:"))
    return format_html('{} <code class="hash">{}</code>', SOURCES[beginning], name.removeprefix(f"{beginning}:"))


@register.filter
def translated(text: str) -> str:
    """A text that was marked in a pure module, in the reader's language."""
    return _(str(text)) if text else ""


@register.filter
def words(value: Any) -> str:
    """A stored word, or a list of them, as people read them: approval_quorum → approval quorum."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(words(word) for word in value)
    return _(NAMES.get(str(value)) or str(value).replace("_", " ")) if value else ""


@register.filter
def cell(table: dict[str, Any], name: str) -> str:
    """One cell of a rule that is a table, as people read it."""
    value = table.get(name, "")
    return words(value) if isinstance(value, str) else number_format(value, use_l10n=True)


@register.filter
def country(code: str) -> str:
    """MG → Madagascar."""
    return country_name(code)


@register.filter
def languages(codes: list[str]) -> str:
    """["mg", "fr"] → Malagasy, French."""
    return ", ".join(language_name(code) for code in codes)
