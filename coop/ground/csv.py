"""Tables as text: what spreadsheets and programs write is read strictly, and what we write no spreadsheet takes for a formula. Pure.

Nothing is guessed that could change a letter: a file is UTF-8, with or without a byte order mark, unless whoever sends it names
another encoding. The separator is read off the header line. Rows come one by one; the lines of a file count from 1, header included.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coop.ground.texts import gettext_noop as _

ENCODINGS = {"utf-8": "utf-8-sig", "windows-1252": "cp1252", "utf-16": "utf-16"}
"""The encodings that can be asked for by name, and what Python calls them."""
SEPARATORS = ",;\t"
LONGEST_CELL = 2_100_000
"""Characters: an image of the largest size that an item may hold, with its frame."""
HEAD = 65_536
"""Bytes of the beginning in which the header line is looked for."""
MARKS = (b"\xff\xfe", b"\xfe\xff")
FORMULA = re.compile(r"[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]|[\t\r]")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?%?", re.ASCII)

csv.field_size_limit(LONGEST_CELL)


class UnreadableTable(ValueError):
    """The file as a whole can't be read: a sentence with its parameters, to be translated where it is shown."""

    def __init__(self, template: str, **params: Any) -> None:
        super().__init__(template % params)
        self.template = template
        self.params = params


@dataclass(frozen=True)
class Row:
    """One row: the line where it begins, and its cells as they stand."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """A header, and the rows behind it. UnreadableTable may still come while they are read."""

    header: list[str]
    rows: Iterator[Row]


def read_table(content: bytes, *, encoding: str = "utf-8", wanted: Sequence[str] = ()) -> Table:
    """The table in these bytes. UnreadableTable where there is none, with the line.

    A name of the header that differs from a `wanted` one only in case or space is that one. Columns without a name and without
    a cell (a separator at the end of each line) are left out, and so are rows without any text. Names that stand twice, quotes
    that don't close, and characters that can't be kept are refused. A first line `sep=;`, as a spreadsheet writes it, is obeyed.
    """
    text = _opened(content, encoding)
    separator, declared = _separator(content[:HEAD].decode(ENCODINGS[encoding], errors="replace"))
    rows = _rows(csv.reader(text, delimiter=separator, strict=True), content, encoding)
    if declared:
        next(rows, None)
    first = next(rows, None)
    if first is None:
        raise UnreadableTable(_("The file has no header line."))
    header = [_name(cell, wanted) for cell in _fitted(first, [cell.replace("\0", " ") for cell in first.cells]).cells]
    while not header[-1]:
        header.pop()
    if "" in header or len(set(header)) < len(header):
        raise UnreadableTable(_("Every column needs a name of its own (line %(line)d)."), line=first.line)
    return Table(header, (_fitted(row, header) for row in rows))


def _rows(lines: Any, content: bytes, encoding: str) -> Iterator[Row]:
    """The rows that say something, each with the line where it begins."""
    line = 1
    try:
        for cells in lines:
            if any(cell.strip() for cell in cells):
                yield Row(line, cells)
            line = lines.line_num + 1
    except csv.Error as wrong:
        raise _unread(str(wrong), line) from None
    except UnicodeDecodeError:
        raise _not_that_encoding(content, encoding) from None


def _unread(reason: str, line: int) -> UnreadableTable:
    """What the reader of Python says of a table that is none, in a sentence of ours."""
    if "end of data" in reason:
        return UnreadableTable(
            _("From line %(line)d on the file can't be read: a quotation mark is opened and never closed."), line=line
        )
    if "field limit" in reason:
        return UnreadableTable(
            _("From line %(line)d on the file can't be read: a cell holds more than %(most)d characters."),
            line=line,
            most=LONGEST_CELL,
        )
    if "expected after" in reason:
        return UnreadableTable(
            _(
                "From line %(line)d on the file can't be read: something stands behind the quotation mark that closes a cell."
            ),
            line=line,
        )
    return UnreadableTable(_("From line %(line)d on the file can't be read."), line=line)


def _fitted(row: Row, header: list[str]) -> Row:
    while len(row.cells) > len(header) and not row.cells[-1].strip():
        row.cells.pop()
    for place, cell in enumerate(row.cells):
        if "\0" in cell:
            column = header[place] if place < len(header) else place + 1
            raise UnreadableTable(
                _("Line %(line)d, column “%(column)s”: a text can't hold the character NUL."),
                line=row.line,
                column=column,
            )
    return row


def _opened(content: bytes, encoding: str) -> io.TextIOWrapper:
    if encoding not in ENCODINGS:
        raise UnreadableTable(_("We read these encodings: %(names)s."), names=", ".join(ENCODINGS))
    if encoding == "utf-16" and not content.startswith(MARKS):
        raise UnreadableTable(_("This is not UTF-16 text: the mark of its byte order is missing."))
    if encoding != "utf-16" and content.startswith(MARKS):
        raise _not_that_encoding(content, encoding)
    return io.TextIOWrapper(io.BytesIO(content), encoding=ENCODINGS[encoding], newline="")


def _not_that_encoding(content: bytes, encoding: str) -> UnreadableTable:
    """Names the first line that isn't in this encoding, and the encodings that it could be in."""
    try:
        content.decode(ENCODINGS[encoding])
        line = 1
    except UnicodeDecodeError as wrong:
        line = content[: wrong.start].count(b"\n") + 1
    others = ", ".join(name for name in ENCODINGS if name != encoding and _decodes(content, name))
    said = {"line": line, "encoding": encoding.upper()}
    if not others:
        return UnreadableTable(_("Line %(line)d is not %(encoding)s text."), **said)
    return UnreadableTable(
        _("Line %(line)d is not %(encoding)s text. It could be %(others)s: say so, if it is."), **said, others=others
    )


