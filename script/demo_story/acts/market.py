"""Clara orders labels, pays, and the members label them."""

from __future__ import annotations

import csv
import io
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from script.demo_story.cast import MEMBERS, Labeller
from script.demo_story.production import Production
from script.demo_story.stage import ROOT, StepFailed, wait_until

DIGITS = ROOT / "script" / "demo_data" / "digits.csv"
SEED = 2026
WAVE_SECONDS = 90
"""The co-operative's clock between taking an item and giving it back: no simulated member takes longer."""


def _digits() -> list[dict[str, str]]:
    with DIGITS.open(newline="") as file:
        return list(csv.DictReader(file))


def _picture(pixels: list[int]) -> str:
    """What a simulated member recognises a picture by."""
    return ",".join(map(str, pixels))


def _as_upload(rows: list[dict[str, str]]) -> str:
    """The rows as Clara uploads them: without the true label, which stays with her."""
    text = io.StringIO()
    fields = [name for name in rows[0] if name != "label"]
    writer = csv.DictWriter(text, fields, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _client(production: Production) -> str:
    """Clara's laboratory, registered when she orders for the first time: its id."""
    if "client" not in production.kept:
        production.kept["client"] = production.caller("clara").post(
            "/api/v1/clients/",
            {
                "legal_name": "Université de Lyon, laboratoire d’écriture (simulated)",
                "country": "FR",
                "kind": "research",
                "contact": "clara@canut.example",
            },
        )["id"]
    return str(production.kept["client"])


def order_digits(production: Production, *, name: str, first: int, last: int) -> dict[str, Any]:
    """A project of Clara's on digits first..last, quoted: its id, its quote and the true labels."""
    clara, client = production.caller("clara"), _client(production)
    rows = _digits()[first:last]
    project = clara.post(
        "/api/v1/projects/",
        {
            "client": client,
            "title": f"Handwritten digits, {name}",
            "purpose": "Reading handwritten ages in parish registers, for a history of work that will be published openly.",
            "final_client": "Université de Lyon, laboratoire d’écriture (simulated)",
            "end_use": ["research"],
            "product": "An open model that reads digits in old registers",
            "sold_as_automated": False,
            "languages": ["fr", "en"],
            "task_type": "choice",
            "template": {
                "question": "Which digit is written here?",
                "media": "image",
                "options": [{"key": digit, "label": digit, "shortcut": digit} for digit in "0123456789"],
                "pixels": {"width": 8, "height": 8, "highest": 16},
            },
            "instructions": "Choose the digit you see. If two are possible, choose the likelier one.",
            "seconds_per_answer": 40,
        },
    )
    clara.ask(
        "POST",
        f"/api/v1/projects/{project['id']}/items/",
        data=_as_upload(rows).encode(),
        headers={"Content-Type": "text/csv"},
    )
    quote = clara.post(f"/api/v1/projects/{project['id']}/quote/", key=f"quote-{name}")
    truth = {row["external_id"]: row["label"] for row in rows}
    pictures = {_picture([int(row[f"p{n}"]) for n in range(64)]): row["label"] for row in rows}
    return {"id": project["id"], "quote": quote, "truth": truth, "pictures": pictures, "name": name}


def first_order_by_checkout(production: Production) -> None:
    """Clara states purpose, final client and end use, gets an itemised quote, and pays by Checkout."""
    first = production.kept["first"] = order_and_pay_by_checkout(production, name="first register", first=0, last=120)
    seen = production.caller("clara").get(f"/api/v1/orders/{first['order']}/")
    production.found_out("first order paid by Checkout", _euros(seen["amount"]), f"order {seen['state']}")
    for line in first["quote"]["lines"]:
        production.found_out(f"  quote: {line['key']}", _euros(line["amount"]), "quote")


def order_and_pay_by_checkout(production: Production, *, name: str, first: int, last: int) -> dict[str, Any]:
    """A project of Clara's on digits first..last, paid on the stand-in's page and live."""
    project = order_digits(production, name=name, first=first, last=last)
    clara = production.caller("clara")
    order = clara.post(f"/api/v1/projects/{project['id']}/order/", {"method": "checkout"}, key=f"order-{name}")
    session = order["payment_url"].split("?")[0].rstrip("/").rsplit("/", 1)[-1]
    paid = requests.post(
        f"{production.stand_in}/_sandbox/pay", json={"session": session, "outcome": "paid"}, timeout=30
    )
    if paid.status_code != 200:
        raise StepFailed(f"the stand-in did not take the payment: {paid.text[:300]}")
    _wait_until_live(production, project["id"])
    return project | {"order": order["id"]}


def second_order_by_transfer(production: Production) -> None:
    """Clara orders again and pays by bank transfer; a wrong amount is refused, then Theo confirms the right one."""
    second = production.kept["second"] = order_digits(production, name="second register", first=120, last=200)
    clara, theo = production.caller("clara"), production.caller("theo")
    order = clara.post(f"/api/v1/projects/{second['id']}/order/", {"method": "bank_transfer"}, key="order-2")
    confirmation = {"amount": order["amount"] - 1, "reference": f"SIM-{order['reference']}"}
    refused = theo.post(f"/api/v1/orders/{order['id']}/confirm-transfer/", confirmation, key="short", expect=(409,))
    confirmation["amount"] = order["amount"]
    theo.post(f"/api/v1/orders/{order['id']}/confirm-transfer/", confirmation, key="right")
    _wait_until_live(production, second["id"])
    seen = clara.get(f"/api/v1/orders/{order['id']}/")
    production.found_out("a transfer one cent short", "refused", refused["code"])
    production.found_out("second order paid by transfer", _euros(seen["amount"]), f"order {seen['state']}")


def label_first(production: Production) -> None:
    """The members take and label the first register."""
    _label(production, production.kept["first"])


def one_falls_asleep(production: Production) -> None:
    """Hanitra takes an item, sleeps for eight hours, and hands it in without a word: its bound counts, and nobody asks."""
    project, hanitra = production.kept["second"], production.caller("hanitra")
    taken = hanitra.post("/api/v1/work/claims/", {"project": project["id"]}, key="asleep", expect=(201,))
    production.advance(hours=8)
    label = project["pictures"][_picture(taken["payload"]["pixels"])]
    hanitra.post(f"/api/v1/work/assignments/{taken['id']}/submit/", {"value": {"choice": label}}, key="awake")
    counted = hanitra.get("/api/v1/work/time/")["results"][0]["counted_seconds"]
    production.found_out("eight hours asleep on one item", f"{counted} s", "paid up to its bound, unquestioned")
    if counted != taken["bound_seconds"]:
        raise StepFailed(f"a sleeper is paid {counted} s where the bound is {taken['bound_seconds']} s")


def label_second(production: Production) -> None:
    """The members take and label the second register."""
    _label(production, production.kept["second"])


def _wait_until_live(production: Production, project: str) -> None:
    clara = production.caller("clara")
    wait_until("the project is live", lambda: clara.get(f"/api/v1/projects/{project}/")["status"] == "live")


def _label(production: Production, project: dict[str, Any]) -> None:
    """Waves of work: everybody takes an item, time passes, everybody gives an answer, until nothing is open."""
    labellers = [Labeller(person, random.Random(f"{SEED}-{project['name']}-{person.key}")) for person in MEMBERS]
    wave = 0
    with ThreadPoolExecutor(8) as pool:
        while open_labellers := [labeller for labeller in labellers if not labeller.done]:
            wave += 1
            if wave > 200:
                raise StepFailed("the members still find open items after 200 waves")
            taken = [
                _claim(production, project, wave, one) for one in open_labellers
            ]  # in turn, so that each run is the same
            production.advance(seconds=WAVE_SECONDS)
            held = [(one, assignment) for one, assignment in zip(open_labellers, taken, strict=True) if assignment]
            for _ in pool.map(lambda pair: _submit(production, project, *pair), held):
                pass
            production.stage.check()
    answers = sum(one.answers for one in labellers)
    wrong = sum(one.wrong for one in labellers)
    clara = production.caller("clara")

    def delivered() -> dict[str, Any] | None:
        state: dict[str, Any] = clara.get(f"/api/v1/projects/{project['id']}/")
        return state if state["status"] == "done" else None

    wait_until("every item has its consensus and the project is done", delivered)
    results = clara.get(f"/api/v1/projects/{project['id']}/results/")
    labels = {item["external_id"]: (item["value"] or {}).get("choice") for item in results["items"]}
    right = sum(labels.get(item) == truth for item, truth in project["truth"].items())
    production.found_out(f"answers given ({project['name']})", answers, f"{wrong} wrong by a seeded slip, {wave} waves")
    production.found_out(
        f"labels that are true ({project['name']})",
        f"{right} of {len(project['truth'])}",
        results["strategy"],
    )
    if right * 100 < 90 * len(project["truth"]):
        raise StepFailed(f"the consensus found only {right} of {len(project['truth'])} true labels")


def _claim(production: Production, project: dict[str, Any], wave: int, labeller: Labeller) -> dict[str, Any] | None:
    caller = production.caller(labeller.person.key)
    answer = caller.post(
        "/api/v1/work/claims/", {"project": project["id"]}, key=f"{project['id']}-{wave}", expect=(201, 204, 409)
    )
    if answer and "leased_at" in answer:
        taken: dict[str, Any] = answer
        return taken
    if answer and answer["code"] != "project_not_live":  # done while this member was asking
        raise StepFailed(f"{labeller.person.name} is refused work: {answer}")
    labeller.done = True
    return None


def _submit(production: Production, project: dict[str, Any], labeller: Labeller, assignment: dict[str, Any]) -> None:
    picture = _picture(assignment["payload"]["pixels"])
    truth = project["pictures"][picture]
    seconds = labeller.spend()
    production.caller(labeller.person.key).post(
        f"/api/v1/work/assignments/{assignment['id']}/submit/",
        {
            "value": {"choice": labeller.label(picture, truth)},
            "measured_seconds": seconds,
            "paused_seconds": 0,
            "declared_seconds": seconds,
        },
        key=f"submit-{assignment['id']}",
    )


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d} EUR"
