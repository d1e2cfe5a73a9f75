"""Countries and languages have a name for everybody who reads them."""

import unicodedata

import pytest
from django.conf import settings
from django.utils import translation

from coop.ground import cldr
from coop.ground.texts import by_letters


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_every_country_and_language_that_can_be_chosen_has_a_name(language):
    with translation.override(language):
        nameless = [code for code, name in [*cldr.countries(), *cldr.languages()] if name == code]

    assert not nameless


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("listed", [cldr.countries, cldr.languages])
def test_a_list_begins_with_a_and_ends_with_z_whatever_the_accents(language, listed):
    with translation.override(language):
        names = [name for _code, name in listed()]

    first = [unicodedata.normalize("NFD", name)[0].lower() for name in names]

    assert first == sorted(first)


def test_the_countries_stand_as_their_reader_looks_for_them():
    with translation.override("fr"):
        names = [name for _code, name in cldr.countries()]

    assert names.index("Égypte") + 1 == names.index("Émirats arabes unis") < names.index("Équateur")
    assert names.index("Équateur") < names.index("Espagne") < names.index("Finlande")
    assert names.index("Îles Féroé") < names.index("Inde")
    assert names.index("Guinée") < names.index("Guinée-Bissau") < names.index("Guinée équatoriale")


def test_accents_decide_only_between_the_same_letters():
    assert sorted(["Zoé", "Émile", "côté", "cote", "œuvre", "Oderzo", "ouvrage"], key=by_letters) == [
        "cote", "côté", "Émile", "Oderzo", "œuvre", "ouvrage", "Zoé",
    ]  # fmt: skip
