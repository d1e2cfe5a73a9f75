"""JSON from outside: whatever is read can be kept, and what can't be kept is named by its place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop.ground.strict_json import UnreadableJson, read_json

KEEPABLE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], min_codepoint=1)), inner)
    ),
)


@given(KEEPABLE, st.booleans())
def test_what_can_be_kept_is_read_as_the_standard_library_reads_it(value, escaped):
    content = json.dumps(value, ensure_ascii=escaped).encode()

    assert read_json(content) == json.loads(content)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b'{"a": [1, {"b": "\\u0000"}]}', "a.1.b"),
        (b'{"a": "x\\ud800y"}', "a"),
        (b'{"a": {"\\ud800": 1}}', "a"),
        (b'{"a": {"\\u0000": 1}}', "a"),
        (b'{"a": [0, 9223372036854775808]}', "a.1"),
        (b'{"a": -9223372036854775809}', "a"),
        (b'{"a": %s}' % (b"9" * 100_000), "a"),
        (b'{"a": 1e400}', "a"),
        (b'{"a": NaN}', "a"),
        (b"[-Infinity]", "0"),
        (b"[" * 51 + b"]" * 51, ".".join("0" * 50)),
        (b"[" * 100_000 + b"]" * 100_000, ""),
        (b'{"a": 1, "a": 1}', "a"),
        (b'[{"b": {"c": 1, "d": 2, "c": 3}}]', "0.b.c"),
        (b'{"a": {"x": 1, "x": 2}, "a": 3}', "a"),
        (b'{"\\ud800": 1, "\\ud800": 2}', ""),
        (b'"\xff"', ""),
        (b'"a\x00b"', ""),
        (b"{not json", ""),
        (b"", ""),
    ],
)
def test_what_cannot_be_kept_is_named_by_its_place(content, field):
    with pytest.raises(UnreadableJson) as refused:
        read_json(content)

    assert (refused.value.field, refused.value.reason != "") == (field, True)


def test_a_pair_of_surrogates_is_one_character_and_fifty_levels_are_enough():
    assert read_json(b'"\\ud83e\\uddf5"') == "\U0001f9f5"
    assert read_json(b"\xef\xbb\xbf" + b"[" * 50 + b"]" * 50)
