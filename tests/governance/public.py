"""Everything that anybody may read, found by following every address; and what can be joined in it by the identifiers it shows."""

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import urljoin

from django.test import Client

HOST = "http://testserver"
ADDRESS = re.compile(r'href="([^"#]+)')
IDENTIFIER = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-f])"
)


def everything() -> dict[str, Any]:
    """What is read without an account, by address: of JSON its value, of CSV its rows, else the text."""
    client, waiting, read = Client(), ["/", "/api/v1/"], dict[str, Any]()
    while waiting:
        address = waiting.pop()
        if address in read:
            continue
        page = client.get(address)
        if page.status_code == 200:
            read[address] = _content(page)
            waiting += _addresses(address, read[address])
    return read


def _content(page: Any) -> Any:
    body = b"".join(page.streaming_content) if page.streaming else page.content
    kind = page["Content-Type"]
    if "json" in kind:
        return json.loads(body)
    text = body.decode(errors="replace")
    return list(csv.reader(io.StringIO(text))) if "csv" in kind else text


def _addresses(here: str, content: Any) -> Iterator[str]:
    """Where a document leads: its links, addresses among its values, and what its lists name by id."""
    if isinstance(content, str):
        found = ADDRESS.findall(content)
    else:
        found = [text for text in _scalars(content) if text.startswith(("/", HOST))]
        results = content.get("results", []) if isinstance(content, dict) else []
        found += [f"{here.partition('?')[0]}{one['id']}/" for one in results if "id" in one]
    for one in found:
        whole = urljoin(HOST + here, one.replace("&amp;", "&"))
        if whole.startswith(f"{HOST}/") and "/schema" not in whole and "/docs" not in whole:
            yield whole.removeprefix(HOST)


def _scalars(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield str(key)
            yield from _scalars(one)
    elif isinstance(value, list):
        for one in value:
            yield from _scalars(one)
    else:
        yield str(value)


def identifiers(value: Any) -> set[str]:
    """Every identifier and hash in a document or a part of it, without hyphens."""
    return {found.replace("-", "") for text in _scalars(value) for found in IDENTIFIER.findall(text)}


def words(value: Any) -> set[str]:
    """Every word in a document."""
    return {word for text in _scalars(value) for word in re.findall(r"\w+", text)}


def records(value: Any, around: frozenset[str] = frozenset()) -> Iterator[set[str]]:
    """The identifiers of every record in a document, with those of the records around it."""
    if isinstance(value, dict):
        own = around | identifiers([one for one in value.values() if not isinstance(one, dict | list)])
        yield identifiers(value) | own
        for one in value.values():
            yield from records(one, own)
    elif isinstance(value, list):
        for one in value:
            yield from records(one, around)
    else:
        yield identifiers(value) | around


def joined(documents: Collection[Any], one_name: Collection[str], another: Collection[str]) -> set[tuple[str, str]]:
    """Who can be found under both names: each step of the way is a record about one person, by an identifier of that person's alone."""
    names = set(one_name) | set(another)
    about = [(ids, ids & names) for document in documents for ids in records(document)]
    of = defaultdict[str, set[str]](set)
    for ids, people in about:
        if len(people) == 1:
            for id in ids:
                of[id] |= people
    shared = {id for id, people in of.items() if len(people & set(one_name)) > 1 or len(people & set(another)) > 1}
    group: dict[str, str] = {}

    def root(id: str) -> str:
        while (up := group.setdefault(id, id)) != id:
            id = up
        return id

    for ids, people in about:
        if len(people) <= 1 or (len(people) == 2 and len(people & set(one_name)) == 1):
            first, *others = sorted(ids - shared) or [""]
            for other in others:
                group[root(other)] = root(first)
    return {(a, b) for a in one_name for b in another if a in group and b in group and root(a) == root(b)}
