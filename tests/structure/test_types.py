"""mypy looks at all that is ours; what it may not look at says why."""

import re
import tomllib

import pytest

from tests.structure.source import OURS, ROOT, files

pytestmark = pytest.mark.structure

AT_MOST = 10
IGNORED = re.compile(r"#\s*type:\s*ignore(?P<codes>\[[^\]]+\])?(?P<reason>.*)")


def test_mypy_is_strict_on_every_package_of_ours():
    mypy = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]

    assert mypy["strict"] and set(OURS) <= set(mypy["files"])
    assert not [o for o in mypy["overrides"] if o.get("follow_imports") == "silent" or o.get("ignore_errors")]


def test_each_ignore_has_its_reason_and_they_are_few():
    found = [
        (str(path.relative_to(ROOT)), number, match)
        for path in files(*OURS, "script/stripe_standin")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (match := IGNORED.search(line))
    ]
    bare = [(path, number) for path, number, match in found if not match["codes"] or "#" not in match["reason"]]

    assert not bare, "say after the ignore why it must be"
    assert len(found) < AT_MOST, [(path, number) for path, number, _match in found]
