"""What a commit will put into the log is told while the disk writes it; and whether that came to be, after."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from receiver.entry import Entry
from receiver.errors import LogUnavailable
from receiver.log import Chunk, LogFile, LogReader, SqliteLog
from receiver.log.tail import Tail
from schemas.ids import Position

from .entries import PARTITIONS, entry
from .running import log_in, started


def chunk(first: int, *numbers: int) -> Chunk:
    """Return the records of the entries with these numbers."""
    return Chunk(Position(first), [record for number in numbers for record in entry(number).records])


async def expected_of(log: SqliteLog, entries: Sequence[Entry]) -> Chunk | None:
    """Have these appended in one commit, whatever comes of it, and return what was expected of it."""
    (expecting,) = await started(log.expected(log.next))
    await asyncio.gather(*map(log.append, entries), return_exceptions=True)
    return await expecting


def test_it_is_told_before_it_is_there(tmp_path: Path) -> None:
    """Nothing of it can be read then."""
    told: list[tuple[Chunk, Chunk | None]] = []
    with (
        closing(LogFile(tmp_path, partitions=PARTITIONS, min_free_bytes=0)) as file,
        closing(LogReader(tmp_path)) as reader,
    ):
        file.write([entry(0)], 1_000)
        file.write([entry(1), entry(2)], 1_000, begun=lambda coming: told.append((coming, reader.read(Position(2), 9))))
        after = reader.read(Position(2), 9)

    assert told == [(chunk(2, 1, 2), None)]
    assert after == chunk(2, 1, 2)


async def test_what_was_expected_came_to_be(tmp_path: Path) -> None:
    """And is held as long as memory holds it."""
    async with log_in(tmp_path) as log:
        expected = await expected_of(log, [entry(1), entry(2)])
        assert expected == chunk(1, 1, 2)
        assert (log.holds(expected), log.holds(chunk(1, 1, 2))) == (True, False)
        log.release(Position(3))
        assert not log.holds(expected)


async def test_a_repeat_makes_it_something_else(tmp_path: Path) -> None:
    """Then nothing that was expected is held, and memory has what came to be."""
    async with log_in(tmp_path) as log:
        expected = await expected_of(log, [entry(1), entry(1), entry(2)])
        assert expected == chunk(1, 1, 1, 2)
        assert not log.holds(expected)
        assert log.recent(Position(1), 9) == chunk(1, 1, 2)


async def test_a_commit_that_fails_makes_nothing_of_it(tmp_path: Path) -> None:
    """Another commit has its place later."""
    async with log_in(tmp_path) as log:
        pages = await log.run(lambda file: file._database.execute("PRAGMA max_page_count=1").fetchone()[0])
        (expecting,) = await started(log.expected(Position(1)))
        with pytest.raises(LogUnavailable, match="disk_full"):
            await log.append(entry(1, value=b"x" * 10_000_000))
        expected = await expecting
        assert expected is not None
        assert not log.holds(expected)

        await log.run(lambda file: file._database.execute(f"PRAGMA max_page_count={pages + 10_000}"))
        again = await expected_of(log, [entry(2)])
        assert again == chunk(1, 2)
        assert (log.holds(expected), log.holds(again)) == (False, True)


async def test_nothing_is_expected_where_it_is_there(tmp_path: Path) -> None:
    """Nor of a commit that takes several statements: it is waited for."""
    async with log_in(tmp_path) as log:
        assert await expected_of(log, [entry(1, records=2)]) is None
        assert log.next == 3
        assert await log.expected(Position(1)) is None


async def test_who_waits_can_be_cancelled(tmp_path: Path) -> None:
    """Nothing stays of it."""
    async with log_in(tmp_path) as log:
        (expecting,) = await started(log.expected(Position(1)))
        expecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await expecting
        await log.append(entry(1))
        assert await expected_of(log, [entry(2)]) == chunk(2, 2)


def test_memory_gives_records_that_all_have_wraps_or_none() -> None:
    """Where Kafka fell behind they are kept, and where it is near again they are not: one chunk is not of both."""
    tail = Tail()
    wraps = [b"before", b"after"]
    for number, its in enumerate([[], [], wraps, wraps, []]):
        tail.add(Chunk(Position(number + 1), chunk(0, number).records, its))

    found, position = [], Position(1)
    while (recent := tail.recent(position, 9)) is not None:
        found.append((recent.first, len(recent.records), recent.wraps))
        position = recent.end

    assert found == [(1, 2, []), (3, 2, [*wraps, *wraps]), (5, 1, [])]
