"""Read from a source what a test expects of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import msgspec

from consumers.sources import NOWHERE, Places, Reading, Source, Start
from schemas.ids import Position
from schemas.record import Record, Stored
from schemas.topics import LIFECYCLE, UNRECOGNISED, TopicName

from .records import LOG

# Not a measure of speed: how long until a test says that something never came.
PATIENCE_S = 60.0


def reading(
    *,
    group: str | None = None,
    start: Start = "earliest",
    topics: tuple[TopicName, ...] = (LIFECYCLE, UNRECOGNISED),
    begin: Places = NOWHERE,
) -> Reading:
    """Return what a test wants of a source."""
    return Reading(consumer="test", topics=frozenset(topics), group=group, start=start, begin=begin)


def stored(*records: Record, first: int = 1) -> list[Stored]:
    """Return what a reader has of `records`, the first of which stands at `first`."""
    return [Stored(LOG, Position(position), one) for position, one in enumerate(records, first)]


async def take(source: Source, count: int, *, limit: int = 1_000) -> list[Stored]:
    """Return the next `count` records as they come."""
    return placeless(await fetched(source, count, limit=limit))


async def fetched(source: Source, count: int, *, limit: int = 1_000) -> list[Stored]:
    """The same, with Kafka's offsets."""
    found: list[Stored] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(found) < count:
            found += (await source.fetch(min(limit, count - len(found)), 1.0)).records
    return found


def placeless(records: Iterable[Stored]) -> list[Stored]:
    """Return them without Kafka's offsets, which depend on what else a test's topics hold."""
    return [msgspec.structs.replace(one, kafka_offset=None) for one in records]


async def read(source: Source, count: int, *, limit: int = 1_000) -> list[Stored]:
    """Return the next `count` records, ordered by position: between partitions there is no order."""
    return sorted(await take(source, count, limit=limit), key=lambda one: one.position)


async def give_up(source: Source, turns: int) -> list[Stored]:
    """Cancel a fetch after `turns` of the event loop; return its records where it was done by then."""
    fetch = asyncio.create_task(source.fetch(1, PATIENCE_S))
    for _ in range(turns):
        await asyncio.sleep(0)
    fetch.cancel()
    await asyncio.wait([fetch])
    return [] if fetch.cancelled() else placeless(fetch.result().records)
