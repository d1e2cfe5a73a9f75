"""Pure. Tables as a phone can show them: each cell carries the heading of its column, so that rows can stand one under the other.

The style sheet lays the cells of a `stacked` table out as blocks where the screen is narrow. A browser then no longer takes it for a
table; so its parts say by their roles what they are. Tables of two columns fit everywhere and stay as they are.
"""

from __future__ import annotations

import re

TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
QUOTED = r"""((?:[^>"']|"[^"]*"|'[^']*')*)"""
HEAD = re.compile(r"<thead\b.*?</thead>", re.DOTALL)
HEADING = re.compile(rf"<th\b{QUOTED}>(.*?)</th>", re.DOTALL)
PART = re.compile(rf"<(table|caption|thead|tbody|tfoot|tr|th|td)\b{QUOTED}>")
TAG = re.compile(r"<[^>]*>")
COLSPAN = re.compile(r'\bcolspan="(\d+)"')
ROLES = {"table": "table", "thead": "rowgroup", "tbody": "rowgroup", "tfoot": "rowgroup", "tr": "row", "td": "cell"}
FEW = 2


def stackable(html: str) -> str:
    """The page with every table of more than two columns made ready to be stacked; everything else byte for byte."""
    return TABLE.sub(lambda found: _stackable(found[0]), html)


def _stackable(table: str) -> str:
    head = HEAD.search(table)
    headings = [" ".join(TAG.sub("", text).split()) for _, text in HEADING.findall(head[0])] if head else []
    if len(headings) <= FEW:
        return table
    column = 0

    def part(found: re.Match[str]) -> str:
        nonlocal column
        name, attributes = found.groups()
        if name == "tr":
            column = 0
        if name == "table":
            return f'<table class="stacked" role="table"{attributes}>'
        heads = "rowheader" if 'scope="row"' in attributes else "columnheader"
        role = heads if name == "th" else ROLES.get(name, "")
        said = f'{attributes} role="{role}"' if role else attributes
        if name in ("th", "td"):
            spanned = COLSPAN.search(attributes)
            if role != "columnheader" and not spanned and column < len(headings):
                label = headings[column].replace('"', "&quot;")
                said += f' data-label="{label}"'
            column += int(spanned[1]) if spanned else 1
        return f"<{name}{said}>"

    return PART.sub(part, table)
