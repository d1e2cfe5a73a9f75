"""What CONTRIBUTING says it takes to add a thing is all it takes."""

import re

import pytest

from coop.rules.catalogue import CATALOGUE
from tests.structure.source import OURS, ROOT

pytestmark = pytest.mark.structure

RECIPES = {
    row[0]: (row[1], row[2])
    for row in re.findall(
        r"^\| (rule|fund|rail|kind of task|kind of proposal|kind of notice|page|state|law) \| `([^`]+)`[^|]* \| (.+) \|$",
        (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
}


def named_in(word: str, *, ending: str = "py") -> set[str]:
    """The files of ours, other than migrations, where this stands as a text of its own."""
    text = re.compile(rf"""["']{re.escape(word)}["']""")
    return {
        str(path.relative_to(ROOT))
        for folder in OURS
        for path in (ROOT / folder).rglob(f"*.{ending}")
        if "migrations" not in path.parts and text.search(path.read_text(encoding="utf-8"))
    }


def test_every_recipe_is_there():
    assert set(RECIPES) == {
        "rule",
        "fund",
        "rail",
        "kind of task",
        "kind of proposal",
        "kind of notice",
        "page",
        "state",
        "law",
    }


@pytest.mark.parametrize("what", RECIPES)
def test_every_file_that_a_recipe_names_is_there_for_its_example(what):
    example, files = RECIPES[what]
    named = re.findall(r"`([a-z_<>]+/[^`<]*(?:<\w+>[^`<]*)?)`", files)

    for pattern in named:
        wanted = (
            pattern.replace("<kind>", example)
            .replace("<rail>", example)
            .replace("<family>", "*")
            .replace("<idea>", "*")
            .replace("<app>", "**")
        )
        assert list(ROOT.glob(wanted.rstrip("/"))), f"{what}: {pattern}"


def test_a_rule_is_named_by_the_catalogue_and_its_consumers():
    key, _files = RECIPES["rule"]
    rule = CATALOGUE[key]
    allowed = {f"coop/rules/catalogue/{key.split('.')[0]}.py"}
    allowed |= {path for path in named_in(key) if any(path.startswith(one.replace(".", "/")) for one in rule.consumers)}

    assert named_in(key) == allowed and len(allowed) > 1


def test_a_fund_is_named_by_its_list_and_its_rule():
    key, _files = RECIPES["fund"]

    assert named_in(key) == {"payouts/funds.py", "coop/rules/catalogue/pay.py"}


def test_a_page_is_named_by_its_family_and_the_navigation():
    family, _files = RECIPES["page"]

    assert f"frontend/views/{family}.py" in named_in(f"{family}/") | named_in(family)
    assert "frontend/urls.py" in named_in(family)
    assert "frontend/navigation.py" in named_in(f"/{family}/")


def test_a_law_stands_in_one_file_and_its_copy():
    name, _files = RECIPES["law"]
    word = re.compile(rf"\b{name}\b")
    laws = {
        path.relative_to(ROOT) for path in ROOT.glob("*/**/laws/*.sql") if word.search(path.read_text(encoding="utf-8"))
    }

    assert len(laws) == 1
