"""Where a Kafka reader stands in all its partitions, across rebalances and topics that come and go.

aiokafka forgets where it was whenever partitions are assigned anew, and says so to members of a group alone. So after
each change every partition is sought explicitly, and what was on its way meanwhile from another place is not taken.
"""

from collections.abc import Collection

from aiokafka import AIOKafkaConsumer, TopicPartition

from . import NOTHING_HELD, Held, Lag, Places, Reading
from .account import Account
from .beginning import beginnings
from .message import Message


class Standing:
    """Offsets, in Kafka's sense, of one reader."""

    def __init__(self, reading: Reading, prefix: str = "") -> None:
        """`prefix` is the installation's: the reading names topics without it."""
        self._reading, self._prefix = reading, prefix
        self._accounts: dict[TopicPartition, Account] = {}
        self._settled: frozenset[TopicPartition] = frozenset()
        self._topics: frozenset[str] | None = None
        self._generation = 0
        self._looked_ms = 0

    def forget(self) -> None:
        """Start anew from what the group has committed."""
        self._accounts.clear()
        self._settled = frozenset()
        self._generation += 1

    def unsettle(self) -> None:
        """Seek every partition again before the next fetch."""
        self._settled = frozenset()

    async def settle(self, consumer: AIOKafkaConsumer, now_ms: int) -> None:
        """Seek every partition, where the assignment is another than before. Raises KafkaError."""
        assigned = frozenset(consumer.assignment())
        if assigned != self._settled:
            await self._settle(consumer, assigned, now_ms)
        if self._topics is None:
            self._topics = frozenset(consumer.subscription())

    async def _settle(self, consumer: AIOKafkaConsumer, assigned: frozenset[TopicPartition], now_ms: int) -> None:
        generation = self._generation
        kept = await self._kept(consumer, assigned)
        new = assigned - kept.keys()
        begun = await beginnings(
            consumer, new, self._reading, fresh=self._fresh(new), now_ms=now_ms, prefix=self._prefix
        )
        if generation != self._generation or assigned != consumer.assignment():
            # It changed again meanwhile: the next fetch settles it, and till then nothing is taken.
            return  # pragma: no cover -- two rebalances a moment apart, which no test can arrange
        self._accounts, self._settled = kept | begun, assigned
        self._topics = frozenset(consumer.subscription())
        for partition, account in self._accounts.items():
            consumer.seek(partition, account.next)

    def gap(self, partition: TopicPartition, offset: int) -> int:
        """Return how many offsets lie between where this reader stands and `offset`."""
        account = self._accounts.get(partition)
        return max(0, offset - account.next) if account is not None else 0

    def take(self, partition: TopicPartition, messages: list[Message]) -> bool:
        """Note that `messages` are handed out; False where they must not be: this reader was not at their place."""
        account = self._accounts.get(partition)
        if account is None or messages[0].offset < account.next:
            self.unsettle()
            return False
        account.take(messages[-1].offset, messages[-1].timestamp)
        return True

    def look(self, consumer: AIOKafkaConsumer, now_ms: int, *, every_ms: int = 0) -> None:
        """Note how far the partitions go by now, unless that was noted within `every_ms`."""
        if now_ms - self._looked_ms < every_ms:
            return
        self._looked_ms = now_ms
        for partition in self._accounts.keys() & consumer.assignment():
            self._accounts[partition].look(consumer.highwater(partition), now_ms)

    def uncommitted(self, held: Held = NOTHING_HELD, prefix: str = "") -> dict[TopicPartition, int]:
        """Return the offsets that the group has to be told; `held` names topics without their `prefix`."""
        found = {}
        for partition, account in self._accounts.items():
            first = held.get((partition.topic.removeprefix(prefix), partition.partition)) if held else None
            if (done := account.done(first)) != account.committed:
                found[partition] = done
        return found

    def has(self, topic: str, partition: int) -> bool:
        """Whether the reader stands in this partition; `topic` with its prefix."""
        return TopicPartition(topic, partition) in self._accounts

    def places(self) -> Places:
        """Return where the reader goes on, by topic (without prefix) and partition."""
        return {
            (partition.topic.removeprefix(self._prefix), partition.partition): account.next
            for partition, account in self._accounts.items()
        }

    def committed(self, offsets: dict[TopicPartition, int]) -> None:
        """Note that it was."""
        for partition in offsets.keys() & self._accounts.keys():
            self._accounts[partition].committed = offsets[partition]

    def lag(self, now_ms: int) -> Lag:
        """Say how far behind the reader is."""
        lags = [account.lag(now_ms) for account in self._accounts.values()]
        return Lag(sum(lag.records for lag in lags), max((lag.oldest_s for lag in lags), default=0.0))

    async def _kept(
        self, consumer: AIOKafkaConsumer, assigned: frozenset[TopicPartition]
    ) -> dict[TopicPartition, Account]:
        """Return the accounts that still hold: not of a partition that went, nor of one that was made anew."""
        candidates = assigned & self._accounts.keys()
        ends = await consumer.end_offsets(list(candidates))
        return {
            partition: self._accounts[partition]
            for partition in candidates
            if self._accounts[partition].next <= ends[partition]
        }

    def _fresh(self, new: Collection[TopicPartition]) -> frozenset[str]:
        """Return the topics among `new` that were not there, or were others of the same name, when this one began."""
        if self._topics is None:
            return frozenset()
        return frozenset(
            partition.topic for partition in new if partition.topic not in self._topics or partition in self._accounts
        )
