"""`manage.py consensus`: the labels that a file of answers says together, with nothing but the file."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coop.work.aggregation import METHODS, Label, aggregate, crowd


class Command(BaseCommand):
    help = (
        "Reads answers, a line each: item, worker, label, separated by tabs. Prints for each item, in the order of the file: "
        "item, label, support, confidence. Confidence is empty without 30 gold items (--gold: item, label), which must be drawn at "
        "random from all items: of chosen ones the figures tell nothing. Confidence and the interval rest on the word of whoever stated "
        "these truths, who can have read the labels before."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--method", choices=list(METHODS), default="dawid_skene")
        parser.add_argument("--gold", type=Path, help="items drawn at random whose truth is known: item, label")
        parser.add_argument("--out", type=Path, help="write there instead of printing")

    def handle(self, *args: Any, **options: Any) -> None:
        given = [(item, worker, label) for _number, (item, worker, label) in _rows(options["file"], 3)]
        gold = _truths(options["gold"]) if options["gold"] else {}
        said = {label for _item, _worker, label in given}
        unsaid = sorted(set(gold.values()) - said)  # one that only the gold names can be right too
        found = aggregate(crowd(given, sorted(said)), METHODS[options["method"]], gold, unsaid)
        lines = [_line(item, found.labels[item]) for item in dict.fromkeys(item for item, _worker, _label in given)]
        text = "".join(f"{line}\n" for line in lines)
        if options["out"]:
            try:
                options["out"].write_text(text, encoding="utf-8")
            except OSError as error:
                raise CommandError(f"{options['out']} can't be written: {error.strerror}") from None
        else:
            self.stdout.write(text, ending="")
        if found.accuracy:
            lowest, highest = (f"{permille // 10}.{permille % 10}" for permille in found.accuracy)
            self.stderr.write(
                f"Of all labels {lowest} to {highest} % are right (95 %, {found.gold} gold items), "
                "if these were drawn at random and their truth is as stated."
            )


def _line(item: str, label: Label) -> str:
    figures = (
        "" if figure is None else f"{figure // 1000}.{figure % 1000:03}" for figure in (label.support, label.confidence)
    )
    return "\t".join([item, label.label, *figures])


def _truths(path: Path) -> dict[str, str]:
    """{item: true label} of a file; one truth said twice is one, two truths of an item are refused."""
    truths: dict[str, str] = {}
    for number, (item, label) in _rows(path, 2):
        if truths.setdefault(item, label) != label:
            raise CommandError(
                f"{path}, line {number}: {item} is said to be {label} here and {truths[item]} further up. "
                "An item has one truth."
            )
    return truths


def _rows(path: Path, columns: int) -> Iterator[tuple[int, list[str]]]:
    """The lines of a file of tab-separated texts, with their numbers; empty lines are skipped, others named by number where they don't fit."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not text in UTF-8.") from None
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != columns or not all(cells):
            raise CommandError(f"{path}, line {number}: {columns} texts separated by tabs are needed.")
        yield number, cells
