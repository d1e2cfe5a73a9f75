"""The labels enter the commons; an insurer is refused by a red line, a research laboratory is granted access by the stewards' vote."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from script.demo_story.cast import STEWARDS
from script.demo_story.production import Production
from script.demo_story.stage import StepFailed, wait_until


def enter_the_commons(production: Production) -> None:
    """The labels of the first register become a dataset under the default policy."""
    dataset = production.caller("awa").post(
        "/api/v1/datasets/",
        {
            "project": production.kept["first"]["id"],
            "title": "Handwritten digits of the first register (simulated labels)",
            "summary": "Labels by simulated members on 120 real images (UCI, CC BY 4.0).",
            "client_rights": "The client leaves the labels to the commons; the images are CC BY 4.0.",
        },
        key="dataset-1",
    )
    production.kept["dataset"] = dataset["id"]
    seen = production.public.get(f"/api/v1/datasets/{dataset['id']}/")
    release = seen["releases"][0]
    production.found_out(
        "dataset in the commons",
        f"{release['units']} labels by {release['contributors']} contributors",
        f"manifest {release['manifest_sha256'][:12]}",
    )


def ask_for_access(production: Production) -> None:
    """Both requests are published in full as they are made; the machine refuses one, people decide on the other."""
    insurer = _ask(production, "victor", "Assurances Réunies (simulated)", "firm", "insurance", "insurance_pricing")
    if insurer["outcome"] != "refused":
        raise StepFailed(f"the insurer's request is {insurer['outcome']!r}")
    production.found_out("the insurer", insurer["outcome"], insurer["refused_because"])
    asked = _ask(
        *(production, "nadia", "Laboratoire d’histoire du travail (simulated)"),
        *("public_body", "research_education", "academic_research"),
    )
    proposal = wait_until(
        "the request is a proposal to the stewards", lambda: _request(production, asked["id"])["proposal"]
    )

    def state() -> dict[str, Any]:
        production.stage.check()
        seen: dict[str, Any] = production.public.get(f"/api/v1/proposals/{proposal}/")
        return seen

    production.advance(days=1, minutes=5)
    wait_until("the stewards' ballot opens", lambda: state()["state"] == "voting")
    ballot = state()["ballot"]
    for steward in STEWARDS[:4]:
        production.caller(steward).put(f"/api/v1/ballots/{ballot}/vote/", {"choice": "yes"})
    outsider = production.caller("hanitra").put(f"/api/v1/ballots/{ballot}/vote/", {"choice": "no"}, expect=(409,))
    production.found_out("a vote by who is not a steward", "refused", outsider["code"])
    production.advance(days=7, minutes=5)
    wait_until("the stewards' ballot is counted", lambda: state()["state"] in ("adopted", "executable", "executed"))
    production.advance(days=1, minutes=5)
    granted = wait_until("the grant is given", lambda: _request(production, asked["id"])["grant"])
    _fetch_under(production, granted)
    register = production.public.all("/api/v1/register/")
    production.found_out(
        "the public register shows",
        "; ".join(sorted(f"{entry['organisation']}: {entry['outcome']}" for entry in register)),
        "register",
    )


def _fetch_under(production: Production, granted: str) -> None:
    """The laboratory downloads a file and checks its hash."""
    nadia = production.caller("nadia")
    grant = nadia.get(f"/api/v1/grants/{granted}/")
    file = next(one for one in grant["release"]["files"] if one["name"].endswith(".csv"))
    link = nadia.post(f"/api/v1/grants/{granted}/files/{file['name']}/")["url"]
    content = nadia.session.get(link, timeout=30).content
    if hashlib.sha256(content).hexdigest() != file["sha256"]:
        raise StepFailed(f"{file['name']} is not what the release says it is")
    production.found_out("the laboratory fetched", file["name"], f"sha256 {file['sha256'][:12]} as published")


def _request(production: Production, request: str) -> dict[str, Any]:
    seen: dict[str, Any] = production.public.get(f"/api/v1/access-requests/{request}/")
    return seen


def _ask(
    production: Production, key: str, organisation: str, legal_form: str, sector: str, purpose: str
) -> dict[str, Any]:
    request: dict[str, Any] = production.caller(key).post(
        "/api/v1/access-requests/",
        {
            "dataset": production.kept["dataset"],
            "organisation": organisation,
            "legal_form": legal_form,
            "country": "FR",
            "sector": sector,
            "purpose": purpose,
            "purpose_text": "Comparing how digits were written in parish registers (simulated request).",
            "actions": ["use"],
            "recipients": "Its own staff",
            "until": (production.now() + timedelta(days=180)).date().isoformat(),
            "offer": 0,
        },
        key=f"ask-{key}",
    )
    return request
