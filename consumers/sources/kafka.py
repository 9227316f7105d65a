"""Read the topics from Kafka, in a group or alone.

Topics are never created: aiokafka asks for the metadata of topics by name in a way that lets a broker create them, so
this reader asks for all of them and picks its own by pattern. Those that are not there are said, and read as soon as
they appear. While Kafka is away, batches are empty; the connection comes back by itself.
"""

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaConnectionError, KafkaError, KafkaTimeoutError

from schemas.kafka import begun, connection, topic_name
from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.settings import Kafka

from ..errors import SourceUnavailable
from ..rising import Rising
from ..waiting import unless
from . import NOTHING_HELD, Batch, Held, Lag, Reading
from .clock import utc_now
from .clusterid import cluster_id
from .message import Message, translated
from .rebalance import Rebalances
from .refusal import refusal
from .standing import Standing
from .stopping import stop

# More at once is slower: Python's garbage collector walks the headers of all of them, again and again. Measured per
# record, aiokafka alone: 4.9 µs at 100, 6.0 at 250, 6.6 at 500, 7.6 at 1,000, 8.7 at 5,000.
AT_ONCE: Final = 250
# How often to look how far all partitions go, while there is enough to read. It costs as much as a dozen records.
LOOK_MS: Final = 100
# How long until a topic that was created is seen.
REFRESH_S: Final = 30.0
# To join a group: another member may take its session's 10 s to give up its partitions.
JOIN_S: Final = 60.0


