"""Merkle trees of RFC 6962 (section 2.1; the same in RFC 9162): one hash over many entries, and short proofs that one is among them. Pure.

A leaf is sha256(0x00 || entry), a node sha256(0x01 || left || right). The two prefixes keep a node from being passed off as an entry.
A tree of n > 1 leaves has its largest power of two smaller than n on the left. No Django here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

HASH_SIZE = 32


class Frontier:
    """A tree that grows at its end: its size, and the roots of its full subtrees from left to right, which is all that growing needs."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        if len(self.peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} has {size.bit_count()} full subtrees, not {len(self.peaks)}")

    def append(self, leaf: bytes) -> None:
        """Add the hash of one more leaf; full subtrees of equal size become one."""
        full, size = leaf, self.size
        while size & 1:
            full = node_hash(self.peaks.pop(), full)
            size >>= 1
        self.peaks.append(full)
        self.size += 1

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        reached = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            reached = node_hash(peak, reached)
        return reached


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry at the bottom of the tree."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over the entries in their order; of no entries, the hash of nothing."""
    return root_of_hashes([leaf_hash(entry) for entry in leaves])


def root_of_hashes(hashes: Sequence[bytes]) -> bytes:
    """The root when the leaves' hashes are already known.

    Level by level: neighbours pair up, and a last one without a neighbour rises as it is, which is the same tree as the recursive definition.
    """
    if not hashes:
        return hashlib.sha256(b"").digest()
    level = list(hashes)
    while len(level) > 1:
        level = _raised(level)
    return level[0]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The neighbours on the way up from entry `index` to the root, lowest first."""
    return inclusion_proof_of_hashes([leaf_hash(entry) for entry in leaves], index)


def inclusion_proof_of_hashes(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """As `inclusion_proof`, when the leaves' hashes are already known."""
    if not 0 <= index < len(hashes):
        raise IndexError(f"entry {index} of a tree of {len(hashes)}")
    proof = []
    level = list(hashes)
    while len(level) > 1:
        neighbour = index ^ 1
        if neighbour < len(level):
            proof.append(level[neighbour])
        level = _raised(level)
        index //= 2
    return proof


def verify_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether an entry with leaf hash `leaf` is number `index` of the `size` entries under `root` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, reached = index, size - 1, leaf
    for neighbour in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            reached = node_hash(neighbour, reached)
            while position and not position & 1:
                position >>= 1
                last >>= 1
        else:
            reached = node_hash(reached, neighbour)
        position >>= 1
        last >>= 1
    return last == 0 and reached == root


def consistency_proof(leaves: Sequence[bytes], earlier: int) -> list[bytes]:
    """What shows that the tree of the first `earlier` entries is a beginning of this one (RFC 9162, 2.1.4)."""
    return consistency_proof_of_hashes([leaf_hash(entry) for entry in leaves], earlier)


def consistency_proof_of_hashes(hashes: Sequence[bytes], earlier: int) -> list[bytes]:
    """As `consistency_proof`, when the leaves' hashes are already known."""
    if not 0 <= earlier <= len(hashes):
        raise IndexError(f"a beginning of {earlier} in a tree of {len(hashes)}")
    if earlier == 0:
        return []
    return _consistency(list(hashes), earlier, whole=True)


def verify_consistency(
    *, earlier: int, earlier_root: bytes, later: int, later_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the tree of `later` entries still begins with the tree of `earlier` ones: nothing taken out, nothing changed."""
    if not 0 <= earlier <= later:
        return False
    if earlier == later:
        return earlier_root == later_root and not proof
    if earlier == 0:
        return earlier_root == root([]) and not proof
    path = list(proof)
    if earlier & (earlier - 1) == 0:
        path.insert(0, earlier_root)
    if not path:
        return False
    position, last = earlier - 1, later - 1
    while position & 1:
        position >>= 1
        last >>= 1
    before = after = path[0]
    for neighbour in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            before = node_hash(neighbour, before)
            after = node_hash(neighbour, after)
            while position and not position & 1:
                position >>= 1
                last >>= 1
        else:
            after = node_hash(after, neighbour)
        position >>= 1
        last >>= 1
    return last == 0 and before == earlier_root and after == later_root


def _raised(level: list[bytes]) -> list[bytes]:
    """The level above: pairs joined, a last odd one as it is."""
    above = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    if len(level) % 2:
        above.append(level[-1])
    return above


def _consistency(hashes: list[bytes], earlier: int, *, whole: bool) -> list[bytes]:
    if earlier == len(hashes):
        return [] if whole else [root_of_hashes(hashes)]
    middle = _split(len(hashes))
    if earlier <= middle:
        return [*_consistency(hashes[:middle], earlier, whole=whole), root_of_hashes(hashes[middle:])]
    return [*_consistency(hashes[middle:], earlier - middle, whole=False), root_of_hashes(hashes[:middle])]


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)
