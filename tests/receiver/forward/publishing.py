"""A log and its forwarder, as the receiver runs them; and what a stranger reads of it in Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy.meters import PrometheusMeters
from receiver.forward import Forwarder, create_topics
from receiver.forward.place import Place
from receiver.forward.refused import RefusedRecords
from receiver.log import LogReader, SqliteLog
from schemas.record import Record
from schemas.settings import Kafka
from schemas.topics import LIFECYCLE
from tests.kafka.readers import Seen, kcat

from ..log.entries import PARTITIONS
from ..log.running import log_in

# Long for a broker that works, however busy the machine is. A test of one that does not answer has its own.
TIMEOUT_S: Final = 20.0


@dataclass(frozen=True)
class Publishing:
    """What runs."""

    log: SqliteLog
    forwarder: Forwarder
    meters: PrometheusMeters


def kafka_at(bootstrap: str, prefix: str, **settings: Any) -> Kafka:
    """Return the table [kafka] for a test."""
    ours: dict[str, Any] = {"servers": (bootstrap,), "topic_prefix": prefix, "partitions": PARTITIONS}
    return Kafka(**ours | {"request_timeout_s": TIMEOUT_S} | settings)


@asynccontextmanager
async def publishing(folder: Path, kafka: Kafka) -> AsyncIterator[Publishing]:
    """Yield the log in `folder` with a forwarder at work."""
    meters = PrometheusMeters()
    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(log_in(folder, meters, wrapped=True))
        reader = await asyncio.to_thread(LogReader, folder)
        stack.callback(reader.close)
        place = await asyncio.to_thread(Place, folder, log.id)
        forwarder = Forwarder(log, reader, place, RefusedRecords(folder), kafka)
        await stack.enter_async_context(forwarder.running(meters))
        yield Publishing(log, forwarder, meters)


async def topics_made(bootstrap: str, prefix: str) -> None:
    """Create the topics."""
    await create_topics(kafka_at(bootstrap, prefix, request_timeout_s=20))


async def read(bootstrap: str, prefix: str, topic: str = LIFECYCLE) -> list[Seen]:
    """Return everything that is in a topic, by partition and offset, read by kcat."""
    return sorted(await kcat(bootstrap, prefix + topic), key=lambda seen: (seen.partition, seen.offset))


def in_kafka(prefix: str, log: str, placed: Iterable[tuple[int, Record]]) -> list[Seen]:
    """Return what is to be read of records at these positions, when all of a topic went there in this order."""
    seen: list[Seen] = []
    offsets: dict[int, int] = {}
    for position, record in placed:
        offset = offsets[record.partition] = offsets.get(record.partition, -1) + 1
        seen.append(
            Seen(
                topic=prefix + record.topic,
                partition=record.partition,
                offset=offset,
                key=record.key,
                payload=record.value.decode(),
                headers=headers_of(record, log, position),
            )
        )
    return sorted(seen, key=lambda one: (one.partition, one.offset))


def headers_of(record: Record, log: str, position: int) -> list[str | None]:
    """Return the headers of a record, names and values in turn, as DESIGN.md and CloudEvents name them."""
    return [
        *("ce_specversion", "1.0"),
        *("content-type", "application/json"),
        *("ce_type", f"meetwire.{record.type}.v1"),
        *("ce_source", f"urn:meetwire:{record.enterprise}"),
        *("ce_id", record.id),
        *("ce_time", "2026-07-14T09:00:00Z"),
        *("ce_subject", record.key),
        *("traceparent", record.trace),
        *("mw_log", log),
        *("mw_position", str(position)),
    ]


def positions_of(seen: Iterable[Seen]) -> list[int]:
    """Return the positions that records carry."""
    return [int(str(one.headers[one.headers.index("mw_position") + 1])) for one in seen]


def risen(seen: Iterable[Seen]) -> list[tuple[int, int]]:
    """Return partition and position of what a reader keeps: what rises in its partition, as DESIGN.md says."""
    last: dict[int, int] = {}
    kept = []
    read = list(seen)
    for one, position in zip(read, positions_of(read), strict=True):
        if position > last.get(one.partition, 0):
            last[one.partition] = position
            kept.append((one.partition, position))
    return kept


def once(records: Iterable[Record]) -> list[tuple[int, int]]:
    """Return partition and position of records that stand in the log from the first position on."""
    return sorted((record.partition, position) for position, record in enumerate(records, 1))


async def until(condition: Callable[[], object]) -> None:
    """Return once `condition` holds; fail after a minute. For what tells nobody that it has come about."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 -- see above
            await asyncio.sleep(0.01)
