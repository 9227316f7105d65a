"""The two ways to what was appended, memory and file, say the same."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.log import Chunk, LogFile, LogReader
from schemas.ids import Position
from schemas.locallog import FILE_NAME

from .entries import PARTITIONS, entry
from .running import log_in

# A commit is a list of entries; an entry so many records.
COMMITS = st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=6), min_size=1, max_size=40)


@given(COMMITS, st.booleans(), st.data())
@settings(max_examples=60, deadline=None)
def test_memory_and_file_give_the_same(commits: list[list[int]], wrapped: bool, data: st.DataObject) -> None:
    """Whatever was committed together, from any position, up to any limit: the same records from both.

    Neither has the wraps of records that the forwarder is near to.
    """
    with TemporaryDirectory() as folder:
        asyncio.run(_same_from_both(Path(folder), commits, data, wrapped))


async def _same_from_both(folder: Path, commits: list[list[int]], data: st.DataObject, wrapped: bool) -> None:
    async with log_in(folder, wrapped=wrapped) as log:
        for number, sizes in enumerate(commits):
            each = (entry(number * 10 + i, records=records) for i, records in enumerate(sizes))
            await asyncio.gather(*map(log.append, each))
        asked = st.tuples(st.integers(1, log.next - 1), st.integers(1, log.next + 1))
        # An example can end where something is drawn: before there is anything to close.
        places = data.draw(st.lists(asked, min_size=1, max_size=10))
        reader = await asyncio.to_thread(LogReader, folder)
        for position, limit in places:
            from_memory = log.recent(Position(position), limit)
            from_file = await asyncio.to_thread(reader.read, Position(position), limit)
            assert from_memory is not None
            assert from_memory.wraps == []
            assert from_file == from_memory
            assert len(from_file.records) >= min(limit, log.next - position)
        reader.close()


def filled(folder: Path, *commits: list[int], value: bytes = b"") -> LogFile:
    """Return a log with these commits of entries, each entry told by its number."""
    file = LogFile(folder, partitions=PARTITIONS, min_free_bytes=0)
    for numbers in commits:
        file.write([entry(number, value=value) for number in numbers], 1_000)
    return file


def chunk(first: int, *numbers: int) -> Chunk:
    """Return the records of the entries with these numbers."""
    return Chunk(Position(first), [record for number in numbers for record in entry(number).records])


def test_nothing_is_read_from_an_empty_log(tmp_path: Path) -> None:
    """None, from the first position as from a later one."""
    with closing(filled(tmp_path)), closing(LogReader(tmp_path)) as reader:
        assert [reader.read(Position(position), 10) for position in (1, 100)] == [None, None]


def test_nothing_is_read_beyond_the_end(tmp_path: Path) -> None:
    """The position that the next record gets has none yet."""
    with closing(filled(tmp_path, [1, 2])), closing(LogReader(tmp_path)) as reader:
        assert (reader.read(Position(2), 10), reader.read(Position(3), 10)) == (chunk(2, 2), None)


def test_reading_begins_later_where_records_were_pruned(tmp_path: Path) -> None:
    """The chunk says where it begins."""
    with closing(filled(tmp_path, [1, 2], [3, 4], [5])) as file, closing(LogReader(tmp_path)) as reader:
        file.prune(Position(5), rows=10)

        assert reader.read(Position(2), 10) == chunk(5, 5)


def test_a_chunk_is_bounded_in_bytes(tmp_path: Path) -> None:
    """Large records do not all come at once, however many are asked for."""
    large = b"x" * 1_000_000
    with closing(filled(tmp_path, *([n] for n in range(20)), value=large)), closing(LogReader(tmp_path)) as reader:
        read = reader.read(Position(1), 1_000)

    assert read is not None
    assert len(read.records) == 5


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    """Whatever is asked of its connection."""
    readonly = pytest.raises(sqlite3.OperationalError, match="readonly")
    with closing(filled(tmp_path, [1])), closing(LogReader(tmp_path)) as reader, readonly:
        reader._database.execute("DELETE FROM commits")


def test_a_reader_needs_a_log(tmp_path: Path) -> None:
    """It makes none."""
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        LogReader(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_damaged_row_is_not_read_as_something_else(tmp_path: Path) -> None:
    """Bytes that are no records are an error, not fewer records."""
    filled(tmp_path, [1], [2]).close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database:
        database.execute("UPDATE commits SET records = substr(records, 1, 20) WHERE position = 2")
        database.commit()

    with closing(LogReader(tmp_path)) as reader, pytest.raises(msgspec.DecodeError):
        reader.read(Position(1), 10)
