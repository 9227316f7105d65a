"""Trees are those of the RFC, whatever their size, and a proof proves what it says and nothing else."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.captions.proof.merkle import (
    EMPTY,
    Frontier,
    consistency,
    inclusion,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

# The leaves of the reference tests of RFC 6962 and what their trees' roots are, as certificate-transparency has them.
_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
_ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
}

leaves = st.lists(st.binary(min_size=32, max_size=32), max_size=70)


def by_the_book(content: list[bytes]) -> bytes:
    """Return the root as section 2.1.1 writes it down: split at the largest power of two, and again."""
    if not content:
        return sha256(b"").digest()
    if len(content) == 1:
        return sha256(b"\x00" + content[0]).digest()
    split = max(1 << power for power in range(len(content).bit_length()) if 1 << power < len(content))
    return sha256(b"\x01" + by_the_book(content[:split]) + by_the_book(content[split:])).digest()


def test_reference_trees_have_their_roots() -> None:
    """The eight leaves of the reference tests, and each tree over the first of them."""
    content = [bytes.fromhex(leaf) for leaf in _LEAVES]

    roots = {size: root([leaf_hash(one) for one in content[:size]]).hex() for size in range(9)}

    assert roots == {size: by_the_book(content[:size]).hex() for size in range(9)}
    assert {size: roots[size] for size in _ROOTS} == _ROOTS


@given(st.lists(st.binary(max_size=40), max_size=70))
def test_any_tree_is_by_the_book(content: list[bytes]) -> None:
    """From below and as it grows, the root is the one that the RFC's recursion gives."""
    hashed = [leaf_hash(one) for one in content]

    assert root(hashed) == Frontier(hashed).root() == by_the_book(content)


@given(leaves, st.lists(st.integers(0, 70)))
def test_tree_grows_in_any_steps(content: list[bytes], cuts: list[int]) -> None:
    """It does not matter how many leaves come at a time."""
    frontier = Frontier()
    for cut in sorted(cuts):
        frontier.extend(content[frontier.size : cut])
    frontier.extend(content[frontier.size :])

    assert (frontier.size, frontier.root()) == (len(content), root(content))


@given(leaves.filter(bool), st.data())
def test_leaf_is_proven(content: list[bytes], data: st.DataObject) -> None:
    """The proof of a leaf holds for it, at its place, in this tree, and has no more hashes than the tree has levels."""
    index = data.draw(st.integers(0, len(content) - 1))

    proof = inclusion(content, index)

    assert verify_inclusion(content[index], index, len(content), proof, root(content))
    assert len(proof) <= (len(content) - 1).bit_length()


@given(leaves.filter(bool), st.data())
def test_proof_holds_for_nothing_else(content: list[bytes], data: st.DataObject) -> None:
    """Another leaf, place, size, root or proof is refused."""
    size, expected = len(content), root(content)
    index = data.draw(st.integers(0, size - 1))
    leaf, proof = content[index], inclusion(content, index)
    other = bytes(32) if leaf != bytes(32) else bytes([1] * 32)

    assert not verify_inclusion(other, index, size, proof, expected)
    assert not verify_inclusion(leaf, index, size, proof, other)
    assert not verify_inclusion(leaf, index, size, [*proof, other], expected)
    assert not verify_inclusion(leaf, size, size, proof, expected)
    assert not verify_inclusion(leaf, -1, size, proof, expected)
    assert not proof or not verify_inclusion(leaf, index, size, proof[:-1], expected)
    for place in data.draw(st.lists(st.integers(0, size - 1), max_size=5)):
        assert verify_inclusion(leaf, place, size, proof, expected) is (place == index) or content[place] == leaf


@given(leaves.filter(bool), st.data())
def test_growth_is_proven(content: list[bytes], data: st.DataObject) -> None:
    """A tree keeps the tree over its first leaves, and no other."""
    size = data.draw(st.integers(1, len(content)))
    old, new = root(content[:size]), root(content)
    proof = consistency(content, size)
    other = bytes(32) if old != bytes(32) else bytes([1] * 32)

    assert verify_consistency(size, old, len(content), new, proof)
    assert not verify_consistency(size, other, len(content), new, proof)
    assert not verify_consistency(size, old, len(content), other, proof)
    assert not verify_consistency(size, old, len(content), new, [*proof, other])
    assert not verify_consistency(0, old, len(content), new, proof)
    assert not verify_consistency(len(content) + 1, old, len(content), new, proof)
    assert not proof or not verify_consistency(size, old, len(content), new, proof[:-1])


@given(leaves, st.lists(st.binary(min_size=32, max_size=32), max_size=9), st.integers(-2, 80), st.integers(-2, 80))
def test_made_up_proof_proves_nothing(content: list[bytes], proof: list[bytes], index: int, size: int) -> None:
    """Whatever a stranger makes up is refused, and breaks nothing."""
    leaf = bytes([7] * 32)

    assert not verify_inclusion(leaf, index, size, proof, root(content))
    assert not verify_consistency(index, leaf, size, root(content), proof)


@pytest.mark.parametrize("index", [-1, 3])
def test_leaf_that_is_not_there_has_no_proof(index: int) -> None:
    """To ask for it is a mistake of the one who asks."""
    with pytest.raises(IndexError):
        inclusion([bytes(32)] * 3, index)
    with pytest.raises(IndexError):
        consistency([bytes(32)] * 3, index + (index > 0))


def test_proof_that_goes_above_the_root_is_refused() -> None:
    """However well it begins."""
    content = [leaf_hash(bytes([number])) for number in range(5)]
    proof = consistency(content, 3)

    assert verify_consistency(3, root(content[:3]), 5, root(content), proof)
    assert not verify_consistency(3, root(content[:3]), 5, root(content), proof * 3)
    assert not verify_consistency(3, root(content[:3]), 5, root(content), [])
    assert not verify_inclusion(content[0], 0, 5, inclusion(content, 0) * 3, root(content))


def test_tree_over_nothing() -> None:
    """Its root is the hash of nothing."""
    assert root([]) == Frontier().root() == EMPTY == sha256(b"").digest()