class KafkaSource:
    """One reader of the topics; implements Source. `async with` connects and disconnects it.

    Raises SourceUnavailable where Kafka does not answer, or refuses. In a rebalance a fetch may take longer than it
    was told to wait.
    """

    def __init__(
        self,
        kafka: Kafka,
        reading: Reading,
        *,
        meters: Meters,
        logger: Logger,
        now: Callable[[], datetime] = utc_now,
        refresh_s: float = REFRESH_S,
        join_s: float = JOIN_S,
    ) -> None:
        self._kafka, self._reading, self._logger, self._now = kafka, reading, logger, now
        self._refresh_s, self._join_s = refresh_s, join_s
        self._where = f"Kafka at {', '.join(kafka.servers)}"
        self._wanted = {topic_name(kafka, topic) for topic in reading.topics}
        self._missed = meters.counter("meetwire_consumer_missed_total", consumer=reading.consumer)
        self._repeated = meters.counter("meetwire_consumer_repeated_total", consumer=reading.consumer)
        self._busy, self._closing = asyncio.Lock(), asyncio.Event()
        self._rebalances = Rebalances(self._assigned)
        self._standing, self._rising = Standing(reading, kafka.topic_prefix), Rising()
        self._awaited: set[str] = set()
        self.cluster = ""
        self.generation = 0

    async def __aenter__(self) -> Self:
        """Connect, join the group, and find where to begin."""
        self._consumer = AIOKafkaConsumer(**self._arguments())
        self._consumer.subscribe(pattern=_exactly(self._wanted), listener=self._rebalances)
        try:
            await self._start()
        except BaseException:
            await stop(self._consumer)
            raise
        self._say_awaited()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave the group, and disconnect."""
        await self.close()

    async def fetch(self, limit: int, wait_s: float) -> Batch:
        """Return what comes next, as Source says."""
        async with self._busy:
            if self._closing.is_set():
                return Batch()
            self._rebalances.idle.set()
            try:
                with self._speaking():
                    found = await unless(self._closing, self._poll(limit, wait_s)) or {}
            except BaseException:
                # aiokafka may have moved on past what was not handed out.
                self._standing.unsettle()
                raise
            self._say_awaited()
            return self._take(found)

    def has(self, topic: str, partition: int) -> bool:
        """Whether the group gave this reader the partition."""
        return self._standing.has(topic_name(self._kafka, topic), partition)

    async def commit(self, held: Held = NOTHING_HELD) -> None:
        """Tell the group's coordinator how far this reader is. Waits while Kafka is away."""
        prefix = self._kafka.topic_prefix
        offsets = self._standing.uncommitted(held, prefix) if self._reading.group is not None else {}
        try:
            if offsets:
                await self._tell(offsets)
        finally:
            self._rebalances.idle.set()

    async def lag(self) -> Lag:
        """Say how far behind this reader is, in the partitions that it has."""
        self._standing.look(self._consumer, self._now_ms())
        return self._standing.lag(self._now_ms())

    async def close(self) -> None:
        """End a fetch that waits, leave the group, and disconnect."""
        self._closing.set()
        self._rebalances.idle.set()
        async with self._busy:
            await stop(self._consumer)

    async def _poll(self, limit: int, wait_s: float) -> dict[TopicPartition, list[Message]]:
        try:
            await self._standing.settle(self._consumer, self._now_ms())
        except KafkaTimeoutError:
            # Away, just now. Nothing is taken until it is settled.
            return {}
        found = await self._next(int(wait_s * 1_000), min(limit, AT_ONCE))
        for partition, messages in found.items():
            if gap := self._standing.gap(partition, messages[0].offset):
                await self._say_missed(partition, messages[0].offset, gap)
        return found

    async def _next(self, wait_ms: int, limit: int) -> dict[TopicPartition, list[Message]]:
        return await self._consumer.getmany(timeout_ms=wait_ms, max_records=limit)

    async def _tell(self, offsets: dict[TopicPartition, int]) -> None:
        # Suppressed: a rebalance was faster. Whoever has the partitions now reads this once more.
        with self._speaking(), contextlib.suppress(CommitFailedError, IllegalStateError):
            await self._consumer.commit(offsets)
            self._standing.committed(offsets)

    def _take(self, found: dict[TopicPartition, list[Message]]) -> Batch:
        batch = Batch([], [])
        for partition, messages in found.items():
            if self._standing.take(partition, messages):
                self._add(batch, partition, messages)
        self._standing.look(self._consumer, self._now_ms(), every_ms=LOOK_MS if found else 0)
        if batch.records or batch.foreign:
            self._rebalances.idle.clear()
        return batch

    def _add(self, batch: Batch, partition: TopicPartition, messages: list[Message]) -> None:
        topic = partition.topic.removeprefix(self._kafka.topic_prefix)
        records, foreign = translated(topic, messages)
        rising = self._rising.rising(topic, partition.partition, records)
        self._repeated.inc(len(records) - len(rising))
        batch.records.extend(records if self._reading.repeats else rising)
        batch.foreign.extend(foreign)

    def _assigned(self, partitions: int) -> None:
        self._standing.forget()
        self._rising.forget()
        self.generation += 1
        self._logger.info(
            "partitions.assigned",
            consumer=self._reading.consumer,
            group=self._reading.group,
            partitions=partitions,
        )

    def _say_awaited(self) -> None:
        """Log which topics are not there, where that has changed."""
        awaited = self._wanted - self._consumer.subscription()
        if found := self._awaited - awaited:
            self._logger.info("topics.found", consumer=self._reading.consumer, topics=sorted(found))
        if more := awaited - self._awaited:
            self._logger.warning(
                "topics.awaited",
                consumer=self._reading.consumer,
                topics=sorted(more),
                hint="they do not exist, or this user may not describe them; read as soon as they appear",
            )
        self._awaited = awaited

    async def _say_missed(self, partition: TopicPartition, offset: int, gap: int) -> None:
        # Offsets may have holes of other kinds; what the broker has let go of lies before its first one.
        first = (await self._consumer.beginning_offsets([partition]))[partition]
        missed = min(gap, first - (offset - gap))
        if missed > 0:
            self._missed.inc(missed)
            self._logger.error(
                "records.missed",
                consumer=self._reading.consumer,
                group=self._reading.group,
                topic=partition.topic,
                partition=partition.partition,
                records=missed,
                hint="the topic's retention let go of them before they were read",
            )

    async def _start(self) -> None:
        with self._speaking():
            try:
                async with asyncio.timeout(self._join_s):
                    await self._join()
            except KafkaConnectionError as error:
                raise await refusal(self._kafka) or error from error
            except TimeoutError:
                group = self._reading.group
                raise SourceUnavailable(f"{self._where}: not let into group {group} within {self._join_s} s") from None

    async def _join(self) -> None:
        await begun(self._consumer.start)
        self.cluster = await cluster_id(self._consumer)
        if self._reading.group is not None:
            await self._rebalances.joined.wait()
        # Now, so that "latest" means this moment.
        await self._standing.settle(self._consumer, self._now_ms())

    def _arguments(self) -> dict[str, Any]:
        return connection(self._kafka) | {
            "group_id": self._reading.group,
            "enable_auto_commit": False,
            # For what retention let go of. Where a reader begins is settled by `beginnings`.
            "auto_offset_reset": "earliest",
            "metadata_max_age_ms": int(self._refresh_s * 1_000),
            # Gives one member the same partition numbers of every topic: a meeting stays whole.
            "partition_assignment_strategy": (RangePartitionAssignor,),
        }

    @contextlib.contextmanager
    def _speaking(self) -> Iterator[None]:
        """Say what aiokafka's errors mean here."""
        try:
            yield
        except (KafkaError, OSError) as error:
            raise SourceUnavailable(f"{self._where}: {type(error).__name__}: {error}") from error

    def _now_ms(self) -> int:
        return int(self._now().timestamp() * 1_000)


def _exactly(topics: set[str]) -> str:
    return rf"(?:{'|'.join(re.escape(topic) for topic in sorted(topics))})\Z"
