"""A no of the domain stands where the person can do something about it."""

from typing import ClassVar

import pytest
from django import forms
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import ValidationError
from django.test import RequestFactory

from coop.ground.errors import Refused
from frontend.refusals import PlacedForm, refusals_in, refusals_told


class Paper(PlacedForm):
    STANDS_AT: ClassVar = {"template.question": "question"}
    title = forms.CharField()
    question = forms.CharField()


@pytest.fixture
def paper():
    form = Paper({"title": "Cats", "question": "Is it a cat?"})
    assert form.is_valid()
    return form


@pytest.mark.parametrize(
    ("named", "place"),
    [("title", "title"), ("template.question", "question"), ("elsewhere", "__all__"), (None, "__all__")],
)
def test_a_refusal_stands_at_its_field_or_above_them_all(paper, named, place):
    with refusals_in(paper):
        raise Refused("No.", code="no", field=named)

    assert dict(paper.errors) == {place: ["No."]} and not paper.is_valid()


def test_what_the_domain_finds_wrong_stands_at_each_field(paper):
    with refusals_in(paper):
        raise ValidationError({"template.question": ["Too long."], "rows.3": ["Bad."], "__all__": ["Both."]})

    assert dict(paper.errors) == {"question": ["Too long."], "__all__": ["rows.3: Bad.", "Both."]}


def test_a_bug_is_not_a_refusal(paper):
    with pytest.raises(KeyError), refusals_in(paper):
        raise KeyError("field")


def test_a_button_is_refused_on_the_page_that_comes_next():
    request = RequestFactory().post("/")
    request._messages = CookieStorage(request)

    with refusals_told(request):
        raise Refused("Not now.", code="no")

    assert [str(message) for message in get_messages(request)] == ["Not now."]
