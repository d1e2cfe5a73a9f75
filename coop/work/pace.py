"""How long an answer of a project takes, and up to where its time is paid without a question. Pure.

The pace is a geometric mean in which the quote has five voices and every member one, her own median: nobody's speed and nobody's
sleep drives the others. Logarithms are floats; what leaves this file is whole seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

QUOTE_VOICES = 5
"""As many voices as the quote has beside the members' medians."""
WIDEST = 4
"""Each voice, and so the pace, stays between the quoted seconds divided and multiplied by this."""
FEWEST_VOICES = 5
"""With fewer members' medians the pace is the quote's: every bound tells the pace, and it would tell somebody's median."""
WHOLE = 1000
"""One whole pace factor, in thousandths."""
SLOWEST = 3 * WHOLE


def pace_seconds(quoted: int, medians: Sequence[int]) -> int:
    """exp((5 ln q + Σ ln median) / (5 + M)), no median heard below q/4 or above 4q; whole seconds, at least one.

    `medians` are seconds, one for each of the M members; their order changes nothing. ValueError where a second is not positive.
    """
    if quoted < 1 or any(median < 1 for median in medians):
        raise ValueError("a pace is made of positive seconds")
    heard = (min(max(median, quoted / WIDEST), quoted * WIDEST) for median in medians)
    voices = math.fsum([QUOTE_VOICES * math.log(quoted), *map(math.log, heard)])
    return max(1, int(math.exp(voices / (QUOTE_VOICES + len(medians))) + 1 / 2))


def bound_seconds(pace: int, *, least: int, paces: int, factor_permille: int) -> int:
    """The seconds of one item that are paid unquestioned: so many paces, at least `least`, times the member's own factor; rounded up."""
    if not WHOLE <= factor_permille <= SLOWEST:
        raise ValueError("a pace factor is between one and three")
    return -(-max(least, paces * pace) * factor_permille // WHOLE)
