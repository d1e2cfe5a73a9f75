from coop.members.models import College, OfficeKind
from coop.rules.catalogue import CATALOGUE
from frontend.labels import NAMES


def test_every_stored_word_of_a_rule_can_be_translated():
    stored = {*OfficeKind.values, *College.values}
    for rule in CATALOGUE.values():
        stored |= set(rule.choices) | set(rule.columns or {})
        for column in (rule.columns or {}).values():
            stored |= set(column.choices)

    missing = stored - set(NAMES)

    assert not missing
