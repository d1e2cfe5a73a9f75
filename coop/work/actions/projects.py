"""An order from draft to done: stated, quoted, funded, worked on; or cancelled before anybody began."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.ground.actor import Actor
from coop.ground.errors import Refused
from coop.ground.laws import check_stated
from coop.rules.actions import in_force, pin
from coop.rules.book import RuleBook
from coop.rules.catalogue import levies
from coop.work import rates
from coop.work.actors import Requester, must_order_for
from coop.work.kinds import KINDS
from coop.work.models import END_USES, Client, Item, Project, Quote, QuoteLine

Status = Project.Status

STATED = (
    "title",
    "purpose",
    "final_client",
    "end_use",
    "product",
    "sold_as_automated",
    "disclosure",
    "languages",
    "task_type",
    "template",
    "instructions",
    "redundancy",
    "seconds_per_answer",
)
"""What the requester states about a project."""

NOT_ORDERED = (Status.DRAFT, Status.QUOTED)


@transaction.atomic
def draft_project(*, client: Client, by: Actor, now: datetime, **stated: Any) -> Project:
    """Begin an order: title, purpose, final client, end use and product are mandatory.

    ValidationError names each unsound field. Refused `closed_category`, `subcontract_depth`, `not_your_client`.
    """
    must_order_for(by, client)
    book = in_force(now)
    stated.setdefault("redundancy", book.whole("work.redundancy"))
    project = Project(client=client, drafted_at=now, **_cleaned(stated))
    _check(project, book)
    project.save(force_insert=True)
    return project


@transaction.atomic
def revise_project(*, project: Project, by: Actor, now: datetime, **stated: Any) -> Project:
    """Change an order that is not paid yet; a quote it already had no longer holds. Refused `already_ordered`, `not_your_client`."""
    locked = _locked(project)
    now = locked.not_before(now)
    requester = must_order_for(by, locked.client)
    _refuse_unless(
        locked, NOT_ORDERED, _("This order is paid; what was stated can't be changed any more."), "already_ordered"
    )
    changed = _cleaned(stated)
    if changed.get("task_type", locked.task_type) != locked.task_type:
        raise Refused(
            _("A project keeps its kind of task; start another for another kind."),
            code="kind_is_fixed",
            field="task_type",
        )
    if "template" in changed or "redundancy" in changed:
        _refuse_with_items(locked, changed)
    for name, value in changed.items():
        setattr(locked, name, value)
    _check(locked, in_force(now))
    _back_to_draft(locked, now)
    locked.save(update_fields=[name for name in STATED if name != "task_type"] + DRAFT_FIELDS)
    _record(locked, "revised", {"fields": sorted(changed)}, requester, now)
    return locked


DRAFT_FIELDS = ["status", "revised_at", "submitted_at", "quoted_at", "quote", "rule_book", "price_per_answer"]


def _back_to_draft(project: Project, now: datetime) -> None:
    project.status, project.revised_at = Status.DRAFT, now
    project.submitted_at = project.quoted_at = project.quote = project.price_per_answer = None
    project.rule_book = ""


def return_to_draft(*, project: Project, now: datetime) -> None:
    """What was quoted has changed, so it has to be reckoned again. Within the caller's transaction, the project locked."""
    if project.status != Status.DRAFT:
        _back_to_draft(project, now)
        project.save(update_fields=DRAFT_FIELDS)


def _refuse_with_items(project: Project, changed: Mapping[str, Any]) -> None:
    same = all(getattr(project, name) == changed[name] for name in ("template", "redundancy") if name in changed)
    if not same and project.items.exists():
        raise Refused(
            _("The items are already there; the template and the answers per item can't be changed any more."),
            code="items_are_there",
        )


