"""The file of the catalogue: whose it is, how long it stays, what is done where it is damaged."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import stat
from pathlib import Path

import pytest

from consumers.captions.errors import StoreUnavailable
from consumers.captions.finding import tables
from consumers.captions.finding.asked import Asked, Hit, Said
from consumers.captions.finding.catalogue import Catalogue

from .cues import MARKER, NOON, WEEKLY, manifest


async def test_it_is_its_owners_alone(path: Path) -> None:
    """The words are in it."""
    async with Catalogue(path) as catalogue:
        await catalogue.add("k", manifest(), WEEKLY)

        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()}

    assert modes == dict.fromkeys(("index.sqlite", "index.sqlite-wal", "index.sqlite-shm"), 0o600)


async def test_it_stays_over_a_restart(path: Path) -> None:
    """With how far the ledger was read, which nobody moves who read it from elsewhere."""
    async with Catalogue(path) as catalogue:
        await catalogue.add("k", manifest(), WEEKLY)
        await catalogue.stand(0, 3, {})
        await catalogue.stand(0, 2, {})

    async with Catalogue(path) as catalogue:
        assert (await catalogue.position(), len(await catalogue.search(Asked(words="预算")))) == (3, 2)


@pytest.mark.parametrize("content", [b"no database at all" * 1_000, b"SQLite format 3\0" + b"\xff" * 4_096])
async def test_a_damaged_one_is_begun_anew(path: Path, content: bytes) -> None:
    """It is derived: nothing is lost."""
    await asyncio.to_thread(path.parent.mkdir)
    await asyncio.to_thread(path.write_bytes, content)

    async with Catalogue(path) as catalogue:
        assert await catalogue.position() == 0


async def test_one_of_another_version_is_begun_anew(path: Path) -> None:
    """An older or newer meetwire made it."""
    async with Catalogue(path) as catalogue:
        await catalogue.stand(0, 3, {})
        await catalogue._do(lambda: catalogue._open.execute("PRAGMA user_version = 99"))

    async with Catalogue(path) as catalogue:
        assert await catalogue.position() == 0


async def test_one_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    """With its name, as the setting has it."""
    await asyncio.to_thread((tmp_path / "index").mkdir)

    with pytest.raises(IsADirectoryError, match="index"):
        async with Catalogue(tmp_path / "index"):
            pass


async def test_one_that_is_locked_is_no_reason_to_delete_it(path: Path) -> None:
    """Somebody else writes: that is said, and what is there stays."""
    async with Catalogue(path) as catalogue:
        await catalogue.stand(0, 3, {})
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await catalogue._do(lambda: catalogue._open.execute("PRAGMA busy_timeout = 10"))

        with pytest.raises(StoreUnavailable, match="locked"):
            await catalogue.add("k", manifest(), WEEKLY)

        other.close()
        assert await catalogue.position() == 3


def test_one_that_somebody_writes_at_the_start_is_no_reason_to_delete_it(path: Path) -> None:
    """Locked is not damaged."""
    tables.opened(path).close()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(sqlite3.OperationalError, match="locked"):
            tables.opened(path, patience_s=0.01)

    assert path.stat().st_size > 0


async def test_it_is_used_within_its_context_alone(path: Path) -> None:
    """Before that there is no file."""
    with pytest.raises(RuntimeError, match="entered before it is used"):
        await Catalogue(path).position()


def test_nothing_personal_is_in_a_repr() -> None:
    """A repr may go to a log."""
    said = Said(cue=1, speaker=MARKER, spoken_at=NOON, begin_ms=0, end_ms=1, final=True, texts=[("x", MARKER)])
    hit = Hit(occurrence="1", version=1, enterprise="a", meeting_id="m", said=said, languages=[], before=[], after=[])

    assert [repr(Asked(words=MARKER, speaker=MARKER)), repr(said), repr(hit)] == ["<Asked>", "<Said 1>", "<Hit 1/1>"]
