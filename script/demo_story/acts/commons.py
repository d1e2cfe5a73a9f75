"""The labels enter the commons; an insurer is refused by a red line, a research laboratory by nobody."""

from __future__ import annotations

from typing import Any

from script.demo_story.cast import STEWARDS
from script.demo_story.production import Production
from script.demo_story.stage import wait_until


def enter_the_commons(production: Production) -> None:
    """The labels of the first register become a dataset under the default policy."""
    dataset = production.caller("awa").post(
        "/api/v1/datasets/",
        {
            "project": production.kept["first"]["id"],
            "title": "Handwritten digits of the first register (simulated labels)",
            "summary": "Labels by 24 simulated members on 120 real images, UCI, CC BY 4.0.",
        },
        key="dataset-1",
    )
    production.kept["dataset"] = dataset["id"]
    seen = production.public.get(f"/api/v1/datasets/{dataset['id']}/")
    production.found_out(
        "dataset in the commons", f"{seen['contributions']} contributions", f"policy {seen['policy']['hash'][:12]}"
    )


def ask_for_access(production: Production) -> None:
    """An insurer asks and is refused by a red line; a research laboratory asks and the stewards vote."""
    insurer = production.caller("victor").post(
        "/api/v1/access-requests/",
        _request(production, "Assurances Réunies (simulated)", "firm", "insurance", "Pricing contracts by handwriting"),
        key="insurer",
    )
    production.found_out("the insurer", insurer["state"], insurer.get("red_line") or str(insurer.get("reasons")))
    asked = production.caller("nadia").post(
        "/api/v1/access-requests/",
        _request(
            production,
            "Laboratoire d’histoire du travail (simulated)",
            "public_body",
            "research",
            "Non-commercial research on parish registers",
        ),
        key="laboratory",
    )
    production.kept["request"] = asked["id"]
    proposal = wait_until(
        "the request is a proposal to the stewards",
        lambda: production.public.get(f"/api/v1/access-requests/{asked['id']}/").get("proposal"),
    )
    production.advance(days=1, minutes=5)

    def state() -> dict[str, Any]:
        production.stage.check()
        seen: dict[str, Any] = production.public.get(f"/api/v1/proposals/{proposal}/")
        return seen

    wait_until("the stewards' ballot opens", lambda: state()["state"] == "voting")
    ballot = state()["ballot"]
    for steward in STEWARDS[:4]:
        production.caller(steward).put(f"/api/v1/ballots/{ballot}/vote/", {"choice": "yes"})
    outsider = production.caller("hanitra").put(f"/api/v1/ballots/{ballot}/vote/", {"choice": "no"}, expect=(404, 409))
    production.found_out("a vote by who is not a steward", "refused", outsider["code"])
    production.advance(days=7, minutes=5)
    wait_until("the stewards' ballot is counted", lambda: state()["state"] in ("adopted", "executable", "executed"))
    production.advance(days=1, minutes=5)
    wait_until(
        "the grant is given",
        lambda: production.public.get(f"/api/v1/access-requests/{asked['id']}/")["state"] == "granted",
    )
    register = production.public.all("/api/v1/register/")
    states = sorted(entry["state"] for entry in register)
    production.found_out("the public register shows", ", ".join(states), "register")


def _request(production: Production, organisation: str, legal_form: str, sector: str, purpose: str) -> dict[str, Any]:
    return {
        "dataset": production.kept["dataset"],
        "organisation": organisation,
        "legal_form": legal_form,
        "country": "FR",
        "sector": sector,
        "purpose": purpose,
        "actions": ["use"],
        "recipients": "Its own staff",
        "until_days": 180,
        "offer": 0,
    }
