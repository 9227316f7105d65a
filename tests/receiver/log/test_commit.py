"""Group commit: who shares one, in what order, what memory keeps of it, and what a failed one means."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from deploy.meters import PrometheusMeters
from receiver.entry import Entry, SeenId
from receiver.errors import LogUnavailable
from receiver.log import Appended, Chunk, LogFile, SqliteLog
from receiver.log.commit import MAX_BYTES, MAX_ENTRIES
from receiver.log.tail import TAIL_BYTES
from schemas.ids import Position

from ..lines import lines_caught
from .entries import entry
from .running import log_in, metric, read_back, started, writer_held

IMPOSSIBLE = Entry(entry(666).records, SeenId(2**64, b"a time of nine bytes"))


async def commits(meters: PrometheusMeters) -> float | None:
    """Return how many commits were counted."""
    return await metric(meters, "meetwire_log_commits_total")


def chunk(first: int, *entries: Entry) -> Chunk:
    """Return the records of `entries`, from `first` on."""
    return Chunk(Position(first), [record for one in entries for record in one.records])


def positions(appended: Sequence[Appended]) -> list[int]:
    """Return where entries stand, all of them new."""
    assert not any(one.repeated for one in appended)
    return [one.position for one in appended]


async def test_what_comes_together_shares_a_commit(tmp_path: Path) -> None:
    """Everything that a turn of the event loop brings is one transaction, in the order in which it came."""
    meters = PrometheusMeters()
    async with log_in(tmp_path, meters) as log:
        appended = await asyncio.gather(*(log.append(entry(number)) for number in range(100)))

    assert (positions(appended), await commits(meters)) == (list(range(1, 101)), 1)
    assert await read_back(tmp_path) == chunk(1, *map(entry, range(100)))


async def test_what_comes_during_a_commit_shares_the_next(tmp_path: Path) -> None:
    """Nothing waits for a timer: one commit is under way, and all that comes meanwhile is the one after it."""
    meters = PrometheusMeters()
    async with log_in(tmp_path, meters) as log:
        async with writer_held(log):
            first = await started(log.append(entry(0)))
            later = [(await started(log.append(entry(number))))[0] for number in range(1, 50)]
        appended = await asyncio.gather(*first, *later)

    assert (positions(appended), await commits(meters)) == (list(range(1, 51)), 2)


async def test_a_commit_holds_so_many_entries(tmp_path: Path) -> None:
    """The rest waits for the next one, so that a row stays within bounds."""
    meters = PrometheusMeters()
    async with log_in(tmp_path, meters) as log:
        await asyncio.gather(*(log.append(entry(number)) for number in range(2 * MAX_ENTRIES + 1)))

    assert await commits(meters) == 3


async def test_a_commit_holds_so_many_bytes(tmp_path: Path) -> None:
    """Large values fill a commit as many small ones do."""
    meters = PrometheusMeters()
    large = b"x" * (MAX_BYTES // 4)
    async with log_in(tmp_path, meters) as log:
        await asyncio.gather(*(log.append(entry(number, value=large)) for number in range(10)))

    assert await commits(meters) == 3


async def test_a_repeat_in_the_same_turn_is_one_record(tmp_path: Path) -> None:
    """A thousand times the same push at once is one record, and a thousand times the same answer."""
    async with log_in(tmp_path) as log:
        appended = await asyncio.gather(*(log.append(entry(1)) for _ in range(1_000)))

    assert appended == [Appended(Position(1), repeated=number > 0) for number in range(1_000)]
    assert await read_back(tmp_path) == chunk(1, entry(1))


async def test_who_stops_waiting_is_appended_nevertheless(tmp_path: Path) -> None:
    """A deadline ends the wait, not the append; the retry finds the record there."""
    async with log_in(tmp_path) as log:
        async with writer_held(log):
            (waiting,) = await started(log.append(entry(1)))
            waiting.cancel()
            await asyncio.wait([waiting])
        again = await log.append(entry(1))

    assert (waiting.cancelled(), again) == (True, Appended(Position(1), repeated=True))


async def test_the_log_counts_what_it_does(tmp_path: Path) -> None:
    """Commits, their time, records by topic and the newest position are metrics, the position from the start on."""
    async with log_in(tmp_path) as log:
        await log.append(entry(1, records=3))
    meters = PrometheusMeters()
    async with log_in(tmp_path, meters) as log:
        at_start = await metric(meters, "meetwire_log_position")
        await log.append(entry(2, records=2))
        await log.append(entry(2, records=2))

    assert (at_start, await metric(meters, "meetwire_log_position")) == (3, 5)
    assert await metric(meters, "meetwire_log_records_total", topic="meeting.lifecycle.v1") == 2
    assert (await commits(meters), await metric(meters, "meetwire_log_commit_seconds_count")) == (2, 2)


async def test_news_waits_for_a_record_at_its_position(tmp_path: Path) -> None:
    """Who waits for a position hears of it when there is a record, and at once where there was one."""
    async with log_in(tmp_path) as log:
        await log.append(entry(1))
        await log.news(Position(1))
        (waiting,) = await started(log.news(Position(3)))
        await log.append(entry(2))
        after_one = waiting.done()
        await log.append(entry(3))
        await waiting

    assert not after_one


async def test_memory_gives_what_was_just_written(tmp_path: Path) -> None:
    """The newest records need no reading; in whole commits, from the very position that was asked for."""
    async with log_in(tmp_path) as log:
        await log.append(entry(1, records=3))
        await log.append(entry(2, records=3))

        assert log.recent(Position(1), 1) == chunk(1, entry(1, records=3))
        assert log.recent(Position(2), 4) == Chunk(
            Position(2), [*entry(1, records=3).records[1:], *entry(2, records=3).records]
        )
        assert log.recent(Position(5), 9) == Chunk(Position(5), [*entry(2, records=3).records[1:]])
        assert log.recent(Position(7), 9) is None


async def test_memory_lets_go_of_what_is_released(tmp_path: Path) -> None:
    """What the forwarder has done with is gone from memory, a commit at a time; the file still has it."""
    async with log_in(tmp_path) as log:
        for number in range(3):
            await log.append(entry(number, records=2))
        log.release(Position(4))

        assert [log.recent(Position(position), 9) for position in (1, 2)] == [None, None]
        assert log.recent(Position(3), 9) == chunk(3, entry(1, records=2), entry(2, records=2))
    assert await read_back(tmp_path) == chunk(1, *(entry(number, records=2) for number in range(3)))


async def test_memory_is_bounded_while_nobody_reads(tmp_path: Path) -> None:
    """However long Kafka is away, memory holds the newest few MiB and the file holds the rest."""
    size = TAIL_BYTES // 8
    async with log_in(tmp_path) as log:
        for number in range(20):
            await log.append(entry(number, value=b"x" * size))

        held = [position for position in range(1, 21) if log.recent(Position(position), 1)]
        assert held == list(range(13, 21))


async def test_the_end_writes_what_waits(tmp_path: Path) -> None:
    """An orderly stop leaves nothing behind that was taken in, several commits of it included."""
    async with log_in(tmp_path) as log:
        waiting = await started(*(log.append(entry(number)) for number in range(2 * MAX_ENTRIES + 1)))
    appended = [task.result() for task in waiting]

    assert positions(appended) == list(range(1, 2 * MAX_ENTRIES + 2))
    assert await read_back(tmp_path) == chunk(1, *map(entry, range(2 * MAX_ENTRIES + 1)))


async def test_a_closed_log_refuses(tmp_path: Path) -> None:
    """What comes after the end is refused at once, a job as well as an append; another may open the log."""
    async with log_in(tmp_path) as log:
        pass

    with pytest.raises(LogUnavailable, match="log_closed"):
        await log.append(entry(1))
    with pytest.raises(LogUnavailable, match="log_closed"):
        await log.run(LogFile.first)
    async with log_in(tmp_path) as log:
        assert log.next == 1


async def test_the_end_refuses_what_comes_while_it_writes(tmp_path: Path) -> None:
    """From the moment that the log is told to close, nothing new is taken."""
    async with log_in(tmp_path) as log:
        async with writer_held(log):
            first = await started(log.append(entry(1)))
            closing = await started(log.close())
            with pytest.raises(LogUnavailable, match="log_closed"):
                await log.append(entry(2))
        await asyncio.gather(*closing)
        assert positions([task.result() for task in first]) == [1]


async def test_a_failed_commit_refuses_everyone_in_it_and_nobody_after(tmp_path: Path) -> None:
    """None of a failed commit is answered as durable; the next one succeeds without a restart."""
    async with log_in(tmp_path) as log:
        refused = await asyncio.gather(
            log.append(entry(1)), log.append(IMPOSSIBLE), log.append(entry(2)), return_exceptions=True
        )
        appended = await asyncio.gather(log.append(entry(1)), log.append(entry(2)))

    assert [str(error) for error in refused] == ["log_failed"] * 3
    assert all(isinstance(error, LogUnavailable) for error in refused)
    assert positions(appended) == [1, 2]
    assert await read_back(tmp_path) == chunk(1, entry(1), entry(2))


async def test_who_stopped_waiting_for_a_failed_commit_disturbs_nobody(tmp_path: Path) -> None:
    """The others of the commit are told all the same."""
    async with log_in(tmp_path) as log:
        async with writer_held(log):
            waiting = await started(log.append(entry(1)), log.append(IMPOSSIBLE))
            waiting[0].cancel()
        (_, outcome) = await asyncio.gather(*waiting, return_exceptions=True)

    assert isinstance(outcome, LogUnavailable)


async def test_a_failure_is_said_once_and_so_is_its_end(tmp_path: Path) -> None:
    """Each failure is counted; the line comes with the first, and another when commits succeed again."""
    meters = PrometheusMeters()
    with lines_caught() as lines:
        async with log_in(tmp_path, meters) as log:
            for _ in range(3):
                with pytest.raises(LogUnavailable):
                    await log.append(IMPOSSIBLE)
            failing = log.failing
            await log.append(entry(1))
            recovered = log.failing

    assert lines == [
        {"event": "log.failed", "log_level": "error", "reason": "log_failed", "kind": "OverflowError"},
        {"event": "log.recovered", "log_level": "info", "reason": "log_failed"},
    ]
    assert await metric(meters, "meetwire_log_failures_total", reason="log_failed") == 3
    assert (failing, recovered) == ("log_failed", None)


async def test_a_probe_ends_a_failure_where_nothing_is_appended(tmp_path: Path) -> None:
    """A service that was refused comes back in half an hour: readiness must not wait for it."""
    async with log_in(tmp_path) as log:
        with pytest.raises(LogUnavailable):
            await log.append(IMPOSSIBLE)
        await log.probe()

        assert (log.failing, log.next) == (None, 1)


async def test_a_job_runs_between_commits_and_raises_to_who_asked(tmp_path: Path) -> None:
    """What fails in the writer's thread is told to its caller, and the thread goes on."""

    def stumble(_: LogFile) -> None:
        raise ZeroDivisionError

    async with log_in(tmp_path) as log:
        with pytest.raises(ZeroDivisionError):
            await log.run(stumble)

        assert (await log.append(entry(1))).position == 1


async def test_a_job_that_nobody_waits_for_any_more_disturbs_nobody(tmp_path: Path) -> None:
    """Its outcome, good or bad, is dropped."""

    def stumble(_: LogFile) -> None:
        raise ZeroDivisionError

    async with log_in(tmp_path) as log:
        async with writer_held(log):
            jobs: list[asyncio.Task[object]] = [
                *await started(log.run(stumble)),
                *await started(log.run(LogFile.first)),
            ]
            for job in jobs:
                job.cancel()
            await asyncio.wait(jobs)
        assert await log.append(entry(1)) == Appended(Position(1), repeated=False)


async def test_one_log_object_belongs_to_one_file(tmp_path: Path) -> None:
    """The log carries the file's own name, the same after a restart."""
    async with log_in(tmp_path) as log:
        first = (log.id, type(log))
    async with log_in(tmp_path) as log:
        assert (log.id, SqliteLog) == first
