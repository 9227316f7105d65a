"""A full disk: every push refused, nothing corrupted, good again as soon as there is room, without a restart."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.meters import PrometheusMeters
from receiver.entry import Entry
from receiver.errors import LogUnavailable
from receiver.log import Chunk, LogFile, SqliteLog
from receiver.log.retention import Retention
from schemas.ids import Position
from schemas.locallog import FILE_NAME
from schemas.settings import Log

from ..lines import lines_caught
from .disk import Disk, Tmpfs, kinds, limited, tmpfs
from .entries import PARTITIONS, entry
from .running import log_in, metric, read_back

KINDS = kinds(Path(tempfile.mkdtemp()) / "probe")


@pytest.fixture(params=KINDS)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """A disk that can be filled, of each kind."""
    made: AbstractContextManager[Disk] = (tmpfs if request.param == "tmpfs" else limited)(tmp_path / "disk")
    with made as disk:
        yield disk


def large(number: int) -> Entry:
    """Return a push that needs new pages."""
    return entry(number, value=b"%d" % number * 20_000)


def integrity(folder: Path) -> str:
    """Return what SQLite finds wrong with the file, or "ok"."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as database:
        return str(database.execute("PRAGMA integrity_check").fetchone()[0])


async def refused(log: SqliteLog, *entries: Entry) -> list[str]:
    """Return why each was refused."""
    outcomes = await asyncio.gather(*(log.append(one) for one in entries), return_exceptions=True)
    assert all(isinstance(outcome, LogUnavailable) for outcome in outcomes), outcomes
    return [str(outcome) for outcome in outcomes]


def chunk(*entries: Entry) -> Chunk:
    """Return the records of `entries` from the first position on."""
    return Chunk(Position(1), [record for one in entries for record in one.records])


async def test_a_full_disk_refuses_pushes_and_loses_none(disk: Disk) -> None:
    """While it is full each push is refused; what was answered stays, and what comes after it is appended."""
    async with log_in(disk.folder) as log:
        await log.append(large(1))
        disk.fill()
        answers = [await refused(log, large(2)), await refused(log, large(3), large(4))]
        disk.relieve()
        appended = await asyncio.gather(*(log.append(large(number)) for number in (4, 1, 2, 3)))

    assert answers == [[disk.reason], [disk.reason] * 2]
    assert [(one.position, one.repeated) for one in appended] == [(2, False), (1, True), (3, False), (4, False)]
    assert integrity(disk.folder) == "ok"
    assert await read_back(disk.folder) == chunk(large(1), large(4), large(2), large(3))


async def test_a_full_disk_is_said_and_counted(disk: Disk) -> None:
    """One line when it begins and one when it ends, and each refused commit in the metric."""
    meters = PrometheusMeters()
    with lines_caught() as lines:
        async with log_in(disk.folder, meters) as log:
            disk.fill()
            await refused(log, large(1))
            await refused(log, large(2))
            failing = log.failing
            disk.relieve()
            await log.append(large(3))

    assert failing == disk.reason
    assert lines == [
        {"event": "log.failed", "log_level": "error", "reason": disk.reason, "kind": "OperationalError"},
        {"event": "log.recovered", "log_level": "info", "reason": disk.reason},
    ]
    assert await metric(meters, "meetwire_log_failures_total", reason=disk.reason) == 2


async def test_a_log_recovers_by_itself_once_there_is_room(disk: Disk) -> None:
    """Retention tries the disk again and again, so that readiness does not wait for the next push."""
    settings = Log(folder=str(disk.folder))
    async with log_in(disk.folder) as log:
        disk.fill()
        await refused(log, large(1))
        async with Retention(log, settings, None).running(every_s=0.001):
            await _turns(log, 20)
            while_full = log.failing
            disk.relieve()
            async with asyncio.timeout(60):
                while log.failing is not None:
                    await _turns(log, 1)

    assert while_full == disk.reason


async def _turns(log: SqliteLog, count: int) -> None:
    """Wait for so many rounds through the writer's thread."""
    for _ in range(count):
        await log.run(lambda _: None)


@pytest.mark.parametrize("room", [0, 1, 3, 10, 30])
async def test_a_disk_that_fills_amid_a_commit_keeps_none_of_it(disk: Disk, room: int) -> None:
    """However far a commit came, nothing of it is there afterwards; the records of a push stay together."""
    async with log_in(disk.folder) as log:
        await log.append(large(1))
        if isinstance(disk, Tmpfs):
            disk.fill()
            with (disk.folder / "ballast").open("r+b") as ballast:
                ballast.truncate((disk.folder / "ballast").stat().st_size - room * 16_384)
        else:
            disk.fill()
        await refused(log, entry(2, records=5, value=b"x" * 100_000))
        disk.relieve()

    assert integrity(disk.folder) == "ok"
    assert await read_back(disk.folder) == chunk(large(1))


def test_a_full_disk_lets_no_new_log_be_made(tmp_path: Path) -> None:
    """The start says what SQLite says, and the folder is free for the next one."""
    with limited(tmp_path / "disk") as disk:
        disk.fill()
        with pytest.raises(sqlite3.OperationalError, match="disk I/O error"):
            LogFile(disk.folder, partitions=PARTITIONS, min_free_bytes=0)
        disk.relieve()

        LogFile(disk.folder, partitions=PARTITIONS, min_free_bytes=0).close()


async def test_a_log_that_filled_its_disk_makes_room_itself(tmp_path: Path) -> None:
    """What Kafka got meanwhile is pruned and its space given back, until pushes are taken again."""
    with (tmpfs if "tmpfs" in KINDS else limited)(tmp_path / "disk") as disk:
        free = shutil.disk_usage(disk.folder).free
        async with log_in(disk.folder, min_free_bytes=free - 40 * 1_048_576) as log:
            appended = await _fill_up(log)
            full = log.failing
            await Retention(log, Log(folder=str(disk.folder)), lambda: log.next).turn(datetime.now(UTC))
            recovered = log.failing
            again = await log.append(large(appended + 1))

    assert (full, recovered, again.position) == ("disk_full", None, appended + 1)
    assert appended > 50


async def _fill_up(log: SqliteLog) -> int:
    """Append until the disk is full; return how many were appended."""
    for number in itertools.count(1):
        try:
            await log.append(large(number))
        except LogUnavailable:
            return number - 1
    raise AssertionError("counting has no end")
