"""Countries and languages have a name for everybody who reads them."""

import pytest
from django.conf import settings
from django.utils import translation

from coop.ground import cldr


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_every_country_and_language_that_can_be_chosen_has_a_name(language):
    with translation.override(language):
        nameless = [code for code, name in [*cldr.countries(), *cldr.languages()] if name == code]

    assert not nameless
