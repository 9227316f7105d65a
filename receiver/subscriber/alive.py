"""The receiver's sign of life: one record to each partition of meeting.state.v1, every ten seconds.

It is the readers' clock where nothing else comes, and the proof that silence was silence.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from schemas.events import ReceiverAlive
from schemas.ids import LogId, Position
from schemas.record import content_id
from schemas.topics import STATE

from ..entry import Entry, Origin
from ..errors import LogUnavailable
from ..kept_going import beside
from ..log import SqliteLog
from ..normalise.enterprise import milliseconds

EVERY_S: Final = 10.0
OpenCount = Callable[[int], int]
"""How many subscriptions are open to the meetings of a partition."""


def sign_of_life(log: LogId, position: Position, at: datetime, *, partitions: int, open_count: OpenCount) -> Entry:
    """Return the records of one instant. The key is the log; the partition is told, not derived from it."""
    counts = [open_count(partition) for partition in range(partitions)]
    at_ms = milliseconds(at)
    records = []
    for partition, count in enumerate(counts):
        event = ReceiverAlive(
            receiver=log,
            occurred_at=at,
            subscriptions=sum(counts),
            partition=partition,
            partition_subscriptions=count,
            position=position,
        )
        origin = Origin(content_id("alive", log, partition, at_ms), log, partition, at, at_ms)
        records.append(origin.record(STATE, event))
    return Entry(tuple(records), None)


async def _at_once() -> None:
    pass


@contextlib.asynccontextmanager
async def living(
    log: SqliteLog,
    *,
    partitions: int,
    open_count: OpenCount,
    begins: Callable[[], Awaitable[object]] = _at_once,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    pause: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(EVERY_S),
) -> AsyncIterator[None]:
    """Write signs of life within this block, the first one pause after `begins` returned.

    That has to be when what an earlier process left open is told as lost: before, each sign would say that it is seen.
    """

    async def live() -> None:
        await begins()
        await _live(log, partitions, open_count, now, pause)

    async with beside(live):
        yield


async def _live(
    log: SqliteLog,
    partitions: int,
    open_count: OpenCount,
    now: Callable[[], datetime],
    pause: Callable[[], Awaitable[object]],
) -> None:
    while True:
        await pause()
        # A full disk: whoever reads sees that nobody was alive then.
        with contextlib.suppress(LogUnavailable):
            await log.append(sign_of_life(log.id, log.next, now(), partitions=partitions, open_count=open_count))
