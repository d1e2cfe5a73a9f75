"""`manage.py states`: write docs/states.md, the graphs of all states, from the models. For developers."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from coop.ground.moments import Dated
from coop.ground.states import Graph

PLACE = settings.BASE_DIR / "docs" / "states.md"

HEAD = """# The graphs of states

Everything that has a state moves along one of these graphs. Each stands in code beside its model (`GRAPHS`) and in the database
(`laws/states.sql` of its app), and a test tries every way on both. Under each picture stands the moment that a move records;
a move without one only changes what may be done next. Written by `manage.py states`.
"""


class Command(BaseCommand):
    help = "Write docs/states.md from the graphs that the models follow."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if something would change")

    def handle(self, *args: Any, **options: Any) -> None:
        text = page()
        if options["check"]:
            if not PLACE.exists() or PLACE.read_text("utf-8") != text:
                raise CommandError("docs/states.md is not what the models say (run `manage.py states`).")
            return
        PLACE.parent.mkdir(exist_ok=True)
        PLACE.write_text(text, "utf-8")


def graphs() -> Iterator[tuple[type[Dated], str, Graph]]:
    """Every graph there is, with its model and its state field, from the bottom up."""
    for model in apps.get_models():
        if issubclass(model, Dated):
            for name, graph in model.GRAPHS.items():
                yield model, name, graph


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(_section(model, name, graph) for model, name, graph in graphs())])


def _section(model: type[Dated], name: str, graph: Graph) -> str:
    drawn = [
        *(f"    [*] --> {graph.name_of(start)}" for start in graph.begins),
        *(
            f"    {graph.name_of(start)} --> {graph.name_of(to)}"
            for start, onward in graph.moves.items()
            for to in onward
        ),
        *(f"    {graph.name_of(end)} --> [*]" for end in sorted(graph.ends)),
    ]
    recorded = [
        *((f"(new) → {graph.name_of(start)}", columns) for start, columns in graph.begins.items()),
        *(
            (f"{graph.name_of(start)} → {graph.name_of(to)}", columns)
            for start, onward in graph.moves.items()
            for to, columns in onward.items()
        ),
    ]
    rows = [f"| {way} | {', '.join(f'`{one}`' for one in columns) or '–'} |" for way, columns in recorded]
    return "\n".join(
        [
            f"## {model._meta.label}, `{name}`\n",
            "```mermaid\nstateDiagram-v2",
            *drawn,
            "```\n",
            "| move | records |\n|---|---|",
            *rows,
            "",
        ]
    )
