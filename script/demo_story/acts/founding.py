"""The founding, the tokens of the cast, and where everybody is paid."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from script.demo_story.cast import MEMBERS, Person
from script.demo_story.production import Production

OPERATORS = {
    "MG": ("mvola", "+26134"),
    "SN": ("orange_sn", "+22177"),
    "KE": ("mpesa", "+25471"),
    "VE": ("pago_movil", "+58412"),
    "TN": ("d17", "+2162"),
}
"""Mobile money where Stripe does not pay out: the operator, and how a number begins."""

RATES = {"XOF": (655_957, 1000), "MGA": (5_230, 1), "KES": (1_503, 10), "VES": (2_400, 10), "TND": (3_396, 1000)}
"""Units for one euro. The West African parity is fixed by law; the others are round numbers for the demonstration."""


def meet_the_cast(production: Production) -> None:
    """Everybody gets a password and a token of their own; the founding is read back."""
    production.log_the_cast_in()
    me = production.caller("hanitra").get("/api/v1/me/")
    book = production.public.get("/api/v1/rules/book/")
    countries = {person.country for person in MEMBERS}
    production.found_out(
        "founded with", f"{len(MEMBERS)} members in {len(countries)} countries", f"hanitra is {me['member']['college']}"
    )
    production.found_out("rules in force", len(book["rules"]), f"book {book['hash'][:12]}")


def say_where_to_pay(production: Production) -> None:
    """Members give their rail details: mobile money in the South, a Stripe account in the EEA."""

    def give(place: int) -> None:
        person = MEMBERS[place]
        details = rail_of(place, person)
        if details["rail"] == "stripe":
            account = requests.post(
                f"{production.stand_in}/v1/accounts",
                data={
                    "type": "express",
                    "country": person.country,
                    "email": person.email,
                    "capabilities[transfers][requested]": "true",
                },
                headers={"Authorization": "Bearer sk_test_sandbox"},
                timeout=30,
            ).json()
            details["account"] = account["id"]
        production.caller(person.key).put("/api/v1/rail/", details)

    for currency, (num, den) in RATES.items():
        rate = {"currency": currency, "num": num, "den": den, "source": "round numbers for a demonstration"}
        production.caller("theo").post("/api/v1/rates/", rate)
    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(give, range(len(MEMBERS))):
            pass
    rails = [production.caller(person.key).get("/api/v1/rail/")["rail"] for person in MEMBERS]
    production.found_out(
        "paid by mobile money / by Stripe", f"{rails.count('mobile_money')} / {rails.count('stripe')}", "rail details"
    )


def rail_of(place: int, person: Person) -> dict[str, Any]:
    """How this person is paid; the numbers belong to nobody in particular."""
    if person.rail == "stripe":
        return {"rail": "stripe"}
    operator, prefix = OPERATORS[person.country]
    return {"rail": "mobile_money", "operator": operator, "number": f"{prefix}{1_000_000 + place * 4_321:07d}"}
