"""The public bundle of a run, canut-run/3: everything needed to reckon it again offline, and no names."""

from collections.abc import Mapping
from dataclasses import fields
from fractions import Fraction
from typing import Any

from coop.audit.proofs import log_proof
from coop.ground.canonical import instant
from coop.rules.actions import book_pinned_as
from payouts.sharing.models import PayoutRun, Period, RunVersion
from payouts.sharing.waterfall import Outcome

FORMAT = "canut-run/3"


def bundle(run: PayoutRun) -> dict[str, Any]:
    """The bundle of the current version of a computed run. "log" shows that its hash stands in the sealed log; null until it is sealed."""
    assert run.current is not None, "a run that is not computed has no bundle"
    return bundle_of(run.current)


def bundle_of(version: RunVersion) -> dict[str, Any]:
    """The bundle of one version, current or replaced."""
    return unlogged(version) | {"log": log_proof(version.log_entry)}


def unlogged(version: RunVersion) -> dict[str, Any]:
    """The bundle without "log": what is hashed and recorded when a version is made. "ledger" is what the approval books."""
    run = version.run
    return {
        "format": FORMAT,
        "run": str(run.pk),
        "version": version.number,
        "replaces": version.replaces.bundle_sha256 if version.replaces else None,
        "period": period_data(run.period),
        "currency": run.currency,
        "rule_book": book_pinned_as(run.rule_book_id).as_data(),
        "inputs": version.inputs,
        "inputs_sha256": version.inputs_sha256,
        "result": version.result,
        "result_sha256": version.result_sha256,
        "payable_total": version.payable_total,
        "ledger": {"entries": version.postings},
    }


def reckoned_from(run: PayoutRun, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Everything a version is reckoned from. Its fingerprint is `inputs_sha256`, which also settles ties."""
    return {
        "period": period_data(run.period),
        "currency": run.currency,
        "rule_book_hash": run.rule_book_id,
        "inputs": inputs,
    }


def period_data(period: Period) -> dict[str, Any]:
    """A period as bundles name it."""
    return {"number": period.number, "starts_at": instant(period.starts_at), "ends_at": instant(period.ends_at)}


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
