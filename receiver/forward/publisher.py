"""Publishes consecutive records, one batch for each partition in flight.

A batch that was not acknowledged goes again as it is, under its own sequence, so that a broker that had it already
takes it once. Every wait has a deadline of ours. A publisher that failed is given up whole and the next one publishes
under an id of its own: what the old one still had under way can arrive after that; its positions do not rise then, and
readers drop them.
"""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from aiokafka.errors import (
    DuplicateSequenceNumber,
    KafkaError,
    MessageSizeTooLargeError,
    NoError,
    RecordListTooLargeError,
    for_code,
)

from schemas.ids import LogId, Position
from schemas.settings import Kafka

from ..log import Chunk
from ..log.wrapping import wraps_of
from .cluster import RETRY_S, Cluster
from .cluster import connected as cluster_connected
from .encode import Placed, Producer, encode
from .failures import TooLarge
from .produce import Batch, Key

# Well below the broker's default of 1 MiB, so that a batch of records that each fit is not refused for its sum.
MAX_BATCH_BYTES: Final = 524_288
# Records to pack before the event loop has its turn, about a millisecond; a turn itself costs as much as some records.
_TURN: Final = 200
_UNKNOWN: Final = -1
_SEQUENCES: Final = 2**31
"""After the last sequence comes 0 (KIP-98)."""


class Round(NamedTuple):
    """Consecutive records, ready to go."""

    first: Position
    end: Position
    """The position after the last."""
    oldest_ms: int
    waves: list[list[Batch]]
    """One after another; in each, one batch a partition at the most."""
    sequences: dict[Key, int]
    """Of each partition, the sequence with which it goes on here."""


