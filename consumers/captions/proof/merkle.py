"""Trees of hashes (RFC 9162, section 2.1, SHA-256): roots, proofs, and how to check these. Pure.

A leaf here is always the hash of one, 32 bytes. The functions over a whole tree want all leaves at once; a `Frontier`
takes them as they come and keeps no more than one hash a level.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

EMPTY: Final = sha256(b"").digest()
"""The root over nothing (section 2.1.1)."""


def leaf_hash(content: bytes) -> bytes:
    """Return the leaf of `content`."""
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two nodes beside each other."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over `leaves`."""
    level = leaves
    while len(level) > 1:
        level = _above(level)
    return level[0] if level else EMPTY


def _above(level: Sequence[bytes]) -> list[bytes]:
    """Return the next level: pairs hashed, and a last one without a neighbour as it is.

    That is the tree that the RFC splits at powers of two, seen from below.
    """
    pairs = zip(level[::2], level[1::2], strict=False)
    nodes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    if len(level) % 2:
        nodes.append(level[-1])
    return nodes


class Frontier:
    """A tree that grows at its end, kept as the roots of its full subtrees, the largest first."""

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self._roots: list[bytes] = []
        self.size = 0
        self.extend(leaves)

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add `leaves` at the end."""
        at = 0
        while left := len(leaves) - at:
            # The largest full subtree that can stand here is hashed at once, level by level: that is the fastest.
            width = 1 << left.bit_length() - 1
            if self.size:
                width = min(width, self.size & -self.size)
            node = root(leaves[at : at + width])
            at, self.size = at + width, self.size + width
            full = self.size // width
            while full % 2 == 0:
                node, full = node_hash(self._roots.pop(), node), full // 2
            self._roots.append(node)

    def root(self) -> bytes:
        """Return the root over all that was added."""
        if not self._roots:
            return EMPTY
        node = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            node = node_hash(left, node)
        return node


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that leaf `index`, from 0, is in the tree (section 2.1.3): its neighbours, the lowest first."""
    if not 0 <= index < len(leaves):
        raise IndexError("no such leaf")
    proof, level = [], leaves
    while len(level) > 1:
        # The last of an odd level has no neighbour: it goes up as it is.
        if index ^ 1 < len(level):
            proof.append(level[index ^ 1])
        index, level = index // 2, _above(level)
    return proof


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Return whether `proof` leads from `leaf` at `index` to the root over `size` leaves (section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, place, last = leaf, index, size - 1
    for other in proof:
        if last == 0:
            return False
        if place % 2 or place == last:
            node = node_hash(other, node)
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            node = node_hash(node, other)
        place, last = place // 2, last // 2
    return last == 0 and node == expected


def consistency(leaves: Sequence[bytes], size: int) -> list[bytes]:
    """Return the proof that the tree over all `leaves` begins with the tree over the first `size` (section 2.1.4)."""
    if not 0 < size <= len(leaves):
        raise IndexError("no such tree")
    return _subproof(leaves, size, known=True)


def _subproof(leaves: Sequence[bytes], size: int, *, known: bool) -> list[bytes]:
    if size == len(leaves):
        return [] if known else [root(leaves)]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if size <= split:
        return [*_subproof(leaves[:split], size, known=known), root(leaves[split:])]
    return [*_subproof(leaves[split:], size - split, known=False), root(leaves[:split])]


def verify_consistency(size: int, old: bytes, larger: int, new: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether `proof` shows that the root `new` over `larger` leaves keeps the root `old` over the first `size`.

    Section 2.1.4.2. Trees of one size are consistent where their roots are the same and the proof is empty.
    """
    if not 0 < size <= larger:
        return False
    if size == larger:
        return old == new and not proof
    # A full subtree is its own beginning: the proof leaves it out.
    path = [old, *proof] if size & (size - 1) == 0 else list(proof)
    if not path:
        return False
    place, last = size - 1, larger - 1
    while place % 2:
        place, last = place // 2, last // 2
    first = second = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if place % 2 or place == last:
            first, second = node_hash(other, first), node_hash(other, second)
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            second = node_hash(second, other)
        place, last = place // 2, last // 2
    return last == 0 and (first, second) == (old, new)