def _cleaned(stated: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(stated) - set(STATED)
    if unknown:
        raise TypeError(f"a project has no {', '.join(sorted(unknown))}")
    cleaned = {name: value.strip() if isinstance(value, str) else value for name, value in stated.items()}
    if "end_use" in cleaned:
        cleaned["end_use"] = sorted(set(cleaned["end_use"]))
    return cleaned


def _check(project: Project, book: RuleBook) -> None:
    """The order is complete, and of a kind the co-operative takes."""
    errors: dict[str, list[Any]] = {}
    try:
        check_stated(project, STATED)
    except ValidationError as wrong:
        errors = dict(wrong.message_dict)
    for tag in project.end_use or []:
        if tag not in END_USES:
            errors["end_use"] = [_("“%(tag)s” is not an end use we know.") % {"tag": tag}]
    if project.task_type not in KINDS:
        errors["task_type"] = [_("We don't have this type of task.")]
    elif "template" not in errors:
        for problem in KINDS[project.task_type].template_problems(project.template):
            field = f"template.{problem.field}" if problem.field else "template"
            errors.setdefault(field, []).append(_(problem.reason))
    if errors:
        raise ValidationError(errors)
    _refuse_closed(project, book)


def _refuse_closed(project: Project, book: RuleBook) -> None:
    closed = book.words("work.closed_categories")
    for tag in project.end_use:
        if tag in closed:
            raise Refused(
                _("The co-operative takes no work for %(category)s.") % {"category": END_USES[tag]},
                code="closed_category",
                field="end_use",
            )
    depth, allowed = len(project.client.subcontract_chain), book.whole("work.subcontract_depth")
    if depth > allowed:
        raise Refused(
            _("There are %(depth)d firms between the final client and us; the rule allows %(allowed)d.")
            % {"depth": depth, "allowed": allowed},
            code="subcontract_depth",
            field="client",
        )


@transaction.atomic
def quote_project(*, project: Project, by: Actor, now: datetime) -> Quote:
    """Review the order and reckon its price under the rules in force; a valid quote under the same rules stays.

    Refused `not_your_client`, `already_ordered`, `no_items`, `closed_category`, `subcontract_depth`.
    """
    locked = _locked(project)
    now = locked.not_before(now)
    requester = must_order_for(by, locked.client)
    _refuse_unless(locked, NOT_ORDERED, _("This order is already paid."), "already_ordered")
    book = in_force(now)
    _check(locked, book)
    items = locked.items.count()
    if not items:
        raise Refused(_("There is nothing to quote: no item has been added."), code="no_items", field="items")
    if locked.quote and locked.quote.rule_book == book.hash and locked.quote.is_valid_on(now):
        return locked.quote
    pin(book=book, now=now)
    reckoned = rates.quote(
        rates.Order(items=items, redundancy=locked.redundancy, seconds_per_answer=locked.seconds_per_answer),
        tariff(book),
    )
    quote = Quote.objects.create(
        project=locked,
        rule_book=book.hash,
        items=items,
        redundancy=locked.redundancy,
        seconds_per_answer=locked.seconds_per_answer,
        answers=reckoned.answers,
        labour=reckoned.labour,
        total=reckoned.total,
        escrow=reckoned.escrow,
        price_per_answer=reckoned.price_per_answer,
        quoted_at=now,
        valid_until=now + timedelta(days=book.whole("order.quote_days")),
    )
    QuoteLine.objects.bulk_create(
        QuoteLine(quote=quote, position=place, key=line.key, amount=line.amount, seconds=line.seconds, share=line.share)
        for place, line in enumerate(reckoned.lines, 1)
    )
    locked.submitted_at = locked.submitted_at or now
    locked.status, locked.quoted_at, locked.quote = Status.QUOTED, now, quote
    locked.rule_book, locked.price_per_answer = book.hash, quote.price_per_answer
    locked.save(update_fields=DRAFT_FIELDS)
    _record(locked, "quoted", {"rule_book": book.hash, "total": quote.total, "answers": quote.answers}, requester, now)
    return quote


def tariff(book: RuleBook) -> rates.Tariff:
    """The voted numbers a quote is made of."""
    return rates.Tariff(
        hourly_rate=book.whole("order.hourly_rate"),
        hourly_floor=book.whole("pay.hourly_floor"),
        duration_margin_permille=book.whole("order.declared_duration_permille"),
        gold_share=0,  # requesters state the truth of gold items themselves: no answer is bought for it
        training_seconds=book.whole("order.training_seconds"),
        levies={rule.levy: book.whole(rule.key) for rule in levies()},
        rail_fee_share=book.whole("order.rail_fee_rate"),
        rail_fee_fixed=0,
        escrow_buffer=book.whole("order.buffer"),
    )


@transaction.atomic
def fund_project(*, project: Project, received: int, by: Actor, now: datetime) -> Project:
    """`received` minor units are there for this project in all; open as much of its work as they pay for.

    Called by payouts, which owns the money. The same sum again changes nothing; more opens more. Refused `not_quoted`,
    `project_cancelled`, `not_enough_for_one_item`.
    """
    locked = _locked(project)
    now = locked.not_before(now)
    if locked.status == Status.CANCELLED:
        raise Refused(_("This order was cancelled."), code="project_cancelled")
    if locked.quote is None:
        raise Refused(_("This order has no quote yet."), code="not_quoted")
    answers = rates.answers_funded(received=received, total=locked.quote.total, answers=locked.quote.answers)
    if answers < locked.redundancy:
        raise Refused(_("This does not pay for one item."), code="not_enough_for_one_item")
    if answers <= locked.funded_answers:
        return locked
    locked.funded_answers = answers
    locked.reopen_gen += 1
    fields = ["funded_answers", "reopen_gen", "status", "funded_at", "live_at", "open_items"]
    if locked.funded_at is None:
        locked.status = Status.LIVE
        locked.funded_at = locked.live_at = now
    locked.open_items = locked.items.filter(open=True, seq__lte=locked.funded_seq).count()
    locked.save(update_fields=fields)
    record(
        kind="project.funded",
        subject=f"project:{locked.pk}",
        payload={"answers": answers, "quote": str(locked.quote_id)},
        by=by,
        now=now,
    )
    return locked


@transaction.atomic
def cancel_project(*, project: Project, by: Actor, now: datetime) -> Project:
    """Withdraw an order before anybody began to work on it. Doing it twice changes nothing. Refused `not_your_client`, `work_began`.

    The items are closed first and the beginnings looked for afterwards: a claim that comes between finds a closed item,
    and one that came before is seen.
    """
    locked = _locked(project)
    now = locked.not_before(now)
    requester = must_order_for(by, locked.client)
    if locked.status == Status.CANCELLED:
        return locked
    items = list(locked.items.order_by("pk").select_for_update().values_list("pk", flat=True))
    locked.items.filter(pk__in=items).update(state=Item.CLOSED)
    if not locked.may_be_cancelled:
        raise Refused(_("Members have begun to work on this order; it can't be cancelled any more."), code="work_began")
    locked.status, locked.cancelled_at, locked.open_items = Status.CANCELLED, now, 0
    locked.save(update_fields=["status", "cancelled_at", "open_items"])
    _record(locked, "cancelled", {}, requester, now)
    return locked


@transaction.atomic
def pause_project(*, project: Project, by: Actor, now: datetime) -> Project:
    """Hand out no more items for now; what is in hand may be finished. Refused `not_your_client`, `not_live`."""
    locked = _locked(project)
    now = locked.not_before(now)
    requester = must_order_for(by, locked.client)
    if locked.status == Status.PAUSED:
        return locked
    _refuse_unless(locked, (Status.LIVE,), _("Only live work can be paused."), "not_live")
    locked.status, locked.paused_at = Status.PAUSED, now
    locked.save(update_fields=["status", "paused_at"])
    _record(locked, "paused", {}, requester, now)
    return locked


@transaction.atomic
def resume_project(*, project: Project, by: Actor, now: datetime) -> Project:
    """Hand out items again. Refused `not_your_client`, `not_paused`."""
    locked = _locked(project)
    now = locked.not_before(now)
    requester = must_order_for(by, locked.client)
    if locked.status == Status.LIVE:
        return locked
    _refuse_unless(locked, (Status.PAUSED,), _("Only paused work can be resumed."), "not_paused")
    locked.status, locked.paused_at, locked.resumed_at = Status.LIVE, None, now
    locked.save(update_fields=["status", "paused_at", "resumed_at"])
    _record(locked, "resumed", {}, requester, now)
    return locked


def _locked(project: Project) -> Project:
    """The project, locked against other changes; not against new rows that refer to it, or a claim that holds an item would deadlock."""
    return (
        Project.objects.select_for_update(of=("self",), no_key=True)
        .select_related("client", "quote")
        .get(pk=project.pk)
    )


def _refuse_unless(project: Project, allowed: tuple[str, ...], message: str, code: str) -> None:
    if project.status == Status.CANCELLED:
        raise Refused(_("This order was cancelled."), code="project_cancelled")
    if project.status not in allowed:
        raise Refused(message, code=code)


def _record(project: Project, verb: str, payload: dict[str, Any], by: Requester, now: datetime) -> None:
    record(
        kind=f"project.{verb}",
        subject=f"project:{project.pk}",
        payload=payload,
        by=by,
        now=now,
    )
