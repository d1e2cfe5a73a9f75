"""The books: accounts, transactions and their entries, and what seals them.

Rows are written by `actions.post` alone, and guarded by the triggers of `laws/` whoever writes.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from coop.ground.moments import Dated

if TYPE_CHECKING:
    from uuid import UUID


class AccountQuerySet(models.QuerySet["Account"]):
    def of(self, owner: str) -> AccountQuerySet:
        """The accounts of one member, by the pseudonym in the books."""
        return self.filter(owner=owner)


class Account(Dated):
    """One account, in one currency. A balance that may not go below a minimum is kept in BalanceLocked; others are sums."""

    class Kind(models.TextChoices):
        ASSET = "asset"
        LIABILITY = "liability"
        EQUITY = "equity"
        INCOME = "income"
        EXPENSE = "expense"

    class Side(models.TextChoices):
        DEBIT = "debit"
        CREDIT = "credit"

    class PostingMode(models.TextChoices):
        LOCKED = "locked"
        APPEND = "append"

    code = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=9, choices=Kind)
    normal_side = models.CharField(max_length=6, choices=Side)
    currency = models.CharField(max_length=3)
    min_balance = models.BigIntegerField(null=True)
    posting_mode = models.CharField(max_length=6, choices=PostingMode)
    owner = models.CharField(max_length=32, null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner"], condition=Q(owner__isnull=False), name="ledger_account_of_member")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["asset", "liability", "equity", "income", "expense"]),
                name="ledger_account_kind_is_known",
            ),
            models.CheckConstraint(condition=Q(normal_side__in=["debit", "credit"]), name="ledger_account_has_a_side"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="ledger_account_has_a_currency"),
            models.CheckConstraint(
                condition=Q(posting_mode="append", min_balance__isnull=True)
                | Q(posting_mode="locked", min_balance__isnull=False),
                name="ledger_account_with_a_minimum_is_locked",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Transaction(models.Model):
    """A header. `idem` is the key under which it was asked for, `legs` how many entries it has, `request_hash` what was asked.

    `resolves` and `resolves_leg` name the hold (one entry of another transaction) that this one sends or voids.
    A column `xid`, unknown to Django, holds the database transaction that wrote it: entries of any other are refused.
    """

    idem = models.CharField(max_length=160, unique=True)
    request_hash = models.CharField(max_length=64)
    kind = models.CharField(max_length=40)
    effective_at = models.DateTimeField()
    posted_at = models.DateTimeField()
    legs = models.PositiveIntegerField()
    rule_book = models.CharField(max_length=64, blank=True, default="")
    run = models.UUIDField(null=True)
    source_event = models.CharField(max_length=160, blank=True, default="")
    reversal_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="reversals")
    resolves = models.ForeignKey("self", models.PROTECT, null=True, related_name="resolutions")
    resolves_leg = models.PositiveIntegerField(null=True)
    actor = models.CharField(max_length=80)
    memo = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["effective_at"], name="ledger_transaction_in_time"),  # the movements of a period
            models.Index(fields=["run"], condition=Q(run__isnull=False), name="ledger_transaction_of_run"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(legs__gte=2), name="ledger_transaction_has_two_legs_or_more"),
            models.CheckConstraint(
                condition=~Q(idem="") & ~Q(kind="") & ~Q(actor=""), name="ledger_transaction_is_named"
            ),
            models.UniqueConstraint(fields=["reversal_of"], name="ledger_transaction_is_reversed_once"),
            models.UniqueConstraint(fields=["resolves", "resolves_leg"], name="ledger_hold_is_resolved_once"),
            models.CheckConstraint(
                condition=Q(resolves__isnull=True, resolves_leg__isnull=True)
                | Q(resolves__isnull=False, resolves_leg__isnull=False),
                name="ledger_resolution_names_its_hold",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.idem}"


class EntryQuerySet(models.QuerySet["Entry"]):
    def of(self, code: str) -> EntryQuerySet:
        """The entries of one account."""
        return self.filter(account__code=code)

    def before(self, moment: datetime) -> EntryQuerySet:
        """Those that take effect before `moment`."""
        return self.filter(transaction__effective_at__lt=moment)

    def since(self, moment: datetime) -> EntryQuerySet:
        """Those that take effect at `moment` or later."""
        return self.filter(transaction__effective_at__gte=moment)

    def of_run(self, run: UUID) -> EntryQuerySet:
        """Those that one payout run posted."""
        return self.filter(transaction__run=run)

    def total(self) -> int:
        """The sum of the amounts: debits less credits, minor units."""
        return int(self.aggregate(total=Coalesce(Sum("amount"), 0, output_field=models.BigIntegerField()))["total"])


class Entry(models.Model):
    """One leg: above zero a debit of the account, below zero a credit. Checked by a statement trigger, not by foreign keys."""

    pk = models.CompositePrimaryKey("transaction_id", "leg")
    transaction = models.ForeignKey(
        Transaction, models.DO_NOTHING, related_name="entries", db_constraint=False, db_index=False
    )
    leg = models.PositiveIntegerField()
    account = models.ForeignKey(Account, models.DO_NOTHING, related_name="entries", db_constraint=False, db_index=False)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    objects = EntryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["account", "transaction"], name="ledger_entry_of_account")
        ]  # balances, statements
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="ledger_entry_is_not_zero")]

    def __str__(self) -> str:
        return f"{self.transaction_id}/{self.leg}: {self.amount} {self.currency}"


class BalanceLocked(models.Model):
    """The balance, on its normal side, of an account with a minimum. Kept by the trigger on entries and by nobody else."""

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="locked_balance")
    balance = models.BigIntegerField()
    minimum = models.BigIntegerField()

    class Meta:
        db_table = "ledger_balance_locked"
        constraints = [
            models.CheckConstraint(
                condition=Q(balance__gte=models.F("minimum")), name="ledger_balance_not_below_its_minimum"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.balance}"


class BooksPeriodQuerySet(models.QuerySet["Period"]):
    def open_for_share(self, moment: datetime) -> Period | None:
        """The period of `moment`, or the first open one after it where that is closed; None before the books were opened.

        It is held FOR SHARE: it can't be closed before the transaction ends. Whoever is closing it now is waited for.
        """
        period = self._first(
            "SELECT * FROM ledger_period WHERE starts_at <= %s ORDER BY starts_at DESC LIMIT 1 FOR SHARE", moment
        )
        while period is not None and period.closed_at is not None:
            period = self._first(
                "SELECT * FROM ledger_period WHERE starts_at > %s ORDER BY starts_at LIMIT 1 FOR SHARE",
                period.starts_at,
            )
        return period

    def _first(self, question: str, moment: datetime) -> Period | None:
        return next(iter(self.raw(question, [moment])), None)


class Period(Dated):
    """The period lock: from `starts_at` until the next one starts. Nothing takes effect in a closed period."""

    number = models.PositiveIntegerField(unique=True)
    starts_at = models.DateTimeField(unique=True)
    closed_at = models.DateTimeField(null=True)
    closing_transaction = models.ForeignKey(Transaction, models.PROTECT, null=True, related_name="+")

    objects = BooksPeriodQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(number__gte=1), name="ledger_period_counts_from_one")]

    def __str__(self) -> str:
        return str(self.number)


class BalanceCheckpoint(models.Model):
    """The sum of an account's entries up to the end of a closed period, so that balances don't add up the whole past."""

    period = models.ForeignKey(Period, models.PROTECT, related_name="balances")
    account = models.ForeignKey(Account, models.PROTECT, related_name="checkpoints")
    total = models.BigIntegerField()

    class Meta:
        db_table = "ledger_balance_checkpoint"
        constraints = [
            models.UniqueConstraint(fields=["account", "period"], name="ledger_checkpoint_one_per_account_and_period")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} at the end of {self.period_id}: {self.total}"


class Chain(Dated):
    """One link: the transactions `first` to `last` in the order of their numbers, hashed after the link before."""

    first = models.BigIntegerField(unique=True)
    last = models.BigIntegerField(unique=True)
    count = models.PositiveIntegerField()
    format = models.CharField(max_length=20)
    payload_sha256 = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64, unique=True)
    chained_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(last__gte=models.F("first")) & Q(count__gte=1), name="ledger_chain_link_is_not_empty"
            )
        ]

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"