class Publisher:
    """Made by `connected`, for one connection's life. Rounds go in the order in which they were packed."""

    def __init__(self, cluster: Cluster, producer: Producer, kafka: Kafka, log: LogId) -> None:
        self._cluster = cluster
        self._producer = producer
        self._prefix = kafka.topic_prefix
        self._timeout_s = kafka.request_timeout_s
        self._log = log
        self._sequences: dict[Key, int] = defaultdict(int)

    async def pack(self, chunk: Chunk, *, alone: bool, leave_out: AbstractSet[Position]) -> Round:
        """Return `chunk` in batches; with `alone`, each record in one of its own.

        The event loop has its turn in between: whoever waits for an answer does not wait for a whole round.
        """
        placed = self._placed(chunk, chunk.wraps or await self._wraps_of(chunk), leave_out)
        waves: list[list[Batch]] = []
        sequences: dict[Key, int] = {}
        since_turn = 0
        for key, records in placed.items():
            sequences[key] = self._sequences[key]
            _add(waves, self._batches(key, records, alone))
            since_turn += len(records)
            if since_turn >= _TURN:
                since_turn = 0
                await asyncio.sleep(0)
        return Round(chunk.first, chunk.end, chunk.records[0].received_ms, waves, sequences)

    def take_back(self, packed: Round) -> None:
        """Forget the round that was packed last: it is not to be sent."""
        self._sequences.update(packed.sequences)

    async def send(self, packed: Round) -> None:
        """Return once Kafka has acknowledged all of a round.

        Raises TooLarge for a batch that Kafka refuses for its size, TopicsMissing and TopicsDiffer for a topic that
        is not any more what it was, TimeoutError, KafkaError, OSError.
        """
        async with asyncio.timeout(self._timeout_s):
            for wave in packed.waves:
                left = wave
                while left := await self._try(left):
                    await asyncio.sleep(RETRY_S)
                    await self._cluster.refresh()

    async def _try(self, wave: Sequence[Batch]) -> list[Batch]:
        """Ask each leader once; return what has to go again."""
        for topic in {batch.key[0] for batch in wave}:
            self._cluster.require(topic)
        leaders: dict[int | None, list[Batch]] = defaultdict(list)
        for batch in wave:
            leaders[self._cluster.leader(batch.key)].append(batch)
        left = leaders.pop(None, [])
        asking = [self._ask(node, batches) for node, batches in leaders.items() if node is not None]
        if len(asking) == 1:
            # Nearly always; a task would cost as much as to encode seven records.
            return left + await asking[0]
        for outcome in await asyncio.gather(*asking, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
            left += outcome
        return left

    async def _ask(self, node: int, batches: list[Batch]) -> list[Batch]:
        """Ask one leader; return what has to go again."""
        try:
            codes = await self._cluster.produce(node, batches)
        except KafkaError as error:
            if not error.retriable:
                raise
            return batches
        return [batch for batch in batches if _goes_again(batch, codes.get(batch.key, _UNKNOWN))]

    async def _wraps_of(self, chunk: Chunk) -> list[bytes]:
        """Return what is around the records where the log does not have it."""
        wraps: list[bytes] = []
        for number in range(0, len(chunk.records), _TURN):
            if number:
                await asyncio.sleep(0)
            wraps += wraps_of(chunk.records[number : number + _TURN], self._log, Position(chunk.first + number))
        return wraps

    def _placed(
        self, chunk: Chunk, wraps: Iterable[bytes], leave_out: AbstractSet[Position]
    ) -> dict[Key, list[Placed]]:
        """Return the records by partition, each with what is around it."""
        placed: dict[Key, list[Placed]] = defaultdict(list)
        # A clock that was ahead and is right again: Kafka refuses what is an hour ahead of its own, and all behind it.
        now_ms = time.time_ns() // 1_000_000
        around = iter(wraps)
        for position, record in enumerate(chunk.records, chunk.first):
            one = (position, min(record.received_ms, now_ms), next(around), record.value, next(around))
            if position not in leave_out:
                placed[record.topic, record.partition].append(one)
        return {(self._prefix + topic, partition): its for (topic, partition), its in placed.items()}

    def _batches(self, key: Key, placed: Sequence[Placed], alone: bool) -> list[Batch]:
        batches = []
        sequence = self._sequences[key]
        while placed:
            going = placed[:1] if alone else placed
            head, records, count = encode(going, self._producer, sequence, most_bytes=MAX_BATCH_BYTES)
            first, last = Position(placed[0][0]), Position(placed[count - 1][0])
            batches.append(Batch(key, first, last, head, records))
            sequence = (sequence + count) % _SEQUENCES
            placed = placed[count:]
        self._sequences[key] = sequence
        return batches


@contextlib.asynccontextmanager
async def connected(kafka: Kafka, log: LogId) -> AsyncIterator[Publisher]:
    """Yield a publisher once Kafka answers and the topics are as they should be; give it up at the end."""
    async with cluster_connected(kafka) as cluster:
        async with asyncio.timeout(kafka.request_timeout_s):
            producer = await cluster.producer()
        yield Publisher(cluster, producer, kafka, log)


@contextlib.asynccontextmanager
async def sending(publisher: Publisher, packed: Round) -> AsyncIterator[asyncio.Task[None]]:
    """Send within this block; what is not acknowledged at its end is waited for no longer."""
    task = asyncio.create_task(publisher.send(packed))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _add(waves: list[list[Batch]], batches: Iterable[Batch]) -> None:
    """Put each batch of a partition into a wave of its own."""
    for number, batch in enumerate(batches):
        if number == len(waves):
            waves.append([])
        waves[number].append(batch)


def _goes_again(batch: Batch, code: int) -> bool:
    """Whether a batch has to go again; raises where it would be in vain."""
    if code == NoError.errno:
        return False
    error = for_code(code)
    if error is DuplicateSequenceNumber:
        # It was appended so long ago that the broker does not know its offset any more.
        return False
    if error is MessageSizeTooLargeError or error is RecordListTooLargeError:
        raise TooLarge(batch.first, batch.last)
    if not error.retriable:
        raise error(batch.key[0])
    return True
