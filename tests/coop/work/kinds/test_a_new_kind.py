"""A kind of task is one file and its page part: a new one goes from the order to the release, and nothing else knows of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pytest
from django import forms
from django.template import engines
from django.test import Client
from rest_framework.test import APIClient

from coop.commons.files import Row, release_files
from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from coop.ground.schemas import Json, Problem, problems_with
from coop.work import actions as work
from coop.work import kinds
from coop.work.kinds._kind import Consensus, Kind, Said, Template, Verdict
from frontend.forms.work import AnswerForm
from frontend.kinds import PARTS
from frontend.kinds._part import KindPart
from frontend.refusals import PlacedForm
from tests import make

pytestmark = pytest.mark.django_db


class Transcribe(Kind):
    """Write down what is heard: one file."""

    key = "transcribe"

    def template_problems(self, template: object) -> list[Problem]:
        return problems_with(
            {"type": "object", "required": ["ask"], "properties": {"ask": {"type": "string"}}}, template
        )

    def payload_schema(self, template: Template) -> Json:
        return {"type": "object", "required": ["sound"], "properties": {"sound": {"type": "string", "minLength": 1}}}

    def columns(self, template: Template) -> list[str]:
        return ["sound"]

    def payload_from_row(self, template: Template, row: Mapping[str, str]) -> tuple[Json, list[Problem]]:
        payload = {"sound": row["sound"]}
        return payload, self.payload_problems(template, payload)

    def answer_schema(self, template: Template) -> Json:
        return {"type": "object", "required": ["words"], "properties": {"words": {"type": "string", "minLength": 1}}}

    def consensus(
        self, strategy: str, template: Template, answers: Sequence[Said], gold: Mapping[str, Any]
    ) -> Consensus:
        said: dict[str, Counter[str]] = {}
        for one in sorted(answers, key=lambda one: (one.item, one.value["words"])):
            said.setdefault(one.item, Counter())[one.value["words"]] += 1
        best = {item: count.most_common(1)[0] for item, count in said.items()}
        return Consensus(
            {
                item: Verdict({"words": words}, 1000 * times // said[item].total(), None, said[item].total())
                for item, (words, times) in best.items()
            },
            None,
            None,
        )

    def text(self, value: Any) -> str:
        return value["words"] if value else ""

    def counts(self, template: Template, answers: Sequence[tuple[Any, int]]) -> dict[str, int]:
        return {self.text(value): times for value, times in answers}

    def result_columns(self, template: Template) -> list[str]:
        return ["versions"]

    def result_cells(self, template: Template, counts: Mapping[str, int]) -> list[Any]:
        return [len(counts)]

    def release_columns(self) -> list[str]:
        return ["words", "letters"]

    def release_cells(self, value: Any) -> list[str | int]:
        return [value["words"], len(value["words"])]


class WordsForm(AnswerForm):
    STANDS_AT: ClassVar = {"value": "words", **AnswerForm.STANDS_AT}
    words = forms.CharField()

    def value(self) -> dict[str, Any]:
        return {"words": self.cleaned_data["words"]}


class TranscribePart(KindPart):
    """And its page part."""

    kind = Transcribe()
    title = "Write down what you hear"
    answer_form = WordsForm

    def template_fields(self) -> dict[str, forms.Field]:
        return {"ask": forms.CharField()}

    @property
    def stands_at(self) -> Mapping[str, str]:
        return {"template.ask": "ask"}

    def clean(self, form: PlacedForm, data: dict[str, Any]) -> None: ...

    def template(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {"ask": data["ask"]}

    def known(self, template: Mapping[str, Any]) -> dict[str, Any]:
        return {"ask": template["ask"]}

    def question(self, template: Mapping[str, Any]) -> str:
        return str(template["ask"])

    def shown(self, template: Mapping[str, Any], payload: Mapping[str, Any]) -> dict[str, Any]:
        return {"sound": payload["sound"]}

    def in_words(self, template: Mapping[str, Any], value: Any) -> str:
        return Transcribe().text(value)

    def counts_in_words(self, template: Mapping[str, Any], counts: Mapping[str, int]) -> list[tuple[str, int]]:
        return list(counts.items())

    html: Any = engines["django"].from_string(
        '{% if part == "item" %}<p>Listen: {{ item.sound }}</p>{% else %}{{ form.words }}{% endif %}'
    )


@pytest.fixture(autouse=True)
def _transcribe(monkeypatch):
    monkeypatch.setitem(kinds.KINDS, "transcribe", Transcribe())
    monkeypatch.setitem(PARTS, "transcribe", TranscribePart())


def browser(person):
    client = Client()
    client.force_login(getattr(person, "user", person))
    return client


def ordered(person, **changed):
    """The fields of a page that orders a transcription."""
    fields = {
        "client": make.client(person).pk, "title": "Voices", "purpose": "p", "final_client": "f", "end_use": "research",
        "product": "p", "ask": "What do you hear?", "instructions": "i", "redundancy": 2, "seconds_per_answer": 10,
    }  # fmt: skip
    return fields | changed


def test_with_several_kinds_the_page_asks_which_and_nothing_is_chosen_beforehand():
    clara = browser(make.requester("clara"))
    make.client(make.requester("clara"))

    page = clara.get("/projects/new/")

    assert b'href="?kind=choice"' in page.content and b'href="?kind=transcribe"' in page.content
    assert clara.get("/projects/new/?kind=sing").status_code == 404


def test_a_new_kind_goes_from_the_page_of_the_order_to_the_results():
    clara = make.requester("clara")
    posted = ordered(clara)

    page = browser(clara).post("/projects/new/?kind=transcribe", posted, follow=True)
    project = page.context["project"]
    browser(clara).post(f"/projects/{project.pk}/", {"pasted": "external_id,sound\na,drr\nb,klack\n"})
    work.quote_project(project=project, by=make.owner(project).actor, now=coop_now())
    project.refresh_from_db()
    work.fund_project(project=project, received=project.quote.escrow, by=PLATFORM, now=coop_now())
    for name, words in (("hanitra", "The loom"), ("awa", "The loom")):
        worker = browser(make.member(name))
        shown = worker.post("/work/claims/", {"project": project.pk}, follow=True)
        assert b"What do you hear?" in shown.content and b"Listen: drr" in shown.content
        empty = worker.post(shown.redirect_chain[-1][0], {"words": ""})
        assert empty.status_code == 422 and b'href="#id_words"' in empty.content
        worker.post(shown.redirect_chain[-1][0], {"words": words, "stop": "1"})
    work.reckon_consensus(project=project, now=coop_now())

    results = browser(clara).get(f"/projects/{project.pk}/results/").content.decode()
    table = browser(clara).get(f"/projects/{project.pk}/results.csv").content.decode().splitlines()
    assert "The loom × 2" in results and ">The loom</td>" in results
    assert table[0] == "external_id,consensus,support_permille,confidence_permille,answers,versions"
    assert table[1] == "a,The loom,1000,,2,1"


def test_a_new_kind_is_ordered_worked_on_and_refused_through_the_api():
    clara = make.requester("clara")
    caller = APIClient()
    caller.force_authenticate(clara)
    of_the_page = {"ask"}
    stated = {
        **{name: value for name, value in ordered(clara).items() if name not in of_the_page},
        "client": str(make.client(clara).pk),
        "end_use": ["research"],
        "task_type": "transcribe",
    }

    wrong = caller.post("/api/v1/projects/", stated | {"template": {"x": 1}})
    made = caller.post("/api/v1/projects/", stated | {"template": {"ask": "?"}})
    unknown = caller.post("/api/v1/projects/", stated | {"template": {"ask": "?"}, "task_type": "sing"})

    assert [error["field"] for error in wrong.json()["errors"]] == ["template.ask"]
    assert made.status_code == 201
    assert [error["field"] for error in unknown.json()["errors"]] == ["task_type"]


def test_a_new_kind_is_released_under_its_own_columns():
    kind = Transcribe()
    cells = kind.release_cells({"words": "=The loom"})

    files = release_files(
        about={}, policy={}, terms=[], columns=kind.release_columns(), rows=[Row(1, "a", cells, 900, 2)], whole=False
    )

    assert (
        files["labels.csv"]
        == b"unit,payload_sha256,words,letters,confidence_permille,answers\n1,a,'=The loom,9,900,2\n"
    )
