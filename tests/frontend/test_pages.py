"""What is true of every page."""

import gzip
from pathlib import Path

import pytest
from django import forms
from django.contrib.staticfiles import finders
from django.test import Client

from tests import make

pytestmark = pytest.mark.django_db


def test_a_visitor_reads_what_this_is_without_a_script_in_the_page(client: Client):
    page = client.get("/")

    assert page.status_code == 200
    assert "script-src" in page["Content-Security-Policy"] or "default-src 'self'" in page["Content-Security-Policy"]
    assert b"<script>" not in page.content and b"style=" not in page.content


def test_the_first_view_fits_a_slow_line(client: Client):
    page = client.get("/")
    sizes = [Path(finders.find(f"frontend/{name}")).stat().st_size for name in ("style.css", "app.js", "icon.svg")]

    assert len(gzip.compress(page.content)) <= 14 * 1024
    assert len(page.content) + sum(sizes) <= 60 * 1024


def test_a_page_speaks_french_to_who_asks_for_it(client: Client):
    client.post("/i18n/setlang/", {"language": "fr", "next": "/"})

    assert '<html lang="fr" dir="ltr">' in client.get("/").content.decode()


def test_the_moved_clock_is_said_on_every_page(client: Client, clock):
    before = client.get("/").content.decode()
    clock.advance(days=3)

    after = client.get("/").content.decode()

    assert "was moved forward by 3 days" not in before and "was moved forward by 3 days" in after
    assert "simulated" in before


def test_an_address_that_is_none_is_answered_in_our_own_page(client: Client):
    page = client.get("/nowhere/")

    assert page.status_code == 404 and "There is nothing here" in page.content.decode()


def test_a_form_without_its_secret_is_refused_with_the_way_out():
    client = Client(enforce_csrf_checks=True)

    page = client.post("/i18n/setlang/", {"language": "fr"})

    assert page.status_code == 403 and "This form is too old" in page.content.decode()


def test_a_bug_shows_a_page_that_asks_nothing_of_the_database(client: Client, monkeypatch: pytest.MonkeyPatch):
    client.raise_request_exception = False
    monkeypatch.setattr("frontend.views.home.next_things", lambda request: 1 / 0)
    client.force_login(make.user("clara"))

    page = client.get("/")

    assert page.status_code == 500 and "Something went wrong on our side" in page.content.decode()


def test_a_form_shows_its_errors_first_and_ties_them_to_the_fields():
    class Apply(forms.Form):
        name = forms.CharField(label="Name", help_text="As you sign.")
        agreed = forms.BooleanField(label="I agree", required=False)
        kind = forms.ChoiceField(label="Kind", choices=[("a", "A")], widget=forms.RadioSelect)

    html = str(Apply({}))

    assert html.index("error-summary") < html.index('for="id_name"')
    assert 'href="#id_name"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html and 'id="id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert "<fieldset" in html and "<legend>Kind" in html
