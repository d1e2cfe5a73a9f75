"""What binds a person is chosen by the person: no form opens with an answer in it that nobody gave."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django import forms
from django.test import Client as Browser

import frontend
from coop.ground.clock import coop_now
from coop.members.actions import apply, begin_office
from coop.rules.actions import head
from coop.rules.catalogue import CATALOGUE
from coop.work.models import Client, Project
from frontend.forms.projects import ProjectForm
from frontend.kinds import PARTS
from frontend.operations.set_rule import RuleForm
from tests import make
from tests.frontend.walk import walked
from tests.structure.source import files, nodes, where

STATED = {
    "/account/membership/": ("country", "languages", "engagement"),
    "/accounts/email/": ("email",),
    "/proposals/new/?rule=": ("value",),
    "/work/time/": ("permille",),
}
"""What pages show because it was stated before, or is in force: {beginning of the address: beginnings of the names}."""
SHOWS_WHAT_IS = {RuleForm: "it opens with the value in force, which is what it changes"}


class Chosen(HTMLParser):
    """The values that are chosen in a page: options that are selected (a browser selects the first by itself), ticks."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.select: tuple[str, list[tuple[str, bool]]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "select" and "multiple" not in said:
            self.select = (said.get("name") or "", [])
        elif tag == "option" and self.select:
            self.select[1].append((said.get("value") or "", "selected" in said))
        elif tag == "input" and said.get("type") in ("radio", "checkbox") and "checked" in said:
            self.found.append((said.get("name") or "", said.get("value") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self.select:
            name, options = self.select
            value = next((value for value, selected in options if selected), options[0][0] if options else "")
            self.found += [(name, value)] if value else []
            self.select = None


def chosen_in(page: str) -> list[tuple[str, str]]:
    parser = Chosen()
    parser.feed(page)
    return parser.found


def form_classes() -> set[type[forms.BaseForm]]:
    for module in pkgutil.walk_packages(frontend.__path__, "frontend."):
        importlib.import_module(module.name)
    found, waiting = set(), [forms.BaseForm]
    while waiting:
        for below in waiting.pop().__subclasses__():
            waiting.append(below)
            if below.__module__.startswith("frontend."):
                found.add(below)
    return found


def given() -> dict[str, list[Any]]:
    """What forms ask for when they are made, by the name of the parameter."""
    project = make.draft()
    member = make.member()
    rules = [(rule, head(rule.key).value) for rule in CATALOGUE.values()]
    return {
        "part": list(PARTS.values()),
        "clients": [Client.objects.all()],
        "closed": [("military",)],
        "country": ["MG", "SN", "FR", "JP"],
        "office": ["treasurer"],
        "members": [[member]],
        "most": [60],
        "project": [project],
        "reader": [member.user],
        "changes": [()],
        "rule, current, base": [(rule, value, 0) for rule, value in rules],
    }


def made(form: type[forms.BaseForm]) -> Iterator[forms.BaseForm]:
    """The form without anything in it, with each value of what it asks for."""
    asked = {
        name
        for each in form.__mro__
        if "__init__" in vars(each) and each.__module__.startswith("frontend.")
        for name, parameter in inspect.signature(each.__init__).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty
    }
    values = given()
    if {"rule", "current", "base"} <= asked:
        for rule, current, base in values["rule, current, base"]:
            yield form(rule=rule, current=current, base=base)
        return
    most = max((len(values[name]) for name in asked), default=1)
    for n in range(most):
        yield form(**{name: values[name][n % len(values[name])] for name in asked})


@pytest.mark.django_db
def test_no_form_opens_with_a_choice_that_nobody_made():
    found = form_classes()

    answered = {
        f"{form.__name__}.{name}={value}"
        for form in found - set(SHOWS_WHAT_IS)
        for shown in made(form)
        for name, value in chosen_in(str(shown))
    }

    assert len(found) > 15
    assert not answered


@pytest.mark.django_db
def test_the_form_of_a_rule_shows_what_is_in_force():
    for rule in CATALOGUE.values():
        current = head(rule.key).value
        shown = RuleForm(rule=rule, current=current, base=0)
        cells = current.values() if rule.columns else current if isinstance(current, (list, tuple)) else [current]

        told = {value for name, value in chosen_in(str(shown)) if name.startswith("value")}

        assert told <= {str(cell) for cell in cells}
        assert [name for name, _ in chosen_in(str(shown)) if not name.startswith("value")] == []


@pytest.mark.structure
def test_a_choice_is_the_fields_of_ours_which_begin_empty():
    theirs = {"ChoiceField", "TypedChoiceField", "ModelChoiceField", "NullBooleanField", "FilePathField"}

    found = [
        where(path, node)
        for path in files("frontend")
        if path.name != "fields.py"
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and node.attr in theirs
        if isinstance(node.value, ast.Name) and node.value.id == "forms"
    ]

    assert not found


@pytest.mark.django_db
@pytest.mark.parametrize("firms", [1, 2])
def test_an_order_does_not_choose_the_organisation_by_itself(firms):
    clara = make.requester("clara")
    for _ in range(firms):
        make.client(clara)
    browser = Browser()
    browser.force_login(clara)

    page = browser.get("/projects/new/", follow=True)

    assert page.status_code == 200 and isinstance(page.context["form"], ProjectForm)
    assert chosen_in(str(page.context["form"])) == []


@pytest.mark.django_db
def test_where_one_is_paid_opens_with_what_was_said_before():
    member = make.member(country="SN")
    browser = Browser()
    browser.force_login(member.user)
    said = {"rail": "mobile_money", "operator": "wave_sn", "number": "+221781112233"}
    assert chosen_in(str(browser.get("/rail/").context["form"])) == []

    answer = browser.post("/rail/", said)
    shown = browser.get("/rail/").content.decode()

    assert answer.status_code == 302
    assert {("rail", "mobile_money"), ("operator", "wave_sn")} <= set(chosen_in(shown))
    assert "(optional)" not in shown and "1112233" not in shown


@pytest.mark.django_db
def test_a_draft_opens_with_what_it_states():
    project = make.draft()
    browser = Browser()
    browser.force_login(make.owner(project))

    shown = browser.get(f"/projects/{project.pk}/edit/").context["form"]

    assert ("client", str(project.client.pk)) in chosen_in(str(shown))
    assert Project.objects.get().client == project.client


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_page_that_a_link_leads_to_opens_with_a_choice_that_nobody_made(language):
    awa = make.treasurer("awa")
    begin_office(member=awa, kind="steward", term_days=365, decision=None, now=awa.admitted_at)
    make.client(awa.user)
    facts = {"country": "MG", "languages": ["fr"], "engagement": "worker_member", "college": "producer"}
    apply(by=make.user("fara").actor, name="Fara", statement="", now=coop_now(), **facts)
    browser = Browser(headers={"Accept-Language": language})
    browser.force_login(awa.user)

    pages = dict(walked(browser))
    answered = {
        f"{address}: {name}={value}"
        for address, page in pages.items()
        for name, value in chosen_in(page)
        if not any(address.startswith(one) and name.startswith(these) for one, these in STATED.items())
    }

    assert {"/proposals/new/?kind=resolution", "/account/membership/", "/rail/"} <= set(pages)
    assert any(address.startswith("/projects/new/") for address in pages)
    assert not answered


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_proposal_binds_in_no_language_before_its_author_says_in_which(language):
    browser = Browser(headers={"Accept-Language": language})
    browser.force_login(make.member("awa").user)
    said = {"title": "Des outils", "body": "Partageons-les.", "draft": ""}

    refused = browser.post("/proposals/new/?kind=resolution", said)
    kept = browser.post("/proposals/new/?kind=resolution", said | {"language": "fr"})
    edited = browser.get(f"{kept['Location']}edit/").content.decode()

    assert refused.status_code == 422 and "language" in refused.context["form"].errors
    assert chosen_in(edited) == [("language", "fr")]
