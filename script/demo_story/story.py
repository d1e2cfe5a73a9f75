"""The order of the story. Where a step fails the story ends, and the others are listed as not reached."""

from __future__ import annotations

from collections.abc import Callable

from script.demo_story.acts import assembly, commons, epilogue, founding, market, payday, verification
from script.demo_story.production import Production

STEPS: list[tuple[str, Callable[[Production], None]]] = [
    ("the cast logs in", founding.meet_the_cast),
    ("members say where they are paid", founding.say_where_to_pay),
    ("clara orders labels and pays by Checkout", market.first_order_by_checkout),
    ("hanitra proposes a higher solidarity share", assembly.propose),
    ("members claim and label the first register", market.label_first),
    ("the members vote", assembly.vote),
    ("the timelock passes, the decision is executed", assembly.execute),
    ("period 1 closes and is paid", payday.first_payday),
    ("clara orders again and pays by bank transfer", market.second_order_by_transfer),
    ("hanitra falls asleep over an item and is paid its bound", market.one_falls_asleep),
    ("members claim and label the second register", market.label_second),
    ("the labels enter the commons", commons.enter_the_commons),
    ("an insurer and a laboratory ask for the data", commons.ask_for_access),
    ("period 2 closes and is paid under the new rule", payday.second_payday),
    ("nobody is forgotten", payday.nobody_is_forgotten),
    ("canut-verify recomputes everything offline", verification.verify_offline),
    ("canut-verify refuses what was forged", verification.refuse_forgeries),
    ("something is left for visitors to do", epilogue.leave_something_to_do),
]
