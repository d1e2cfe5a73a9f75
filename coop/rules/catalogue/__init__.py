"""Every changeable rule of the co-operative, declared once, one file per family. Pure: no framework.

A rule's value is whole numbers, words from a list, or a table of them; never a float.
The layer says which procedure may change the rule; the effect says when an adopted change begins.
"""

from collections.abc import Mapping

from coop.rules.catalogue import commons, members, orders, pay, procedures, work
from coop.rules.catalogue.rule import Rule

FAMILIES = (pay, orders, work, commons, members, procedures)
"""In the order in which they are shown."""

CATALOGUE: Mapping[str, Rule] = {rule.key: rule for family in FAMILIES for rule in family.RULES}
"""Every rule by its key."""


def levies() -> list[Rule]:
    """The rules whose share of what can be distributed goes to a fund before labour, in the order in which they are taken."""
    return [rule for rule in CATALOGUE.values() if rule.levy]
