"""The public bundle of a run, canut-run/1: everything needed to reckon it again offline, and no names."""

from fractions import Fraction
from typing import Any

from coop.audit.proofs import log_proof
from coop.ground.canonical import fingerprint, instant
from coop.rules.actions import book_pinned_as
from payouts.models import PayoutRun, Period
from payouts.waterfall import Outcome

FORMAT = "canut-run/1"


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


def inputs_sha256(run: PayoutRun) -> str:
    """The hash of everything a run is reckoned from; it also settles ties."""
    return fingerprint(
        {
            "period": period_data(run.period),
            "currency": run.currency,
            "rule_book_hash": run.rule_book_id,
            "inputs": run.inputs,
        }
    )


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
    """What came out of the waterfall, as it stands in the bundle."""
    return {
        "revenue": outcome.revenue,
        "net": outcome.net,
        "distributable": outcome.distributable,
        "deficit_next": outcome.deficit_next,
        "levies": [{"line": levy.line, "share_bp": levy.share_bp, "amount": levy.amount} for levy in outcome.levies],
        "labour_pool": outcome.labour_pool,
        "owed_paid": outcome.owed_paid,
        "reserve_draw": outcome.reserve_draw,
        "pool": outcome.pool,
        "regime": outcome.regime,
        "to_reserve": outcome.to_reserve,
        "members": [
            {
                "member": share.member,
                "seconds": share.seconds,
                "weight": share.weight,
                "floor": share.floor,
                "cap": share.cap,
                "owed_paid": share.owed_paid,
                "exact": written_fraction(share.exact),
                "amount": share.amount,
                "shortfall": share.shortfall,
                "owed_left": share.owed_left,
            }
            for share in outcome.members
        ],
    }


def written_fraction(share: Fraction) -> str:
    """A reduced fraction as "num/den"."""
    return f"{share.numerator}/{share.denominator}"
