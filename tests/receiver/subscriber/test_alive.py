"""The receiver's signs of life, and the lifecycle events that it hears from its own log."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from receiver.log import LogReader
from receiver.subscriber.alive import living, sign_of_life
from receiver.subscriber.feed import follow_log, lifecycle_events
from schemas.events import ReceiverAlive, decode
from schemas.ids import LogId, Position
from schemas.record import Record
from schemas.topics import LIFECYCLE, STATE

from ..lines import lines_caught
from ..log.entries import PARTITIONS, entry
from ..log.running import log_in, read_back, writer_held
from .telling import AT, appended, changed, started

LOG = LogId("0" * 32)


def test_each_partition_has_its_sign() -> None:
    """Every record says whose partition it is for, how many subscriptions there are, and up to where all is durable."""
    entry = sign_of_life(LOG, Position(9), AT, partitions=2, open_count=lambda partition: partition + 1)

    assert [(record.topic, record.partition, record.key) for record in entry.records] == [
        (STATE, 0, LOG),
        (STATE, 1, LOG),
    ]
    assert [decode(record.value) for record in entry.records] == [
        ReceiverAlive(
            receiver=LOG, occurred_at=AT, subscriptions=3, partition=0, partition_subscriptions=1, position=9
        ),
        ReceiverAlive(
            receiver=LOG, occurred_at=AT, subscriptions=3, partition=1, partition_subscriptions=2, position=9
        ),
    ]
    assert len({record.id for record in entry.records}) == 2


async def test_signs_come_at_every_pause(tmp_path: Path) -> None:
    """One after each pause, until the block ends; a log that takes nothing just now is no end."""
    pauses: asyncio.Queue[None] = asyncio.Queue()
    taken = asyncio.Event()

    async def pause() -> None:
        taken.set()
        await pauses.get()

    async with (
        log_in(tmp_path) as log,
        living(log, partitions=PARTITIONS, open_count=lambda _: 0, now=lambda: AT, pause=pause),
    ):
        await taken.wait()
        for number in (1, 2):
            pauses.put_nowait(None)
            await log.news(Position(number * PARTITIONS))

        assert log.next == 2 * PARTITIONS + 1


async def test_no_sign_comes_before_it_begins(tmp_path: Path) -> None:
    """Not even a pause is waited for; then they come as ever."""
    may, waits = asyncio.Event(), asyncio.Event()
    paused = list[bool]()

    async def begins() -> None:
        waits.set()
        await may.wait()

    async def pause() -> None:
        paused.append(may.is_set())
        await asyncio.sleep(0)

    async with (
        log_in(tmp_path) as log,
        living(log, partitions=PARTITIONS, open_count=lambda _: 0, begins=begins, now=lambda: AT, pause=pause),
    ):
        await waits.wait()
        await log.run(lambda _: None)
        before = list(paused)
        may.set()
        await log.news(Position(PARTITIONS))

    assert (before, paused[0]) == ([], True)


async def test_a_fault_of_ours_ends_no_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, and they go on: without them every reader takes a receiver that is there for one that died."""
    monkeypatch.setattr("receiver.kept_going.AGAIN_S", 0)
    counts = iter([KeyError("marker")])

    def count(_: int) -> int:
        for error in counts:
            raise error
        return 0

    with lines_caught() as lines:
        async with (
            log_in(tmp_path) as log,
            living(log, partitions=PARTITIONS, open_count=count, now=lambda: AT, pause=lambda: asyncio.sleep(0)),
        ):
            await log.news(Position(PARTITIONS))

    [line] = lines.named("service.failed")
    assert line["kind"] == "KeyError"
    assert "marker" not in str(line)


def _meetings(records: Sequence[Record]) -> list[str]:
    return [event.meeting_id for event in lifecycle_events(records)]


def test_what_is_no_lifecycle_event_is_not_heard() -> None:
    """A newer version may put other events on the topic, or ones that cannot be read."""
    other = replace(changed("opened"), topic=LIFECYCLE)
    unread = replace(started("m-1"), value=b"{}")

    assert _meetings([other, unread, started("m-2")]) == ["m-2"]


async def test_lifecycle_events_are_heard_as_they_are_appended(tmp_path: Path) -> None:
    """In order, from where one begins, with other records between them left out and unreadable ones as well."""
    heard: list[str] = []
    news = asyncio.Event()

    def told(records: Sequence[Record]) -> None:
        heard.extend(_meetings(records))
        if heard:
            news.set()

    async with log_in(tmp_path) as log:
        await log.append(appended(started("before")))
        with closing(await asyncio.to_thread(LogReader, tmp_path)) as reader:
            following = asyncio.create_task(follow_log(log, reader, told))
            await asyncio.sleep(0)
            await log.append(appended(changed("opened")))
            await log.append(appended(*entry(1).records, started("m-1"), started("m-2")))
            await news.wait()
            # From the file too, once memory has let go of it.
            async with writer_held(log):
                log.release(log.next)
            again: list[str] = []
            second = asyncio.create_task(
                follow_log(log, reader, lambda found: again.extend(_meetings(found)), start=Position(1))
            )
            await log.append(appended(started("m-3")))
            async with asyncio.timeout(60):
                while "m-3" not in again or "m-3" not in heard:
                    await log.run(lambda _: None)
            for task in (following, second):
                task.cancel()
            await asyncio.gather(following, second, return_exceptions=True)

    assert (heard, again) == (["m-1", "m-2", "m-3"], ["before", "m-1", "m-2", "m-3"])
    assert await read_back(tmp_path) is not None
