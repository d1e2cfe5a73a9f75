"""The founding, the tokens of the cast, and where everybody is paid."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import requests

from script.demo_story.acts.market import rail_of
from script.demo_story.cast import MEMBERS
from script.demo_story.production import Production


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
        details = rail_of(person)
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

    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(give, range(len(MEMBERS))):
            pass
    rails = [production.caller(person.key).get("/api/v1/rail/")["rail"] for person in MEMBERS]
    production.found_out(
        "paid by mobile money / by Stripe", f"{rails.count('mobile_money')} / {rails.count('stripe')}", "rail details"
    )
