"""The local log as a source: the contract, and how it is read."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import msgspec
import pytest
from structlog.testing import capture_logs

from consumers.sources import Lag, PlacedSource, Reading
from deploy.meters import PrometheusMeters
from schemas.ids import Position
from schemas.record import Record
from schemas.topics import LIFECYCLE

from .clock import Clock
from .contract import SourceContract
from .metering import counted
from .reading_log import local
from .reads import PATIENCE_S, read, reading, stored
from .records import NOON, numbered, set_aside
from .writing import NOON_MS, LogWriter


class LocalWorld:
    """A log in a folder."""

    def __init__(self, writer: LogWriter) -> None:
        self._writer = writer

    async def append(self, *records: Record) -> None:
        """Write one commit."""
        self._writer.append(*records)

    def source(self, wanted: Reading, /) -> AbstractAsyncContextManager[PlacedSource]:
        """Return a reader that looks for news."""
        return local(self._writer.folder, wanted)


class TestLocalSource(SourceContract):
    """The promises of every source."""

    @pytest.fixture
    def world(self, writer: LogWriter) -> LocalWorld:
        """A log in a folder."""
        return LocalWorld(writer)

    async def test_one_sequence_is_never_held_back(self, world: LocalWorld) -> None:
        """Nothing in it is ahead of anything else."""
        await world.append(*numbered(2))

        async with world.source(reading()) as source:
            source.hold_back({(LIFECYCLE, 0)})
            assert await read(source, 2) == stored(*numbered(2))


async def test_what_was_pruned_before_it_was_read_is_said_loudly(writer: LogWriter) -> None:
    """The reader goes on with what is there, and the operator learns how much is not."""
    meters = PrometheusMeters()
    writer.append(*numbered(2))
    async with local(writer.folder, reading(group="g")) as source:
        await read(source, 1)
        await source.commit()
    writer.append(*numbered(3, first=3))
    writer.append(*numbered(1, first=6))
    writer.prune(6)

    with capture_logs() as lines:
        async with local(writer.folder, reading(group="g"), meters=meters) as source:
            got = await read(source, 1)

    assert got == stored(*numbered(1, first=6), first=6)
    assert await counted(meters, "missed") == 4
    assert lines == [
        {
            "event": "records.missed",
            "log_level": "error",
            "consumer": "test",
            "group": "g",
            "records": 4,
            "hint": "pruned before they were read: this group was away for longer than log.forget_reader_days",
        }
    ]


async def test_earliest_in_a_pruned_log_misses_nothing(writer: LogWriter) -> None:
    """A new reader begins with the first record there is."""
    meters = PrometheusMeters()
    writer.append(*numbered(2))
    writer.append(*numbered(1, first=3))
    writer.prune(3)

    async with local(writer.folder, reading(), meters=meters) as source:
        assert await read(source, 1) == stored(*numbered(1, first=3), first=3)
    assert await counted(meters, "missed") == 0


async def test_the_oldest_unread_record_has_an_age(writer: LogWriter) -> None:
    """From when it was appended; nothing unread has none."""
    clock = Clock()
    writer.append(*numbered(2), at_ms=NOON_MS)
    writer.append(*numbered(1, first=3), at_ms=NOON_MS + 60_000)
    clock.at = NOON + timedelta(seconds=90)

    async with local(writer.folder, reading(), now=clock) as source:
        lags = [await source.lag()]
        await read(source, 2)
        lags.append(await source.lag())
        await read(source, 1)
        lags.append(await source.lag())

    assert lags == [Lag(3, 90.0), Lag(1, 30.0), Lag(0, 0.0)]


async def test_a_clock_that_went_back_makes_no_age_negative(writer: LogWriter) -> None:
    """An alarm on age must not be fooled."""
    writer.append(*numbered(1), at_ms=NOON_MS + 60_000)

    async with local(writer.folder, reading(), now=Clock()) as source:
        assert await source.lag() == Lag(1, 0.0)


async def test_the_logs_own_news_wakes_a_reader(writer: LogWriter) -> None:
    """In the receiver's process nobody looks every few milliseconds."""
    asked: list[int] = []
    listening, come = asyncio.Event(), asyncio.Event()

    async def news(position: Position) -> None:
        asked.append(position)
        listening.set()
        await come.wait()

    async def never() -> None:
        pytest.fail("it looked")

    writer.append(*numbered(2))
    async with local(writer.folder, reading(), news=news, pause=never) as source:
        await read(source, 2)
        waiting = asyncio.create_task(source.fetch(10, PATIENCE_S))
        await listening.wait()
        writer.append(*numbered(1, first=3))
        come.set()

        assert (await waiting).records == stored(*numbered(1, first=3), first=3)
    assert asked == [3]


async def test_a_reader_looks_again_until_something_comes(writer: LogWriter) -> None:
    """Each look is followed by a pause, which is the test's here."""
    pauses: list[str] = []

    async def pause() -> None:
        pauses.append("pause")
        if len(pauses) == 3:
            await asyncio.to_thread(writer.append, *numbered(1))

    async with local(writer.folder, reading(), pause=pause) as source:
        got = await source.fetch(10, PATIENCE_S)

    assert (got.records, pauses) == (stored(*numbered(1)), ["pause"] * 3)


async def test_records_of_other_topics_wake_nobody(writer: LogWriter) -> None:
    """A fetch goes on waiting for its own."""
    pauses: list[str] = []

    async def pause() -> None:
        pauses.append("pause")
        await asyncio.to_thread(writer.append, *(numbered(1) if len(pauses) == 2 else set_aside(1)))

    async with local(writer.folder, reading(topics=(LIFECYCLE,)), pause=pause) as source:
        got = await source.fetch(10, PATIENCE_S)

    assert got.records == stored(*numbered(1), first=2)


async def test_a_commit_larger_than_the_limit_is_handed_out_in_parts(writer: LogWriter) -> None:
    """What one commit of the writer held is no batch of the reader's."""
    writer.append(*numbered(5))

    async with local(writer.folder, reading()) as source:
        parts = [len((await source.fetch(2, 0.0)).records) for _ in range(4)]

    assert parts == [2, 2, 1, 0]


async def test_what_is_read_at_once_is_bounded_in_bytes(writer: LogWriter) -> None:
    """Large records do not come a thousand at a time."""
    large = [msgspec.structs.replace(one, value=b"x" * 1_000_000) for one in numbered(20)]
    for one in large:
        writer.append(one)

    async with local(writer.folder, reading()) as source:
        first = (await source.fetch(1_000, 0.0)).records
        rest = await read(source, 20 - len(first))

    assert (len(first), first + rest) == (9, stored(*large))


async def test_a_log_is_read_when_its_writer_is_gone(writer: LogWriter) -> None:
    """SQLite takes its side files away with the last writer; the reader needs none."""
    writer.append(*numbered(2))
    writer.close()

    async with local(writer.folder, reading()) as source:
        assert await read(source, 2) == stored(*numbered(2))


async def test_an_instant_is_found_among_many_commits(writer: LogWriter) -> None:
    """By halving, over rows of uneven sizes and with a pruned beginning."""
    for first in range(1, 200, 3):
        writer.append(*numbered(3, first=first))
    writer.prune(50)
    found: dict[int, int] = {}

    for second in (0, 49, 50, 51, 100, 101, 102, 198, 199):
        async with local(writer.folder, reading(start=NOON + timedelta(seconds=second))) as source:
            found[second] = (await source.fetch(1, 0.0)).records[0].position

    assert found == {0: 49, 49: 49, 50: 50, 51: 51, 100: 100, 101: 101, 102: 102, 198: 198, 199: 199}
