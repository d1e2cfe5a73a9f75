"""Reads the sentences of a statement back into numbers: what a member with a pencil would do."""

import re
from fractions import Fraction

MONEY = re.compile(r"€?(\d[\d,]*)\.(\d\d)( EUR)?")
ALLOWED = re.compile(r"[\d+\-*/() ]+")


def reckoned(text: str) -> Fraction:
    """The value of the arithmetic in a piece of a sentence, in minor units: words are passed over, money becomes cents."""
    text = MONEY.sub(lambda found: str(int(found[1].replace(",", "") + found[2])), text)
    text = text.replace("×", "*").replace("−", "-")
    text = re.sub(r"[^\W\d]+", " ", text)
    if not ALLOWED.fullmatch(text):
        raise AssertionError(f"more than arithmetic in {text!r}")
    return Fraction(eval(re.sub(r"\d+", r"Fraction(\g<0>)", text), {"__builtins__": {}, "Fraction": Fraction}))
