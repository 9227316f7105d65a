"""A folder or bucket keeps the newest checkpoint of each time, and shows where the ledger forgot one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.captions.errors import Conflict
from consumers.captions.stores import Store
from consumers.captions.stores.folder import open_folder
from consumers.captions.witness.place import Place

from ..stores.contract import listed
from .notes import NAME, note, signed


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[Store]:
    """Give the store that the ledger lies in."""
    async with open_folder(f"file:{tmp_path}/archive") as store:
        yield store


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[Store]:
    """Give the witness's."""
    async with open_folder(f"file:{tmp_path}/witness") as store:
        yield store


async def test_a_witness_keeps_what_it_gets(own: Store, elsewhere: Store) -> None:
    """Under the archive's name, by size: the same again, or an older one, adds nothing."""
    witness = Place(elsewhere, own, NAME)
    await signed(own, 3, 7, 12)

    for size in (3, 7, 7, 3, 12):
        await witness.take(size, note(size))

    assert await listed(elsewhere) == [f"{NAME}/{size:012d}" for size in (3, 7, 12)]
    assert await elsewhere.get(f"{NAME}/000000000007") == note(7)
    assert witness.address == elsewhere.address


async def test_replicas_share_a_witness(own: Store, elsewhere: Store) -> None:
    """What another one copied, and has in the ledger, is no contradiction, newer or not."""
    one, other = Place(elsewhere, own, NAME), Place(elsewhere, own, NAME)
    await signed(own, 3, 5, 9)

    await one.take(3, note(3))
    await other.take(9, note(9))
    await one.take(5, note(5))
    await one.take(9, note(9))

    assert await listed(elsewhere) == [f"{NAME}/{size:012d}" for size in (3, 9)]


async def test_archives_share_a_witness(own: Store, elsewhere: Store) -> None:
    """One's name may be the beginning of another's; what is no checkpoint is passed over."""
    await signed(own, 3)
    await elsewhere.put(f"{NAME}/more/000000000009", b"of an archive whose name is longer")
    await elsewhere.put(f"{NAME}/README", b"of who runs the witness")
    await elsewhere.put(f"{NAME}/99", b"of nobody")

    await Place(elsewhere, own, NAME).take(3, note(3))

    assert await elsewhere.get(f"{NAME}/000000000003") == note(3)


async def test_a_ledger_that_was_cut_short_is_seen(own: Store, elsewhere: Store) -> None:
    """The witness has a checkpoint that is nowhere else any more."""
    await signed(own, 3, 9)
    await Place(elsewhere, own, NAME).take(9, note(9))
    await own.delete("ledger/checkpoints/000000000009")

    with pytest.raises(Conflict, match=r"^file:.*/000000000009 is no checkpoint of this ledger$"):
        await Place(elsewhere, own, NAME).take(3, note(3))
    with pytest.raises(Conflict):
        await Place(elsewhere, own, NAME).take(11, note(11))

    assert await listed(elsewhere) == [f"{NAME}/000000000009"]


async def test_a_ledger_that_was_rewritten_is_seen(own: Store, elsewhere: Store) -> None:
    """Signed well, of the same size, and another: nothing at the witness is written over."""
    await signed(own, 9)
    await elsewhere.put(f"{NAME}/000000000009", note(9, of="the past"))

    with pytest.raises(Conflict):
        await Place(elsewhere, own, NAME).take(9, note(9))

    assert await elsewhere.get(f"{NAME}/000000000009") == note(9, of="the past")


async def test_who_was_faster_with_another_is_seen(own: Store, elsewhere: Store) -> None:
    """Between the look and the copy."""

    class Overtaken(Place):
        async def _look(self) -> int | None:
            found = await super()._look()
            await elsewhere.put(f"{NAME}/000000000009", note(9, of="the past"))
            return found

    await signed(own, 9)

    with pytest.raises(Conflict):
        await Overtaken(elsewhere, own, NAME).take(9, note(9))


@settings(max_examples=25, deadline=None)
@given(sizes=st.sets(st.integers(1, 10**12 - 1), max_size=6))
async def test_the_newest_is_found_among_any(tmp_path_factory: pytest.TempPathFactory, sizes: set[int]) -> None:
    """By halving, wherever they lie."""
    folder = tmp_path_factory.mktemp("witness")
    async with open_folder(f"file:{folder}/own") as own, open_folder(f"file:{folder}/witness") as elsewhere:
        await signed(own, *sizes)
        for size in sizes:
            await elsewhere.put(f"{NAME}/{size:012d}", note(size))

        assert await Place(elsewhere, own, NAME)._look() == max(sizes, default=None)
