"""A kind of task is one place: every kind states every part, and nobody else names one."""

import ast
import re

import pytest

from coop.commons.files import OURS as RELEASED
from coop.work.kinds import KINDS
from coop.work.kinds._kind import Kind
from frontend.kinds import PARTS
from frontend.kinds._part import KindPart
from tests.structure.source import OURS, ROOT, files, nodes, where

pytestmark = pytest.mark.structure

OTHER_MEANINGS = {
    "coop/rules/catalogue/rule.py": "a rule whose value is a word of a list",
    "governance/actions/voting.py": "the choice on the paper of a vote",
    "governance/reading.py": "the choice on the paper of a vote",
    "governance/bundle.py": "the choice on the paper of a vote",
    "api/governance.py": "the choice on the paper of a vote",
    "frontend/views/governance.py": "the choice on the paper of a vote",
}
"""Where the name of a kind is a word for something else, with its meaning there."""


def kinds_in(folder: str, ending: str) -> set[str]:
    return {path.stem for path in (ROOT / folder).glob(f"*.{ending}") if not path.stem.startswith("_")}


def test_every_kind_is_one_file_with_a_page_part_and_a_template_of_the_same_name():
    assert kinds_in("coop/work/kinds", "py") == set(KINDS) == kinds_in("frontend/kinds", "py") == set(PARTS)
    assert kinds_in("frontend/kinds", "html") == set(KINDS)
    assert all(kind.key == name for name, kind in KINDS.items())
    assert all(part.kind is KINDS[name] for name, part in PARTS.items())


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_states_every_part(name):
    kind, part = KINDS[name], PARTS[name]

    assert isinstance(kind, Kind) and isinstance(part, KindPart)
    assert part.title and part.answer_form
    assert not set(kind.release_columns()) & set(RELEASED), "no column of a kind is taken for one of every release"
    assert len(set(kind.release_columns())) == len(kind.release_columns())


def test_nobody_else_names_a_kind():
    """In Python as a text, in templates anywhere: what differs between kinds is a method of the kind."""
    own = {ROOT / "coop" / "work" / "kinds", ROOT / "frontend" / "kinds"}
    named = [
        where(path, node)
        for path in files(*OURS)
        if path.parent not in own and str(path.relative_to(ROOT)) not in OTHER_MEANINGS
        for node in nodes(path)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and (node.value in KINDS or re.search(rf"__({'|'.join(KINDS)})\b", node.value))
    ]
    word = re.compile(rf"\b(value\.({'|'.join(KINDS)})|({'|'.join(KINDS)})_)\b")
    templates = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "frontend").rglob("*.html")
        if path.parent not in own and word.search(path.read_text(encoding="utf-8"))
    ]

    assert not named
    assert not templates


def test_each_other_meaning_is_still_there():
    assert not [
        path
        for path in OTHER_MEANINGS
        if not any(isinstance(node, ast.Constant) and node.value in KINDS for node in nodes(ROOT / path))
    ]
