"""One connection to Kafka: publishes consecutive records, one batch for each partition in flight.

Every wait has a deadline of ours. An idempotent producer retries a dead broker without end and its `stop` waits for
that, so a producer that failed is abandoned whole and the next one is new. What the old one still had under way can
arrive after that; its positions do not rise then, and readers drop them.
"""

import asyncio
import contextlib
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError

from schemas.ids import LogId, Position
from schemas.kafka import connection
from schemas.record import Record
from schemas.settings import Kafka

from ..log import Chunk
from .failures import TooLarge
from .knock import knock
from .topics import require, require_one

# Well below the broker's default of 1 MiB, so that a batch of records that each fit is not refused for its sum.
MAX_BATCH_BYTES: Final = 524_288
_GRACE_S: Final = 10.0
# Records to pack before the event loop has its turn, about a millisecond; a turn itself costs as much as some records.
_TURN: Final = 200
_Placed = tuple[Position, Record]


class Batch(NamedTuple):
    """Records of one partition that go as one."""

    builder: Any
    first: Position
    last: Position


class Part(NamedTuple):
    """The batches of one partition, in order; one is in flight at a time."""

    topic: str
    partition: int
    batches: list[Batch]


class Round(NamedTuple):
    """Consecutive records, ready to go."""

    first: Position
    end: Position
    """The position after the last."""
    oldest_ms: int
    parts: list[Part]


class Publisher:
    """Made by `connected`, for one connection's life."""

    def __init__(self, producer: AIOKafkaProducer, kafka: Kafka, log: LogId) -> None:
        self._producer = producer
        self._kafka = kafka
        self._timeout_s = kafka.request_timeout_s
        self._log = log

    async def pack(self, chunk: Chunk, *, alone: bool, leave_out: Callable[[Position], bool]) -> Round:
        """Return `chunk` in batches; with `alone`, each record in one of its own.

        The event loop has its turn in between: whoever waits for an answer does not wait for a whole round.
        """
        placed: dict[tuple[str, int], list[_Placed]] = defaultdict(list)
        for position, record in enumerate(chunk.records, chunk.first):
            if not leave_out(Position(position)):
                placed[record.topic, record.partition].append((Position(position), record))
        parts = []
        since_turn = 0
        for (topic, partition), records in placed.items():
            parts.append(Part(self._kafka.topic_prefix + topic, partition, self._batches(records, alone)))
            since_turn += len(records)
            if since_turn >= _TURN:
                since_turn = 0
                await asyncio.sleep(0)
        return Round(chunk.first, chunk.end, chunk.records[0].received_ms, parts)

    async def send(self, packed: Round) -> None:
        """Return once Kafka has acknowledged all of a round.

        Raises TooLarge for a batch that Kafka refuses for its size, TopicsMissing and TopicsDiffer for a topic that
        is not any more what it was, TimeoutError, KafkaError, OSError.
        """
        async with asyncio.timeout(self._timeout_s):
            for number in range(max(len(part.batches) for part in packed.parts) if packed.parts else 0):
                await self._send_wave([part for part in packed.parts if number < len(part.batches)], number)

    async def _send_wave(self, parts: Sequence[Part], number: int) -> None:
        """Send one batch of each part, in one request to each broker. A task for each would cost more than to send."""
        for topic in {part.topic for part in parts}:
            # For a topic that it does not know (any more) aiokafka asks by its name, and a broker then makes it anew.
            require_one(topic, len(self._producer.client.cluster.partitions_for_topic(topic) or ()), self._kafka)
        under_way: list[asyncio.Future[object]] = []
        try:
            for part in parts:
                builder = part.batches[number].builder
                under_way.append(await self._producer.send_batch(builder, part.topic, partition=part.partition))
        except BaseException:
            for future in under_way:
                future.add_done_callback(_look_at)
            raise
        outcomes = await asyncio.gather(*under_way, return_exceptions=True)
        for part, outcome in zip(parts, outcomes, strict=True):
            if isinstance(outcome, MessageSizeTooLargeError):
                raise TooLarge(part.batches[number].first, part.batches[number].last)
            if isinstance(outcome, BaseException):
                raise outcome

    def _batches(self, placed: Sequence[_Placed], alone: bool) -> list[Batch]:
        batches, start = [], 0
        while start < len(placed):
            builder = self._producer.create_batch()
            end = self._fill(builder, placed, start, alone)
            batches.append(Batch(builder, placed[start][0], placed[end - 1][0]))
            start = end
        return batches

    def _fill(self, builder: Any, placed: Sequence[_Placed], start: int, alone: bool) -> int:
        """Append from `start` on what fits, one at least; return where it ended."""
        end = start
        for position, record in placed[start : start + 1] if alone else placed[start:]:
            fitted = builder.append(
                timestamp=record.received_ms,
                key=record.key.encode(),
                value=record.value,
                headers=record.headers(self._log, position),
            )
            if fitted is None:
                break
            end += 1
        return end


@contextlib.asynccontextmanager
async def connected(kafka: Kafka, log: LogId) -> AsyncIterator[Publisher]:
    """Yield a publisher once Kafka answers and the topics are as they should be; abandon it at the end."""
    async with asyncio.timeout(kafka.request_timeout_s):
        await knock(kafka)
    # Its own deadlines come after ours, so that nothing of it fails at the moment when we give it up.
    arguments = connection(kafka) | {"request_timeout_ms": int((kafka.request_timeout_s + _GRACE_S) * 1_000)}
    producer = AIOKafkaProducer(
        **arguments,
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=MAX_BATCH_BYTES,
        retry_backoff_ms=100,
        metadata_max_age_ms=60_000,
    )
    try:
        # Five questions and answers, over two connections.
        async with asyncio.timeout(kafka.request_timeout_s * 2):
            await producer.start()
            # Nothing was named yet, so this asks for all topics and creates none.
            if not await producer.client.force_metadata_update():  # pragma: no cover -- gone since the answer before
                raise KafkaConnectionError("no answer to the question for topics")
        cluster = producer.client.cluster
        require({name: len(cluster.partitions_for_topic(name) or ()) for name in cluster.topics()}, kafka)
        yield Publisher(producer, kafka, log)
    finally:
        await _abandon(producer)


@contextlib.asynccontextmanager
async def sending(publisher: Publisher, packed: Round) -> AsyncIterator[asyncio.Task[None]]:
    """Send within this block; what is not acknowledged at its end is waited for no longer."""
    task = asyncio.create_task(publisher.send(packed))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _abandon(producer: AIOKafkaProducer) -> None:
    """End a producer within a second, whatever it still waits for; its own `stop` would wait for that as well."""
    producer._closed = True
    batches = producer._message_accumulator
    for batch in [*batches._pending_batches, *itertools.chain.from_iterable(batches._batches.values())]:
        batch.future.add_done_callback(_look_at)
    sender = producer._sender.sender_task
    # Cancelled once, it waits for its requests; cancelled again while it does, it ends.
    while sender is not None and not sender.done():
        sender.cancel()
        await asyncio.sleep(0)
    await asyncio.wait({asyncio.ensure_future(producer.client.close())}, timeout=1)


def _look_at(outcome: "asyncio.Future[object]") -> None:
    """Take the outcome of a batch that nobody waits for any more; asyncio complains of an error that nobody saw."""
    if not outcome.cancelled():  # pragma: no cover -- it fails in the moment in which it is given up, or never ends
        outcome.exception()
