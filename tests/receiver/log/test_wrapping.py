"""Records that the log prepares for Kafka, beside those that an older version, or one without Kafka, appended."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from receiver.log import Chunk, LogFile, LogReader
from receiver.log.wrapping import wraps_of
from schemas.ids import LogId, Position
from schemas.locallog import FILE_NAME, FORM
from schemas.record import Record

from .entries import PARTITIONS, entry
from .running import log_in

LOG = LogId("0f1e2d3c4b5a69788796a5b4c3d2e1f0")
# As version 0.1.0 made it.
OLD_TABLES = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE commits (position INTEGER PRIMARY KEY, count INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL, records BLOB NOT NULL)",
    "CREATE TABLE seen (key BLOB PRIMARY KEY, position INTEGER NOT NULL, seen_ms INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE marks (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
)


def old_log(folder: Path, *numbers: int) -> None:
    """Write a log as an older version did: a commit with these entries."""
    records = [one for number in numbers for one in entry(number).records]
    with closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as database:
        for statement in OLD_TABLES:
            database.execute(statement)
        meta = [("log", LOG), ("form", FORM), ("partitions", str(PARTITIONS))]
        database.executemany("INSERT INTO meta VALUES (?, ?)", meta)
        row = (1, len(records), 1_000, msgspec.msgpack.encode(records))
        database.execute("INSERT INTO commits VALUES (?, ?, ?, ?)", row)


def opened(folder: Path, *, wrapped: bool = True) -> LogFile:
    """Return the log in `folder`."""
    return LogFile(folder, partitions=PARTITIONS, min_free_bytes=0, wrapped=wrapped)


def records_of(*numbers: int) -> list[Record]:
    """Return the records of these entries."""
    return [one for number in numbers for one in entry(number).records]


def wrapped_chunk(first: int, *numbers: int) -> Chunk:
    """Return the records of these entries with their wraps."""
    return Chunk(Position(first), records_of(*numbers), wraps_of(records_of(*numbers), LOG, Position(first)))


def test_a_log_of_an_older_version_is_read_and_goes_on(tmp_path: Path) -> None:
    """Name and records stay, and what is appended now is prepared. A chunk has wraps for all, or none."""
    old_log(tmp_path, 1, 2)
    with closing(opened(tmp_path)) as file:
        file.write([entry(3), entry(4)], 2_000)
        file.write([entry(5)], 3_000)

        with closing(LogReader(tmp_path)) as reader:
            read = [reader.read(Position(position), 10) for position in (1, 2, 3, 4)]

    assert file.id == LOG
    assert read == [
        Chunk(Position(1), records_of(1, 2)),
        Chunk(Position(2), records_of(2)),
        wrapped_chunk(3, 3, 4, 5),
        wrapped_chunk(4, 4, 5),
    ]


def test_an_older_version_goes_on_with_a_newer_log(tmp_path: Path) -> None:
    """It writes its rows without naming the column; a way back stays open."""
    with closing(opened(tmp_path)) as file:
        file.write([entry(1)], 1_000)
    with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as database:
        insert = "INSERT INTO commits (position, count, at_ms, records) VALUES (?, ?, ?, ?)"
        database.execute(insert, (2, 1, 2_000, msgspec.msgpack.encode(records_of(2))))

    with closing(LogReader(tmp_path)) as reader:
        read = [reader.read(Position(position), 10) for position in (1, 2)]

    assert read == [
        Chunk(Position(1), records_of(1), wraps_of(records_of(1), file.id, Position(1))),
        Chunk(Position(2), records_of(2)),
    ]


def test_without_kafka_nothing_is_prepared(tmp_path: Path) -> None:
    """It would cost a fifth of the disk for nothing."""
    with closing(opened(tmp_path, wrapped=False)) as file:
        file.write([entry(1)], 1_000)

    with closing(LogReader(tmp_path)) as reader:
        assert reader.read(Position(1), 10) == Chunk(Position(1), records_of(1))


def test_what_comes_beside_a_repeat_is_prepared_as_well(tmp_path: Path) -> None:
    """Such a commit is written in another way."""
    with closing(opened(tmp_path)) as file:
        file.write([entry(1)], 1_000)
        committed = file.write([entry(1), entry(2)], 2_000)

    assert committed.chunk.wraps == wraps_of(records_of(2), file.id, Position(2))
    assert committed.chunk.records == records_of(2)


def test_damaged_wraps_are_not_read_as_something_else(tmp_path: Path) -> None:
    """Bytes that are none are an error."""
    with closing(opened(tmp_path)) as file:
        file.write([entry(1)], 1_000)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database:
        database.execute("UPDATE commits SET wraps = substr(wraps, 1, 20)")
        database.commit()

    with closing(LogReader(tmp_path)) as reader, pytest.raises(msgspec.DecodeError):
        reader.read(Position(1), 10)


async def test_what_the_forwarder_has_from_memory_is_not_written(tmp_path: Path) -> None:
    """Around the records is a fifth of the disk. It is kept where Kafka lacks many, which go from the file later."""
    async with log_in(tmp_path, wrapped=True) as log:
        await log.append(entry(1))
        await log.append(entry(2, records=2_100))
        await log.append(entry(3))
        log.release(log.next)
        await log.append(entry(4))

    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database:
        kept = database.execute("SELECT position, wraps IS NOT NULL FROM commits ORDER BY position").fetchall()

    assert kept == [(1, 0), (2, 0), (2_102, 1), (2_103, 0)]
