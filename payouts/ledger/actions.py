"""What may be done with the books: open accounts, post, hold and resolve, reverse, close a period, chain."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.ground.actor import Actor
from coop.ground.canonical import fingerprint, instant
from coop.ground.errors import Refused
from coop.ground.laws import laws_refuse, refused_by
from payouts.ledger import chart
from payouts.ledger.models import Account, BalanceCheckpoint, Chain, Entry, Period, Transaction

CHAIN_FORMAT = "canut-ledger/1"
BEFORE_THE_FIRST_LINK = "0" * 64


@dataclass(frozen=True, slots=True)
class Leg:
    """One entry to be: an account by its code, minor units (above zero a debit, below zero a credit), a currency."""

    account: str
    amount: int
    currency: str = chart.CURRENCY


def debit(account: str, amount: int, currency: str = chart.CURRENCY) -> Leg:
    """A leg on the debit side."""
    return Leg(account, amount, currency)


def credit(account: str, amount: int, currency: str = chart.CURRENCY) -> Leg:
    """A leg on the credit side."""
    return Leg(account, -amount, currency)


# -- accounts ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def open_accounts(*, codes: Iterable[str], now: datetime, currency: str = chart.CURRENCY) -> None:
    """Open the accounts of these codes as the chart describes them. Doing it twice changes nothing; ValueError outside the chart."""
    known = set(Account.objects.filter(code__in=(codes := set(codes))).values_list("code", flat=True))
    natures = {code: chart.nature(code) for code in sorted(codes - known)}
    Account.objects.bulk_create(
        (
            Account(
                code=code,
                kind=nature.kind,
                normal_side=nature.normal_side,
                currency=currency,
                min_balance=nature.minimum,
                posting_mode=Account.PostingMode.APPEND if nature.minimum is None else Account.PostingMode.LOCKED,
                owner=nature.owner,
                opened_at=now,
            )
            for code, nature in natures.items()
        ),
        ignore_conflicts=True,
    )


def open_founding_accounts(*, now: datetime) -> None:
    """Open the accounts of the founding, and the first period of the books, which starts now."""
    open_accounts(codes=chart.FOUNDING, now=now)
    open_period(number=1, starts_at=now)


@transaction.atomic
def close_account(*, account: Account, by: Actor, now: datetime) -> None:
    """Nothing is posted to the account any more. Refused `account_not_empty` while it has a balance."""
    locked = Account.objects.select_for_update().get(pk=account.pk)
    now = locked.not_before(now)
    if Entry.objects.of(account.code).total():
        raise refused_by("ledger_account_closes_empty")
    if Account.objects.filter(pk=locked.pk, closed_at=None).update(closed_at=now):
        record(kind="account.closed", subject=f"account:{account.pk}", payload={}, by=by, now=now)


def balance(code: str) -> int:
    """The balance of an account on its normal side, minor units; zero for one that was never opened."""
    account = Account.objects.filter(code=code).first()
    if account is None:
        return 0
    total, entries = 0, Entry.objects.filter(account=account)
    if kept := BalanceCheckpoint.objects.filter(account=account).order_by("-period__number").first():
        total = kept.total
        if following := Period.objects.filter(number=kept.period.number + 1).first():
            entries = entries.since(following.starts_at)
    total += entries.total()
    return total if account.normal_side == Account.Side.DEBIT else -total


def balances(codes: Sequence[str]) -> dict[str, int]:
    """The balances of many accounts with a minimum, on their normal side, from the rows kept for them; absent is zero."""
    kept = Account.objects.filter(code__in=codes).values_list("code", "locked_balance__balance")
    return dict.fromkeys(codes, 0) | {code: amount or 0 for code, amount in kept}


# -- posting ----------------------------------------------------------------------------------------------------------

INSERT_HEADER = """
INSERT INTO ledger_transaction (idem, request_hash, kind, effective_at, posted_at, legs, rule_book, run, source_event,
                                reversal_of_id, resolves_id, resolves_leg, actor, memo)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (idem) DO NOTHING RETURNING id
