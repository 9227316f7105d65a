"""What the WAL holds is brought into the file beside the commits."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Final

from receiver.log import SqliteLog
from receiver.log.checkpoint import Checkpoints
from schemas.locallog import FILE_NAME, decode_records

from .entries import entry
from .running import log_in

MIB: Final = 1_048_576
VALUE: Final = os.urandom(MIB // 4)


def wal_bytes(folder: Path) -> int:
    """Return how long the WAL is."""
    return (folder / f"{FILE_NAME}-wal").stat().st_size


def stands(folder: Path) -> tuple[str, int]:
    """Return whether the file is whole, and how many of the records it has that were appended."""
    with contextlib.closing(sqlite3.connect(folder / FILE_NAME)) as database:
        (whole,) = database.execute("PRAGMA integrity_check").fetchone()
        rows = database.execute("SELECT records FROM commits").fetchall()
    records = [record for (row,) in rows for record in decode_records(row)]
    return whole, [record.value for record in records].count(VALUE)


async def appended(log: SqliteLog, count: int, first: int = 1) -> None:
    """Append so many entries of a quarter of a MiB, a commit each."""
    for number in range(first, first + count):
        await log.append(entry(number, value=VALUE))


async def test_the_wal_is_begun_anew_however_much_is_appended(tmp_path: Path) -> None:
    """It grows to a multiple of what a pass brings over at the most, and all that was appended is there."""
    async with log_in(tmp_path) as log:
        await appended(log, 400)

        assert 0 < wal_bytes(tmp_path) < 64 * MIB
    assert await asyncio.to_thread(stands, tmp_path) == ("ok", 400)


async def test_a_pass_brings_over_what_the_wal_holds(tmp_path: Path) -> None:
    """Without any commit that would do so: the file grows beside them, and the writer's thread does the rest."""
    finished = asyncio.Event()
    async with log_in(tmp_path) as log:
        await appended(log, 8)
        before = (tmp_path / FILE_NAME).stat().st_size
        passes = Checkpoints(tmp_path, finished.set)
        passes.begin()
        await finished.wait()
        await passes.close()

        assert before < 2 * MIB <= (tmp_path / FILE_NAME).stat().st_size


async def test_one_pass_at_a_time(tmp_path: Path) -> None:
    """Who asks while one is under way asks in vain; afterwards there is another."""
    finished: list[int] = []
    async with log_in(tmp_path):
        passes = Checkpoints(tmp_path, lambda: finished.append(1))
        passes.begin()
        passes.begin()
        await passes.close()

    assert finished == [1]


async def test_a_pass_that_fails_is_nothing(tmp_path: Path) -> None:
    """Where there is no file to open, say: the writer's thread has its turn all the same."""
    finished: list[int] = []
    passes = Checkpoints(tmp_path / "nowhere", lambda: finished.append(1))
    passes.begin()
    await passes.close()

    assert finished == [1]
    await passes.close()
