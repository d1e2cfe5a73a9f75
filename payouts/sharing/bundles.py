"""The public bundle of a run, canut-run/2: everything needed to reckon it again offline, and no names."""

from dataclasses import fields
from fractions import Fraction
from typing import Any

from coop.audit.proofs import log_proof
from coop.ground.canonical import instant
from coop.rules.actions import book_pinned_as
from payouts.sharing.models import PayoutRun, Period
from payouts.sharing.waterfall import Outcome

FORMAT = "canut-run/2"


def bundle(run: PayoutRun) -> dict[str, Any]:
    """The bundle of a computed run. "log" shows that its hash stands in the sealed log, and is null until it is sealed."""
    assert run.log_entry is not None, "a run that is not computed has no bundle"
    return unlogged(run) | {"log": log_proof(run.log_entry)}


def unlogged(run: PayoutRun) -> dict[str, Any]:
    """The bundle without "log": what is hashed and recorded when the run is computed."""
    return {
        "format": FORMAT,
        "run": str(run.pk),
        "period": period_data(run.period),
        "currency": run.currency,
        "rule_book": book_pinned_as(run.rule_book_id).as_data(),
        "inputs": run.inputs,
        "inputs_sha256": run.inputs_sha256,
        "result": run.result,
        "result_sha256": run.result_sha256,
        "payable_total": run.payable_total,
        "ledger": ledger_data(run),
    }


def reckoned_from(run: PayoutRun) -> dict[str, Any]:
    """Everything a run is reckoned from. Its fingerprint is `inputs_sha256`, which also settles ties."""
    return {
        "period": period_data(run.period),
        "currency": run.currency,
        "rule_book_hash": run.rule_book_id,
        "inputs": run.inputs,
    }


def period_data(period: Period) -> dict[str, Any]:
    """A period as bundles name it."""
    return {"number": period.number, "starts_at": instant(period.starts_at), "ends_at": instant(period.ends_at)}


def ledger_data(run: PayoutRun) -> dict[str, Any]:
    """The transaction of the distribution, by account; debits above zero, credits below. Transaction 0 where nothing moved."""
    if run.distribution is None:
        return {"transaction": 0, "entries": []}
    entries = run.distribution.entries.order_by("leg").values_list("account__code", "amount")
    return {
        "transaction": run.distribution.pk,
        "entries": [{"account": code, "amount": amount} for code, amount in entries],
    }


def result(outcome: Outcome) -> dict[str, Any]:
    """What came out of the waterfall and how, as it stands in the bundle: every field of it, fractions as exact text.

    So is the sum of all weights: seconds × thousandths × thousandths of everybody are more than JSON numbers hold.
    """
    stated = {field.name: _stated(getattr(outcome, field.name)) for field in fields(outcome)}
    return stated | {"counted_weight": str(outcome.counted_weight)}


def _stated(value: Any) -> Any:
    if isinstance(value, tuple):
        return [{field.name: _stated(getattr(one, field.name)) for field in fields(one)} for one in value]
    return written_fraction(value) if isinstance(value, Fraction) else value


def written_fraction(share: Fraction) -> str:
    """A reduced fraction as "num/den"."""
    return f"{share.numerator}/{share.denominator}"