"""
INSERT_ENTRIES = """
INSERT INTO ledger_entry (transaction_id, leg, account_id, amount, currency)
SELECT %s, leg.number, account.id, leg.amount, leg.currency
FROM unnest(%s::text[], %s::bigint[], %s::text[]) WITH ORDINALITY AS leg(code, amount, currency, number)
JOIN ledger_account account ON account.code = leg.code
"""


@transaction.atomic
def post(
    *,
    idem: str,
    kind: str,
    legs: Sequence[Leg],
    by: Actor,
    now: datetime,
    effective_at: datetime | None = None,
    memo: str = "",
    run: UUID | None = None,
    rule_book: str = "",
    source_event: str = "",
    reversal_of: Transaction | None = None,
    resolves: Entry | None = None,
) -> Transaction:
    """Write one transaction that adds up to zero in each currency, effective now or at `effective_at` if that is given.

    Whoever read the clock and then waited may find the period of that moment closed: "now" is then the beginning of the first
    open one, which is held until the transaction ends. An `effective_at` in a closed period is refused.
    `idem` is the key of the request and never expires: the same request again answers with the same transaction, another one
    is refused with `idempotency_conflict`. Further refusals by name: `unbalanced_entry`, `unknown_account`, `account_closed`,
    `wrong_currency`, `period_closed`, `balance_too_low`, `hold_already_resolved`, `already_reversed` ...
    """
    _check_legs(legs)
    request: dict[str, Any] = {
        "kind": kind,
        "legs": [asdict(leg) for leg in legs],
        "effective_at": instant(effective_at) if effective_at else None,
        "memo": memo,
        "run": str(run) if run else None,
        "rule_book": rule_book,
        "source_event": source_event,
        "reversal_of": reversal_of.pk if reversal_of else None,
        "resolves": [resolves.transaction_id, resolves.leg] if resolves else None,
    }
    request_hash = fingerprint(request)
    if before := _answered(idem, request_hash):
        return before
    if effective_at is None and (period := Period.objects.open_for_share(now)):
        now = period.not_before(now)
    header = [
        *(idem, request_hash, kind, effective_at or now, now, len(legs), rule_book, run, source_event),
        *(request["reversal_of"], *(request["resolves"] or (None, None)), by.stands_as, memo),
    ]
    return _written(header, legs, by, now) or _answered(idem, request_hash) or Transaction.objects.get(idem=idem)


def _written(header: Sequence[Any], legs: Sequence[Leg], by: Actor, now: datetime) -> Transaction | None:
    """The transaction with its entries, or None where its key is taken: somebody else was asked the same at the same time."""
    with laws_refuse(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT_HEADER, header)
        if (row := cursor.fetchone()) is None:
            return None
        codes = [leg.account for leg in legs]
        amounts, currencies = [leg.amount for leg in legs], [leg.currency for leg in legs]
        cursor.execute(INSERT_ENTRIES, [row[0], codes, amounts, currencies])
        if cursor.rowcount != len(legs):
            known = set(Account.objects.filter(code__in=codes).values_list("code", flat=True))
            missing = next(code for code in codes if code not in known)
            raise Refused(_("There is no account “%(code)s”.") % {"code": missing}, code="unknown_account")
    by.insist(now)  # after the wait for the balances
    return Transaction.objects.get(pk=row[0])


def _check_legs(legs: Sequence[Leg]) -> None:
    """What a balanced transaction needs, checked before the database is asked, which checks it again."""
    totals: dict[str, int] = {}
    for leg in legs:
        totals[leg.currency] = totals.get(leg.currency, 0) + leg.amount
    if len(legs) < 2 or any(totals.values()):
        raise Refused(_("A transaction has two legs or more and adds up to zero."), code="unbalanced_entry")
    if any(leg.amount == 0 for leg in legs):
        raise Refused(_("A leg moves something."), code="empty_leg")


def _answered(idem: str, request_hash: str) -> Transaction | None:
    """The answer given to this key before, if any. Refused `idempotency_conflict` if something else was asked then."""
    before = Transaction.objects.filter(idem=idem).first()
    if before is not None and before.request_hash != request_hash:
        raise Refused(_("Another request was already made under this key."), code="idempotency_conflict", field="idem")
    return before


# -- corrections and holds --------------------------------------------------------------------------------------------


def reverse(*, original: Transaction, reason: str, by: Actor, now: datetime) -> Transaction:
    """Undo a transaction by its mirror, once. Nothing is edited. Refused `already_reversed` under another reason."""
    return post(
        idem=f"reversal:{original.pk}",
        kind="reversal",
        legs=[
            Leg(code, -amount, currency)
            for code, amount, currency in original.entries.order_by("leg").values_list(
                "account__code", "amount", "currency"
            )
        ],
        reversal_of=original,
        memo=reason,
        by=by,
        now=now,
    )


def hold(*, idem: str, amounts: dict[str, int], run: UUID, rule_book: str, by: Actor, now: datetime) -> Transaction:
    """Set aside what is about to be paid: for each member (pseudonym) an amount goes from payable to reserved.

    One transaction for all. The hold of a member is its leg on the reserved account: `held(transaction)[member]`.
    Refused `balance_too_low` where less is payable.
    """
    open_accounts(codes=[chart.reserved(member) for member in amounts], now=now)
    legs = [
        leg
        for member, amount in sorted(amounts.items())
        for leg in (debit(chart.payable(member), amount), credit(chart.reserved(member), amount))
    ]
    return post(idem=idem, kind="hold", legs=legs, run=run, rule_book=rule_book, by=by, now=now)


def held(transaction: Transaction) -> dict[str, Entry]:
    """The holds of a transaction made by `hold`, by member."""
    entries = transaction.entries.filter(account__code__endswith=":reserved", amount__lt=0).select_related("account")
    return {str(entry.account.owner): entry for entry in entries}


def send_held(
    *, hold: Entry, idem: str, paid_from: str, by: Actor, now: datetime, source_event: str = "", memo: str = ""
) -> Transaction:
    """The money of a hold has left through the account `paid_from` (cash:stripe ...). Refused `hold_already_resolved`."""
    return _resolve(hold, idem, "sent", paid_from, by=by, now=now, source_event=source_event, memo=memo)


def void_held(
    *, hold: Entry, idem: str, by: Actor, now: datetime, source_event: str = "", memo: str = ""
) -> Transaction:
    """The money of a hold was not sent and is payable again. Refused `hold_already_resolved`."""
    back = chart.payable(str(hold.account.owner))
    return _resolve(hold, idem, "void", back, by=by, now=now, source_event=source_event, memo=memo)


def _resolve(
    hold: Entry, idem: str, kind: str, other: str, *, by: Actor, now: datetime, source_event: str, memo: str
) -> Transaction:
    return post(
        idem=idem,
        kind=kind,
        legs=[Leg(hold.account.code, -hold.amount, hold.currency), Leg(other, hold.amount, hold.currency)],
        resolves=hold,
        run=hold.transaction.run,
        source_event=source_event,
        memo=memo,
        by=by,
        now=now,
    )


# -- periods of the books ---------------------------------------------------------------------------------------------


def open_period(*, number: int, starts_at: datetime) -> Period:
    """The period of the books from `starts_at` until the next. Doing it twice changes nothing."""
    period, _new = Period.objects.get_or_create(number=number, defaults={"starts_at": starts_at})
    return period


@transaction.atomic
def close_period(*, period: Period, closing: Transaction | None, now: datetime) -> Period:
    """Close the books of a period for good and keep its balances. Doing it twice changes nothing.

    Refused `period_still_runs` before the next one starts, `earlier_period_open` out of order.
    """
    period = Period.objects.select_for_update().get(pk=period.pk)  # waits for those who post into it (FOR SHARE)
    now = period.not_before(now)
    if period.closed_at is not None:
        return period
    if not Period.objects.filter(number=period.number + 1, starts_at__lte=now).exists():
        raise refused_by("ledger_period_closes_when_it_is_over")
    if Period.objects.filter(number__lt=period.number, closed_at=None).exists():
        raise refused_by("ledger_period_closes_in_order")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO ledger_balance_checkpoint (period_id, account_id, total)
            SELECT %s, entry.account_id, sum(entry.amount)
            FROM ledger_entry entry JOIN ledger_transaction header ON header.id = entry.transaction_id
            WHERE header.effective_at < (SELECT starts_at FROM ledger_period WHERE number = %s)
            GROUP BY entry.account_id
            """,
            [period.pk, period.number + 1],
        )
    Period.objects.filter(pk=period.pk).update(closed_at=now, closing_transaction=closing)
    return Period.objects.get(pk=period.pk)


