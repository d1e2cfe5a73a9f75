"""French is complete: every English sentence of the source has its translation, with the same placeholders."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = ("api", "coop", "doors", "frontend", "governance", "payouts")
MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
IN_TEMPLATES = re.compile(r"""\bn?gettext\(u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
IN_EXPRESSIONS = re.compile(r"""\b_\(("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\)""")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z0-9]+|</?\w+")


def french() -> list[Message]:
    with open(ROOT / "frontend/locale/fr/LC_MESSAGES/django.po", "rb") as file:
        return [message for message in read_po(file, locale="fr") if message.id]


def forms(text: object) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, (list, tuple)) else (str(text),)


def marked() -> Iterator[tuple[str, str]]:
    """(where, sentence) of everything marked for translation."""
    for area in OURS:
        for path in (ROOT / area).rglob("*.py"):
            if "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MARKS and node.args:
                    first = node.args[0]
                    if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value:
                        yield str(path.relative_to(ROOT)), first.value
    for path in (ROOT / "frontend").rglob("*.html"):
        source = path.read_text()
        for found in [*IN_TEMPLATES.findall(templatize(source)), *IN_EXPRESSIONS.findall(source)]:
            yield str(path.relative_to(ROOT)), ast.literal_eval(found)


def test_every_sentence_is_in_the_french_catalogue():
    known = {forms(message.id)[0] for message in french()}

    assert not {(where, sentence) for where, sentence in marked() if sentence not in known}


def test_no_sentence_is_left_untranslated_or_in_doubt():
    empty = [message.id for message in french() if not all(forms(message.string))]
    doubtful = [message.id for message in french() if message.fuzzy]

    assert not empty and not doubtful


def test_a_translation_keeps_what_is_filled_in():
    changed = [
        message.id
        for message in french()
        if set(PLACEHOLDER.findall(forms(message.id)[-1])) != set(PLACEHOLDER.findall(forms(message.string)[-1]))
    ]

    assert not changed


def test_nothing_is_translated_that_nobody_says():
    said = {sentence for _where, sentence in marked()}

    assert not [message.id for message in french() if forms(message.id)[0] not in said]
