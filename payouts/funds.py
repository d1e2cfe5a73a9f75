"""The funds that revenue is shared into before labour. Pure: data, and nothing of the framework.

A new fund is one line here and one rule in the catalogue that names it (`levy`). Its account is opened by the first run that
books to it. Each run freezes the funds that its rule book has a rule for into its inputs, so that its bundle says what they were.
"""

from dataclasses import dataclass

from coop.ground.texts import gettext_noop as _
from payouts.ledger import chart


@dataclass(frozen=True, slots=True)
class Fund:
    """A fund: its account in the books, the rule that says its share of what can be distributed ("" takes none), its title."""

    key: str
    account: str
    rule: str
    title: str


FUNDS: tuple[Fund, ...] = (
    Fund("solidarity", "fund:solidarity", "pay.solidarity_share", _("Solidarity fund")),
    Fund("reserve", chart.RESERVE, "pay.reserve_share", _("Stabilisation reserve")),
    Fund("commons_operations", "fund:commons_operations", "pay.commons_operations_share", _("Commons and operations")),
    Fund("social_contributions", "fund:social_contributions", "pay.social_contributions_share", _("Social contributions")),
)  # fmt: skip
"""In the order in which their shares are taken and shown."""

COMMONS = Fund("commons", chart.COMMONS_FUND, "", _("Commons fund (income of re-use)"))
"""It takes no share of revenue: only what re-users pay goes there."""


def title(key: str) -> str:
    """What people call the fund; its key where it is no longer one of ours."""
    return next((fund.title for fund in FUNDS if fund.key == key), key)
