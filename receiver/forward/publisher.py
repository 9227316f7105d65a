"""One connection to Kafka: publishes consecutive records, one batch for each partition in flight.

Every wait has a deadline of ours. An idempotent producer retries a dead broker without end and its `stop` waits for
that, so a producer that failed is abandoned whole and the next one is new. What the old one still had under way can
arrive after that; its positions do not rise then, and readers drop them.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final

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
_Placed = tuple[Position, Record]


class Publisher:
    """Made by `connected`, for one connection's life."""

    def __init__(self, producer: AIOKafkaProducer, kafka: Kafka, log: LogId) -> None:
        self._producer = producer
        self._kafka = kafka
        self._timeout_s = kafka.request_timeout_s
        self._log = log

    async def publish(self, chunk: Chunk, *, alone: bool, leave_out: Callable[[Position], bool]) -> None:
        """Return once Kafka has acknowledged all of `chunk`; with `alone`, each record in a batch of its own.

        Raises TooLarge for a batch that Kafka refuses for its size, TopicsMissing and TopicsDiffer for a topic that
        is not any more what it was, TimeoutError, KafkaError, OSError.
        """
        parts: dict[tuple[str, int], list[_Placed]] = defaultdict(list)
        for position, record in enumerate(chunk.records, chunk.first):
            if not leave_out(Position(position)):
                parts[record.topic, record.partition].append((Position(position), record))
        async with asyncio.timeout(self._timeout_s):
            outcomes = await asyncio.gather(
                *(self._publish_part(*part, placed, alone) for part, placed in parts.items()), return_exceptions=True
            )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _publish_part(self, topic: str, partition: int, placed: Sequence[_Placed], alone: bool) -> None:
        start, name = 0, self._kafka.topic_prefix + topic
        while start < len(placed):
            builder = self._producer.create_batch()
            end = self._fill(builder, placed, start, alone)
            # For a topic that it does not know (any more) aiokafka asks by its name, and a broker then makes it anew.
            require_one(name, len(self._producer.client.cluster.partitions_for_topic(name) or ()), self._kafka)
            try:
                acknowledged = await self._producer.send_batch(builder, name, partition=partition)
                await acknowledged
            except MessageSizeTooLargeError:
                raise TooLarge(placed[start][0], placed[end - 1][0]) from None
            start = end

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
    producer = AIOKafkaProducer(
        **connection(kafka),
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=MAX_BATCH_BYTES,
        retry_backoff_ms=100,
        metadata_max_age_ms=60_000,
    )
    try:
        async with asyncio.timeout(kafka.request_timeout_s):
            await knock(kafka)
            await producer.start()
            # Nothing was named yet, so this asks for all topics and creates none.
            if not await producer.client.force_metadata_update():
                raise KafkaConnectionError("no answer to the question for topics")
        cluster = producer.client.cluster
        require({name: len(cluster.partitions_for_topic(name) or ()) for name in cluster.topics()}, kafka)
        yield Publisher(producer, kafka, log)
    finally:
        await _abandon(producer)


async def _abandon(producer: AIOKafkaProducer) -> None:
    """End a producer within a second, whatever it still waits for."""
    stopping = asyncio.ensure_future(producer.stop())
    done, _ = await asyncio.wait({stopping}, timeout=1)
    if not done:
        stopping.cancel()
        # `stop` waits for what will never come; its two background tasks have to be ended by hand.
        sender = producer._sender.sender_task
        if sender is not None:
            sender.cancel()
        await asyncio.wait({asyncio.ensure_future(producer.client.close())}, timeout=1)
    await asyncio.gather(stopping, return_exceptions=True)
