"""Reading the rules in force, pinning a book, and amending a rule."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.ground.actor import PLATFORM
from coop.ground.amounts import shown_amount
from coop.ground.canonical import fingerprint
from coop.ground.errors import Refused
from coop.rules.book import RuleBook
from coop.rules.catalogue import CATALOGUE
from coop.rules.catalogue.rule import Cents, InvalidValue, Rule, RuleValue
from coop.rules.conflicts import check_together
from coop.rules.models import PinnedBook, RuleVersion


def in_force(at: datetime) -> RuleBook:
    """The rule book at `at`: exactly one value of every rule. Rules not founded yet (a newer release) have version 0 and their default."""
    founded = {version.key: (version.number, version.value) for version in RuleVersion.objects.on(at)}
    return RuleBook(rules={key: founded.get(key, (0, rule.default)) for key, rule in sorted(CATALOGUE.items())})


@transaction.atomic
def pin(*, book: RuleBook, now: datetime) -> PinnedBook:
    """Keep the book whole under its hash. Doing it twice changes nothing."""
    pinned, _created = PinnedBook.objects.get_or_create(
        hash=book.hash, defaults={"rules": book.as_data()["rules"], "pinned_at": now}
    )
    return pinned


def book_pinned_as(book_hash: str) -> RuleBook:
    """The pinned book with this hash. PinnedBook.DoesNotExist where none is kept."""
    kept = PinnedBook.objects.get(hash=book_hash)
    return RuleBook(rules={key: (rule["version"], rule["value"]) for key, rule in kept.rules.items()})


def find_rule(key: str) -> Rule:
    """The rule of the catalogue. Refused `unknown_rule`."""
    try:
        return CATALOGUE[key]
    except KeyError:
        raise Refused(_("There is no rule “%(key)s”.") % {"key": key}, code="unknown_rule", field="key") from None


def check_value(key: str, value: RuleValue) -> RuleValue:
    """The value in its stored form. Refused `unknown_rule`, or `value_not_allowed` with the sentence that says why."""
    rule = find_rule(key)
    try:
        return rule.validated(value)
    except InvalidValue as wrong:
        field = f"value.{wrong.column}" if wrong.column else "value"
        raise Refused(_in_words(wrong), code="value_not_allowed", field=field) from None


def check_fit(*, key: str, value: RuleValue, at: datetime) -> None:
    """Refused `rules_conflict` where the value doesn't fit with the other rules as they will stand at `at`."""
    values = {known: rule for known, (_version, rule) in in_force(at).rules.items()}
    try:
        check_together(values | {key: value})
    except InvalidValue as wrong:
        field = f"value.{wrong.column}" if wrong.column else "value"
        raise Refused(_in_words(wrong), code="rules_conflict", field=field) from None


def _in_words(wrong: InvalidValue) -> str:
    """The sentence in the reader's language, amounts as money."""
    said = {
        name: shown_amount(value.minor, "EUR") if isinstance(value, Cents) else value
        for name, value in wrong.params.items()
    }
    return _(wrong.template) % said


def head(key: str) -> RuleVersion:
    """The newest version of the rule, in force or waiting to begin. Refused `unknown_rule`."""
    find_rule(key)
    newest = RuleVersion.objects.of(key).first()
    if newest is None:
        raise Refused(_("There is no rule “%(key)s”.") % {"key": key}, code="unknown_rule", field="key")
    return newest


@transaction.atomic
def record_founding_rules(*, now: datetime) -> list[RuleVersion]:
    """Record the founding value of every rule of the catalogue that has none yet."""
    _lock_rules()
    if last := RuleVersion.objects.order_by("-recorded_at").first():
        now = last.not_before(now)
    known = set(RuleVersion.objects.values_list("key", flat=True))
    versions = [
        RuleVersion(
            key=rule.key,
            number=1,
            value=rule.default,
            value_hash=fingerprint(rule.default),
            effective_from=now,
            recorded_at=now,
        )
        for rule in CATALOGUE.values()
        if rule.key not in known
    ]
    RuleVersion.objects.bulk_create(versions)
    if versions:
        record(kind="rules.founded", subject="rules", payload={"book": in_force(now).hash}, by=PLATFORM, now=now)
    return versions


@transaction.atomic
def amend_rule(
    *, key: str, value: RuleValue, effective_from: datetime, decision: UUID, supersedes: RuleVersion, now: datetime
) -> RuleVersion:
    """Set the rule to `value` from `effective_from` on, if `supersedes` is still its newest version.

    Doing it twice for one decision changes nothing. Refused `unknown_rule`, `value_not_allowed`, `rules_conflict`, `stale_base`.
    """
    value = check_value(key, value)
    _lock_rules()
    newest = head(key)
    now = newest.not_before(now)
    if newest.decision == decision and newest.supersedes_id == supersedes.pk:
        return newest
    if newest.pk != supersedes.pk:
        raise Refused(
            _("This rule has changed since the proposal was written."), code="stale_base", field="base_version"
        )
    check_fit(key=key, value=value, at=effective_from)
    if effective_from <= newest.effective_from:
        raise Refused(_("A newer value of this rule already begins then."), code="stale_base", field="base_version")
    version = RuleVersion.objects.create(
        key=key,
        number=newest.number + 1,
        value=value,
        value_hash=fingerprint(value),
        effective_from=effective_from,
        decision=decision,
        supersedes=newest,
        recorded_at=now,
    )
    record(
        kind="rule.amended",
        subject=f"rule:{key}",
        payload={"decision": str(decision), "number": version.number, "value": value},
        by=PLATFORM,
        now=now,
    )
    return version


def _lock_rules() -> None:
    """Serialise changes of rules for the length of the transaction (advisory lock; rules are read without it)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('canut.rules'))")