def _decodes(content: bytes, encoding: str) -> bool:
    """Whether these bytes read as text in this encoding; UTF-16 only where a byte order mark says so."""
    if (encoding == "utf-16") != content.startswith(MARKS):
        return False
    try:
        return "\0" not in content.decode(ENCODINGS[encoding])
    except UnicodeDecodeError:
        return False


def _separator(head: str) -> tuple[str, bool]:
    """The separator, and whether the first line declares it; else the one that stands most often in the header outside quotes."""
    if declared := re.match(r"sep=([,;\t])[\r\n]", head):
        return declared[1], True
    outside = re.sub(r'"[^"]*"', "", head.lstrip(" ,;\t\r\n"))
    line = re.split(r"[\r\n]", outside, maxsplit=1)[0]
    return max(SEPARATORS, key=line.count), False


def _name(cell: str, wanted: Sequence[str]) -> str:
    cell = cell.strip()
    if cell in wanted:
        return cell
    return next((name for name in wanted if name.casefold() == cell.casefold()), cell)


def write_table(
    header: Sequence[str], rows: Iterable[Sequence[Any]], *, separator: str = ",", end: str = "\r\n"
) -> bytes:
    """The table as UTF-8 (RFC 4180). A text that a spreadsheet would take for a formula is written behind an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator=end)
    writer.writerow([harmless(cell) for cell in header])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def harmless(cell: Any) -> Any:
    """The cell, behind an apostrophe where a spreadsheet would reckon with it; numbers stay numbers."""
    if isinstance(cell, str) and FORMULA.match(cell) and not NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def beside(ours: Sequence[str], theirs: Iterable[str]) -> Mapping[str, str]:
    """Names for their columns beside ours: {their name: how it is written}, so that none is taken for one of ours."""
    taken = {name.casefold() for name in ours}
    written: dict[str, str] = {}
    for name in theirs:
        shown = name
        while shown.strip().casefold() in taken:
            shown = f"your_{shown.strip()}"
        taken.add(shown.strip().casefold())
        written[name] = shown
    return written
