import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop.audit import merkle

entries = st.lists(st.binary(max_size=8), min_size=1, max_size=70)

# The seven entries and the roots of Certificate Transparency's own reference tests (RFC 6962 trees over them).
KNOWN_ENTRIES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
KNOWN_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def root_as_the_rfc_defines_it(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    left, right = root_as_the_rfc_defines_it(leaves[:k]), root_as_the_rfc_defines_it(leaves[k:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def test_roots_are_those_of_certificate_transparency():
    roots = [merkle.root(KNOWN_ENTRIES[: n + 1]).hex() for n in range(len(KNOWN_ENTRIES))]

    assert roots == KNOWN_ROOTS


def test_the_root_of_nothing_is_the_hash_of_nothing():
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(entries)
def test_the_root_is_the_one_the_rfc_defines(leaves):
    assert merkle.root(leaves) == root_as_the_rfc_defines_it(leaves)


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_a_tree_that_grows_leaf_by_leaf_has_the_same_root_at_every_size(leaves):
    tree = merkle.Frontier()

    for size, leaf in enumerate(leaves, start=1):
        tree = merkle.Frontier(tree.size, tree.peaks)
        tree.append(merkle.leaf_hash(leaf))
        assert tree.root() == merkle.root(leaves[:size])


@given(entries, st.data())
def test_every_entry_can_be_proved(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))

    proof = merkle.inclusion_proof(leaves, index)

    assert merkle.verify_inclusion(
        leaf=merkle.leaf_hash(leaves[index]), index=index, size=len(leaves), proof=proof, root=merkle.root(leaves)
    )


@given(entries, st.binary(max_size=8), st.data())
def test_no_other_entry_can_be_proved_in_its_place(leaves, stranger, data):
    index = data.draw(st.integers(0, len(leaves) - 1))

    proof = merkle.inclusion_proof(leaves, index)

    assert merkle.verify_inclusion(
        leaf=merkle.leaf_hash(stranger), index=index, size=len(leaves), proof=proof, root=merkle.root(leaves)
    ) == (stranger == leaves[index])


@given(st.lists(st.binary(min_size=1, max_size=8), min_size=2, max_size=70, unique=True), st.data())
def test_an_altered_proof_proves_nothing(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = merkle.inclusion_proof(leaves, index)
    at = data.draw(st.integers(0, len(proof) - 1))
    altered = [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :]]
    leaf, top = merkle.leaf_hash(leaves[index]), merkle.root(leaves)

    for wrong in (altered, proof[:-1], [*proof, b"\x00" * 32]):
        assert not merkle.verify_inclusion(leaf=leaf, index=index, size=len(leaves), proof=wrong, root=top)


@given(st.lists(st.binary(min_size=1, max_size=8), min_size=2, max_size=70, unique=True), st.data())
def test_an_entry_is_proved_at_its_own_place_only(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    elsewhere = data.draw(st.integers(-1, len(leaves)).filter(lambda place: place != index))

    assert not merkle.verify_inclusion(
        leaf=merkle.leaf_hash(leaves[index]),
        index=elsewhere,
        size=len(leaves),
        proof=merkle.inclusion_proof(leaves, index),
        root=merkle.root(leaves),
    )


@given(entries, st.data())
def test_a_longer_log_shows_that_it_began_as_it_was(leaves, data):
    earlier = data.draw(st.integers(0, len(leaves)))

    assert merkle.verify_consistency(
        earlier=earlier,
        earlier_root=merkle.root(leaves[:earlier]),
        later=len(leaves),
        later_root=merkle.root(leaves),
        proof=merkle.consistency_proof(leaves, earlier),
    )


@given(st.lists(st.binary(min_size=1, max_size=8), min_size=2, max_size=70), st.data())
def test_a_log_that_was_rewritten_cannot_show_it(leaves, data):
    earlier = data.draw(st.integers(1, len(leaves)))
    place = data.draw(st.integers(0, earlier - 1))
    rewritten = [*leaves[:place], leaves[place] + b"!", *leaves[place + 1 :]]

    assert not merkle.verify_consistency(
        earlier=earlier,
        earlier_root=merkle.root(leaves[:earlier]),
        later=len(leaves),
        later_root=merkle.root(rewritten),
        proof=merkle.consistency_proof(rewritten, earlier),
    )


def test_there_is_no_proof_of_an_entry_that_is_not_there():
    with pytest.raises(IndexError):
        merkle.inclusion_proof([b"one"], 1)
    with pytest.raises(IndexError):
        merkle.consistency_proof([b"one"], 2)
