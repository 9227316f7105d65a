"""Read the topics from Kafka without a group, by one who keeps its own place and waits for what lags behind."""

import asyncio
from collections.abc import Set

from aiokafka import TopicPartition

from . import Places
from .kafka import KafkaSource
from .message import Message


class PlacedKafkaSource(KafkaSource):
    """One reader of all partitions; implements PlacedSource."""

    _held_back: Set[tuple[str, int]] = frozenset()

    def places(self) -> Places:
        """Return where the next fetch goes on."""
        return self._standing.places()

    async def ends(self) -> Places:
        """Ask the brokers where all partitions end. A fetch may go on meanwhile."""
        with self._speaking():
            ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
        return {self._place(partition): end for partition, end in ends.items()}

    def hold_back(self, ahead: Set[tuple[str, int]]) -> None:
        """Hand out nothing of these from the next fetch on; what is on its way stays in memory, a fetch at the most."""
        self._held_back = ahead

    async def _next(self, wait_ms: int, limit: int) -> dict[TopicPartition, list[Message]]:
        if not self._held_back:
            return await super()._next(wait_ms, limit)
        wanted = [one for one in self._consumer.assignment() if self._place(one) not in self._held_back]
        if not wanted:
            # To aiokafka none means all.
            await asyncio.sleep(wait_ms / 1_000)
            return {}
        return await self._consumer.getmany(*wanted, timeout_ms=wait_ms, max_records=limit)

    def _place(self, partition: TopicPartition) -> tuple[str, int]:
        return partition.topic.removeprefix(self._kafka.topic_prefix), partition.partition
