from coop.members.models import OfficeKind
from coop.rules.catalogue import CATALOGUE
from frontend.vocabulary import WORDS


def test_every_stored_word_of_a_rule_can_be_translated():
    stored = set(OfficeKind.values)
    for rule in CATALOGUE.values():
        stored |= set(rule.choices) | set(rule.columns or {})
        for column in (rule.columns or {}).values():
            stored |= set(column.choices)

    missing = {word.replace("_", " ") for word in stored} - set(WORDS)

    assert not missing
