"""Measuring how often labels are right: items are drawn by lot, and the requester states their truth in that order."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coop.audit.actions import record
from coop.ground.actor import Actor
from coop.ground.canonical import sha256_hex
from coop.ground.errors import Refused
from coop.work.actors import Requester, must_order_for
from coop.work.calibration import FEWEST_GOLD
from coop.work.kinds import KINDS
from coop.work.models import GoldDraw, GoldTruth, Project


@transaction.atomic
def draw_gold(*, project: Project, by: Actor, now: datetime) -> GoldDraw:
    """Draw the order in which truths will be stated, once its items are fixed by payment. Doing it twice changes nothing.

    The seed comes from the machine's own chance; the log holds its hash, so that members who read the log don't learn which
    items are gold. Refused `not_your_client`, `not_paid`, `too_few_items`.
    """
    locked = _locked(project)
    now = locked.not_before(now)
    requester = must_order_for(by, locked.client)
    if known := GoldDraw.objects.filter(project=locked).first():
        return known
    if locked.funded_at is None:
        raise Refused(_("Items are drawn once they can't change any more: when the order is paid."), code="not_paid")
    if locked.items.count() < FEWEST_GOLD:
        raise Refused(
            ngettext(
                "How sure labels are can't be measured on fewer than %(least)d item.",
                "How sure labels are can't be measured on fewer than %(least)d items.",
                FEWEST_GOLD,
            )
            % {"least": FEWEST_GOLD},
            code="too_few_items",
        )
    draw = GoldDraw.objects.create(project=locked, seed=secrets.token_hex(32), by=requester.user, drawn_at=now)
    _record(draw, "gold_drawn", {"seed_sha256": sha256_hex(draw.seed.encode())}, requester, now)
    return draw


@transaction.atomic
def state_truths(*, project: Project, truths: Sequence[tuple[str, Any]], by: Actor, now: datetime) -> int:
    """State what is true of the next items in the order drawn, as (external_id, value). How many are stated now in all.

    The same truth again changes nothing. ValidationError names each value that is no answer; Refused `not_your_client`,
    `not_drawn`, `truth_stands`, `not_in_the_order_drawn`.
    """
    locked = _locked(project)
    now = locked.not_before(now)
    requester = must_order_for(by, locked.client)
    draw = GoldDraw.objects.filter(project=locked).first()
    if draw is None:
        raise Refused(_("No items have been drawn yet."), code="not_drawn")
    _check(locked, truths)
    stated = {truth.item.external_id: truth.value for truth in draw.truths.select_related("item")}
    fresh = _not_stated_yet(truths, stated)
    if not fresh:
        return len(stated)
    items = draw.next_items(len(fresh))
    if [item.external_id for item in items] != list(fresh):
        raise Refused(
            _("Say what is true of the items in the order they were drawn, none left out."),
            code="not_in_the_order_drawn",
            field="external_id",
        )
    now = draw.not_before(now)
    for place, item in enumerate(items, len(stated) + 1):
        GoldTruth.objects.create(
            draw=draw, place=place, item=item, value=fresh[item.external_id], by=requester.user, stated_at=now
        )
    _record(draw, "truths_stated", {"stated": len(stated) + len(fresh)}, requester, now)
    return len(stated) + len(fresh)


def _check(project: Project, truths: Sequence[tuple[str, Any]]) -> None:
    """Each is an answer that a member could give, and no item stands there twice."""
    errors: dict[str, list[str]] = {}
    for external_id, value in truths:
        for problem in KINDS[project.task_type].answer_problems(project.template, value):
            errors.setdefault(f"value.{problem.field}" if problem.field else "value", []).append(_(problem.reason))
    if len({external_id for external_id, _value in truths}) < len(truths):
        errors["external_id"] = [_("An item stands there twice.")]
    if errors:
        raise ValidationError(errors)


def _not_stated_yet(truths: Sequence[tuple[str, Any]], stated: Mapping[str, Any]) -> dict[str, Any]:
    if any(external_id in stated and stated[external_id] != value for external_id, value in truths):
        raise Refused(
            _("What was stated of an item stays: truths that follow the labels measure nothing."),
            code="truth_stands",
            field="value",
        )
    return {external_id: value for external_id, value in truths if external_id not in stated}


def _locked(project: Project) -> Project:
    return Project.objects.select_for_update(of=("self",), no_key=True).select_related("client").get(pk=project.pk)


def _record(draw: GoldDraw, verb: str, payload: dict[str, Any], by: Requester, now: datetime) -> None:
    record(kind=f"project.{verb}", subject=f"project:{draw.project_id}", payload=payload, by=by, now=now)
