"""A period closes, the run is computed, published, approved and paid."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

from script.demo_story.cast import MEMBERS
from script.demo_story.production import Production
from script.demo_story.stage import StepFailed, wait_until


def first_payday(production: Production) -> None:
    """The first period ends."""
    _payday(production, 1)


def second_payday(production: Production) -> None:
    """The second period ends, under the raised share."""
    _payday(production, 2)
    before, after = (_levy(production.kept[f"run-{number}"], "solidarity") for number in (1, 2))
    if (before["share_bp"], after["share_bp"]) != (300, 700):
        raise StepFailed(f"the solidarity share was {before['share_bp']} then {after['share_bp']}, not 300 then 700")
    production.found_out(
        "solidarity before / after the vote", f"{before['share_bp']} / {after['share_bp']} basis points", "both runs"
    )


def _payday(production: Production, number: int) -> None:
    _pass_the_end(production, number)
    run = _computed_run(production, number)
    early = production.caller("theo").post(f"/api/v1/runs/{run['id']}/approve/", key=f"early-{number}", expect=(409,))
    production.advance(days=3, minutes=5)
    theo = production.caller("theo")
    theo.post(f"/api/v1/runs/{run['id']}/approve/", key=f"approve-{number}")
    files = wait_until("the mobile-money files are written", lambda: theo.all(f"/api/v1/runs/{run['id']}/files/"))
    for file in files:
        theo.post(f"/api/v1/runs/{run['id']}/files/{file['id']}/download/")
        content = theo.get(f"/api/v1/runs/{run['id']}/files/{file['id']}/").decode()
        theo.ask(
            "POST",
            f"/api/v1/runs/{run['id']}/files/{file['id']}/confirm/",
            data=_operator_answer(content).encode(),
            headers={"Content-Type": "text/csv", "Idempotency-Key": f"operator-{file['id']}"},
        )

    def settled() -> Any:
        production.stage.check()
        seen = production.public.get(f"/api/v1/runs/{run['id']}/")
        return seen if seen["state"] in ("settled", "settled_with_holds", "closed") else None

    run = wait_until("the run is settled", settled)
    production.kept[f"run-{number}"] = run
    hanitra = production.caller("hanitra")
    statement = next(one for one in hanitra.all("/api/v1/statements/") if one["run"]["period"]["number"] == number)
    detail = hanitra.get(f"/api/v1/statements/{statement['id']}/")
    other = production.caller("awa").ask("GET", f"/api/v1/statements/{statement['id']}/", expect=(404,))
    waterfall = run["waterfall"]
    production.found_out(
        f"period {number}: revenue pooled", _euros(waterfall["revenue"]), f"book {run['rule_book'][:12]}"
    )
    production.found_out(f"period {number}: labour pool", _euros(waterfall["labour_pool"]), waterfall["regime"])
    production.found_out(f"period {number}: paid to members", _euros(run["payable_total"]), f"run {run['state']}")
    production.found_out(
        f"period {number}: hanitra's statement",
        _euros(detail["payable"]),
        f"{len(detail['lines'])} explained lines; awa asks for it: {other['status']}",
    )
    production.found_out(f"period {number}: approval in the objection window", "refused", early["code"])


def _pass_the_end(production: Production, number: int) -> None:
    period = next(one for one in production.public.all("/api/v1/periods/") if one["number"] == number)
    ends = datetime.fromisoformat(period["ends_at"].replace("Z", "+00:00"))
    left = ends - production.now()
    production.advance(seconds=max(0, int(left.total_seconds()) + 60))


def _computed_run(production: Production, number: int) -> dict[str, Any]:
    def computed() -> Any:
        production.stage.check()
        for run in production.public.all("/api/v1/runs/"):
            if run["period"]["number"] == number and run["state"] == "computed":
                return run
        return None

    found: dict[str, Any] = wait_until(f"beat closes period {number} and computes its run", computed)
    return found


def _operator_answer(content: str) -> str:
    """What the operator sends back for its file: every row paid. Each of the two templates has its own columns."""
    delimiter = ";" if ";" in content.splitlines()[0] else ","
    rows = list(csv.reader(io.StringIO(content), delimiter=delimiter))[1:]
    if delimiter == ";":
        header, paid = ["reference", "status", "transaction_id", "reason"], "paid"
    else:
        header, paid = ["OriginatorConversationID", "ResultStatus", "TransactionReceipt", "ResultDesc"], "completed"
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows([row[0], paid, f"SIM{place:06d}", ""] for place, row in enumerate(rows))
    return text.getvalue()


def _levy(run: dict[str, Any], line: str) -> dict[str, Any]:
    found: dict[str, Any] = next(levy for levy in run["levies"] if levy["line"] == line)
    return found


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d} EUR"


def nobody_is_forgotten(production: Production) -> None:
    """What the members were paid on both paydays, from their own statements."""
    total = 0
    for person in MEMBERS:
        total += sum(one["payable"] for one in production.caller(person.key).all("/api/v1/statements/"))
    paid = sum(production.kept[f"run-{number}"]["payable_total"] for number in (1, 2))
    if total != paid:
        raise StepFailed(f"the statements add up to {_euros(total)}, the runs to {_euros(paid)}")
    production.found_out("all statements together", _euros(total), "equal to both runs")
