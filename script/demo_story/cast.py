"""The people of the story. Hanitra, awa, clara and theo are for visitors to log in as; everybody is simulated, and shown as such."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

PASSWORD = "canut-demo-2026"
"""One password for the whole cast, printed at the end: it opens nothing but this sandbox."""


@dataclass(frozen=True)
class Person:
    """A member of the cast and how they work: seconds per answer, and how often they misread a digit (per thousand)."""

    key: str
    name: str
    country: str
    languages: tuple[str, ...]
    rail: str
    offices: tuple[str, ...] = ()
    pace: tuple[int, int] = (20, 60)
    errors_permille: int = 60

    @property
    def email(self) -> str:
        return f"{self.key}@canut.example"


@dataclass
class Labeller:
    """A simulated member at work: seeded errors and durations."""

    person: Person
    random: random.Random
    answers: int = 0
    wrong: int = 0
    seconds: int = 0
    done: bool = field(default=False)

    def label(self, picture: str, truth: str) -> str:
        """The digit this person sees: mostly the true one; 3 and 8, 4 and 9, 1 and 7 are what they mix up.

        What a person sees in a picture is theirs alone, whatever came before it: no run of the demo differs from another.
        """
        self.answers += 1
        eye = random.Random(f"{self.person.key}-{picture}")
        if eye.randrange(1000) >= self.person.errors_permille:
            return truth
        self.wrong += 1
        confused = {"3": "8", "8": "3", "4": "9", "9": "4", "1": "7", "7": "1"}
        return confused.get(truth) or eye.choice([digit for digit in "0123456789" if digit != truth])

    def spend(self) -> int:
        """Seconds spent on one answer."""
        seconds = self.random.randint(*self.person.pace)
        self.seconds += seconds
        return seconds


def _members(country: str, rail: str, languages: tuple[str, ...], names: str) -> list[Person]:
    return [Person(name.lower(), name, country, languages, rail) for name in names.split()]


STEWARDS = ("awa", "fara", "luis", "wanjiru", "camille")

_ALL = [
    *_members("MG", "mobile_money", ("mg", "fr"), "Hanitra Fara Rado Tiana Miora Solofo"),
    *_members("SN", "mobile_money", ("fr",), "Awa Moussa Fatou Ibrahima Aminata"),
    *_members("KE", "mobile_money", ("en",), "Wanjiru Otieno Achieng"),
    *_members("VE", "mobile_money", ("es",), "Luis Yelitza Jesus"),
    *_members("FR", "stripe", ("fr", "en"), "Theo Camille Samir"),
    *_members("TN", "mobile_money", ("fr",), "Amel"),
    *_members("PT", "stripe", ("pt",), "Ines"),
    *_members("BE", "stripe", ("fr",), "Jan Lise"),
]

MEMBERS: list[Person] = [
    Person(
        person.key,
        person.name,
        person.country,
        person.languages,
        person.rail,
        offices=(("treasurer",) if person.key == "theo" else ()) + (("steward",) if person.key in STEWARDS else ()),
        pace=(15 + 5 * (place % 5), 45 + 5 * (place % 7)),
        errors_permille=(30, 60, 120, 45, 90, 250)[place % 6],
    )
    for place, person in enumerate(_ALL)
]
"""Twenty-four members in eight countries; Madagascar and Senegal have five or more."""

REQUESTER_KEYS = {"clara": "Clara Lindqvist", "victor": "Victor Almeida", "nadia": "Nadia Haddad"}
"""Clara orders for a university lab; Victor asks for data on behalf of an insurer, Nadia on behalf of a research laboratory."""
