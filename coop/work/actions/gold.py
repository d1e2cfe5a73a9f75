"""Measuring how often labels are right: once no answer makes them any more, items are drawn by lot and the requester states what is true."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
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
def draw_gold(*, project: Project, number: int, by: Actor, now: datetime) -> GoldDraw:
    """Draw the `number` of items whose truth will be stated, and their order, once the project is done. Doing it twice changes nothing.

    The seed comes from the machine's own chance and isn't there before: nobody answers gold items otherwise than the others.
    Answers that come later make no label. ValidationError names a number below FEWEST_GOLD or above that of the items; Refused
    `not_your_client`, `not_done`, `too_few_items`, `already_drawn`.
    """
    locked = _locked(project)
    now = locked.not_before(now)
    requester = must_order_for(by, locked.client)
    if known := GoldDraw.objects.filter(project=locked).first():
        return _same_draw(known, number)
    if locked.status != Project.Status.DONE:
        raise Refused(
            _("Items are drawn once all answers are there, so that nobody knows them before."), code="not_done"
        )
    _check_number(number, locked.items.count())
    last = locked.answers.aggregate(at=Max("submitted_at"))["at"]  # by a clock that may be ahead of ours
    now = max(now, last or now)
    draw = GoldDraw.objects.create(
        project=locked, seed=secrets.token_hex(32), number=number, by=requester.user, drawn_at=now
    )
    _record(draw, "gold_drawn", {"number": number, "seed_sha256": sha256_hex(draw.seed.encode())}, requester, now)
    return draw


def _same_draw(known: GoldDraw, number: int) -> GoldDraw:
    if known.number != number:
        raise Refused(
            _("Items were drawn already; how many doesn't change any more."), code="already_drawn", field="number"
        )
    return known


def _check_number(number: int, items: int) -> None:
    if items < FEWEST_GOLD:
        raise Refused(
            ngettext(
                "How sure labels are can't be measured on fewer than %(least)d item.",
                "How sure labels are can't be measured on fewer than %(least)d items.",
                FEWEST_GOLD,
            )
            % {"least": FEWEST_GOLD},
            code="too_few_items",
        )
    if not FEWEST_GOLD <= number <= items:
        limits = {"least": FEWEST_GOLD, "most": items}
        raise ValidationError({"number": [_("Choose a number from %(least)d to %(most)d.") % limits]})


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
