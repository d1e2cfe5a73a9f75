"""Hanitra proposes, the members vote, the rule changes by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from script.demo_story.cast import MEMBERS
from script.demo_story.production import Production
from script.demo_story.stage import StepFailed, wait_until

KEY = "pay.solidarity_share"
NEW_SHARE = 700


def propose(production: Production) -> None:
    """Hanitra proposes to raise the solidarity share; two members talk about it."""
    hanitra = production.caller("hanitra")
    rule = production.public.get(f"/api/v1/rules/{KEY}/")
    production.kept["share before"] = rule["value"]
    proposal = hanitra.post(
        "/api/v1/proposals/",
        {
            "title": "Raise the solidarity share to 7 %",
            "text": "Two of us fell ill this spring. Seven in a hundred instead of three would have carried both for a month.",
            "language": "en",
            "change_set": [{"op": "set_rule", "key": KEY, "base_version": rule["version"], "new_value": NEW_SHARE}],
        },
    )
    production.kept["proposal"] = proposal["id"]
    hanitra.post(f"/api/v1/proposals/{proposal['id']}/submit/")
    for name, words in (
        ("awa", "I carried one of these months alone. Yes."),
        ("theo", "It costs each of us about four per cent of a payslip."),
    ):
        production.caller(name).post(f"/api/v1/proposals/{proposal['id']}/posts/", {"text": words})
    too_much = hanitra.post(
        "/api/v1/proposals/",
        {
            "title": "Everything for solidarity",
            "text": "All of it.",
            "language": "en",
            "change_set": [{"op": "set_rule", "key": KEY, "base_version": rule["version"], "new_value": 9000}],
        },
        expect=(201, 400, 409),
    )
    if "id" in too_much:
        too_much = hanitra.post(f"/api/v1/proposals/{too_much['id']}/submit/", expect=(400, 409))
    production.found_out("a share beyond its bound", "refused", too_much["code"])


def vote(production: Production) -> None:
    """The roll is frozen, the members vote, awa changes her vote, the ballot closes; nobody votes afterwards."""
    production.advance(days=1, minutes=5)
    proposal = _wait_for_state(production, "voting")
    ballot = proposal["ballot"]
    production.kept["ballot"] = ballot
    choices = {
        person.key: ("no" if place % 6 == 5 else "abstain" if place % 8 == 7 else "yes")
        for place, person in enumerate(MEMBERS)
    }
    choices["awa"] = "no"
    absent = {"jan", "jesus"}

    def cast(name: str, choice: str) -> None:
        production.caller(name).put(f"/api/v1/ballots/{ballot}/vote/", {"choice": choice})

    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(
            lambda pair: cast(*pair), [(name, choice) for name, choice in choices.items() if name not in absent]
        ):
            pass
    cast("awa", "yes")
    choices["awa"] = "yes"
    production.advance(days=7, minutes=5)
    _wait_for_state(production, "closed", "tallied", "adopted", "executable")
    late = production.caller("jan").put(f"/api/v1/ballots/{ballot}/vote/", {"choice": "yes"}, expect=(409,))
    production.found_out("a vote after the close", "refused", late["code"])
    proposal = _wait_for_state(production, "adopted", "executable")
    result = production.public.get(f"/api/v1/ballots/{ballot}/")["result"]
    given = [choice for name, choice in choices.items() if name not in absent]
    for choice, counted in (("yes", "in_favour"), ("no", "against"), ("abstain", "abstained")):
        if given.count(choice) != result[counted]:
            raise StepFailed(f"{given.count(choice)} members voted {choice}, the result says {result[counted]}")
    production.found_out(
        "the vote on the solidarity share",
        f"{result['in_favour']} for, {result['against']} against, {result['abstained']} abstained of {result['roll']}",
        result["outcome"],
    )


def execute(production: Production) -> None:
    """The timelock passes and beat executes the decision: the rule waits for the next period."""
    production.advance(days=2, minutes=5)
    _wait_for_state(production, "executed")
    rule = production.public.get(f"/api/v1/rules/{KEY}/")
    if rule["value"] != production.kept["share before"]:
        raise StepFailed("the rule changed before the next period")
    coming = [version for version in rule["history"] if version["value"] == NEW_SHARE]
    if not coming:
        raise StepFailed(f"no version of the rule with {NEW_SHARE}: {rule['history']}")
    production.found_out("the new share begins", coming[0]["effective_from"][:10], "the next payout period")


def _wait_for_state(production: Production, *states: str) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def reached() -> bool:
        production.stage.check()
        seen.update(production.public.get(f"/api/v1/proposals/{production.kept['proposal']}/"))
        return seen["state"] in states

    wait_until(f"the proposal is {' or '.join(states)}", reached)
    return seen