# -- the chain --------------------------------------------------------------------------------------------------------


@transaction.atomic
def chain_transactions(*, now: datetime) -> Chain | None:
    """Hash every transaction that is not chained yet into one new link; None where there is nothing to chain.

    Numbers are given before a transaction commits, so a lower one may appear after a higher one. Whoever posts shares an
    advisory lock (trigger ledger_transaction_waits_for_the_chain); holding it alone, nothing is under way and no number is missed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('canut.ledger'))")
    link = Chain.objects.order_by("-last").first()
    if link:
        now = link.not_before(now)
    fresh = Transaction.objects.filter(pk__gt=link.last if link else 0)
    if not fresh.exists():
        return None
    first, last, count = fresh.earliest("pk").pk, fresh.aggregate(last=Max("pk"))["last"], fresh.count()
    payload = _payload_sha256(first, last)
    previous = link.hash if link else BEFORE_THE_FIRST_LINK
    return Chain.objects.create(
        first=first,
        last=last,
        count=count,
        format=CHAIN_FORMAT,
        payload_sha256=payload,
        previous=previous,
        hash=link_hash(first=first, last=last, count=count, payload_sha256=payload, previous=previous),
        chained_at=now,
    )


def link_hash(*, first: int, last: int, count: int, payload_sha256: str, previous: str) -> str:
    """The hash of a link in the format canut-ledger/1, which never changes: canonical JSON of what it says."""
    link: dict[str, Any] = {
        "count": count,
        "first": first,
        "format": CHAIN_FORMAT,
        "last": last,
        "payload_sha256": payload_sha256,
        "previous": previous,
    }
    return fingerprint(link)


def broken_links() -> list[str]:
    """What no longer agrees with the chain, one sentence each; empty when the books are as they were chained."""
    problems, previous, end = [], BEFORE_THE_FIRST_LINK, 0
    for link in Chain.objects.order_by("first"):
        if link.first <= end or link.previous != previous:
            problems.append(f"link {link.first}-{link.last} does not follow the one before")
        between = Transaction.objects.filter(pk__gt=end, pk__lt=link.first)
        if between.exists() or Transaction.objects.filter(pk__range=(link.first, link.last)).count() != link.count:
            problems.append(f"link {link.first}-{link.last} has not {link.count} transactions")
        if _payload_sha256(link.first, link.last) != link.payload_sha256:
            problems.append(f"the transactions {link.first}-{link.last} are not those that were chained")
        facts = {"first": link.first, "last": link.last, "count": link.count}
        if link_hash(**facts, payload_sha256=link.payload_sha256, previous=link.previous) != link.hash:
            problems.append(f"the hash of link {link.first}-{link.last} is wrong")
        previous, end = link.hash, link.last
    return problems


def _payload_sha256(first: int, last: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(sha256(ledger_payload_1(%s, %s)), 'hex')", [first, last])
        return str(cursor.fetchone()[0])
