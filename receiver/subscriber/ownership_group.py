"""Ownership by a Kafka consumer group on meeting.lifecycle.v1: who has a partition has the meetings of its IDs.

An assignment stands until the next one: while the coordinator cannot be reached nothing moves, and a rebalance that
leaves a partition where it was closes nothing. So two receivers can hold one meeting from the moment in which the group
gave it to the other until this one hears of it: at its next heartbeat, three seconds later at most; when a frozen
process wakes up; or, where it cannot reach the coordinator, when it gives up what nobody confirmed for too long (see
`standing`). Readers tell the two apart by their epochs.

What confirms is that the coordinator takes our positions: it takes those of the group's present members alone.

aiokafka's client is used; no topic is ever asked for by name, since a broker might make it then.
"""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError

from schemas.events import LifecycleEvent
from schemas.kafka import begun, connection, topic_name
from schemas.lines import Logger
from schemas.settings import Kafka
from schemas.topics import LIFECYCLE

from ..forward.backoff import backoff
from ..forward.knock import knock
from .consuming import leave, records_of
from .feed import lifecycle_events

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")

GROUP: Final = "meetwire-subscriber"
HEARTBEAT_MS: Final = 3_000
SESSION_MS: Final = 10_000
_AT_ONCE: Final = 250
# aiokafka asks for as long as it takes.
_CONFIRM_WITHIN_S: Final = 5.0


class _Assignments(ConsumerRebalanceListener):
    """Told by aiokafka, in its coordination task."""

    def __init__(self, assigned: Callable[[frozenset[int]], object]) -> None:
        self._assigned = assigned

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Nothing yet: most of them come back with the next assignment."""

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Tell which partitions are ours from now on."""
        self._assigned(frozenset(partition.partition for partition in assigned))


class GroupOwnership:
    """One member of the group. `assigned` is told of every assignment, `told` of lifecycle events, both at once.

    `confirmed` is told, every few seconds, when the coordinator was asked that then said that the assignment holds.
    """

    def __init__(
        self,
        kafka: Kafka,
        *,
        assigned: Callable[[frozenset[int]], object],
        told: Callable[[Sequence[LifecycleEvent]], object],
        confirmed: Callable[[float], object],
        delays: Callable[[], Iterator[float]] = backoff,
    ) -> None:
        self._kafka = kafka
        self._assigned = assigned
        self._told = told
        self._confirmed = confirmed
        self._delays = delays

    async def run(self) -> None:
        """Be a member until cancelled; then leave the group, so that the others need not wait for our end."""
        delays = self._delays()
        while True:
            try:
                async with self._member() as consumer, asyncio.TaskGroup() as group:
                    delays = self._delays()
                    group.create_task(self._confirm(consumer))
                    group.create_task(self._listen(consumer))
            except* (KafkaError, OSError) as errors:
                _LOG.warning("ownership.failed", kind=type(errors.exceptions[0]).__name__)
            await asyncio.sleep(next(delays))

    @contextlib.asynccontextmanager
    async def _member(self) -> Any:
        await knock(self._kafka)
        consumer = AIOKafkaConsumer(**self._arguments())
        pattern = rf"{re.escape(topic_name(self._kafka, LIFECYCLE))}\Z"
        consumer.subscribe(pattern=pattern, listener=_Assignments(self._heard))
        try:
            await begun(consumer.start)
            yield consumer
        finally:
            await leave(consumer)

    async def _listen(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            found = await consumer.getmany(timeout_ms=1_000, max_records=_AT_ONCE)
            events = [
                event for messages in found.values() for event in lifecycle_events(records_of(LIFECYCLE, messages))
            ]
            if events:
                self._told(events)

    async def _confirm(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_MS / 1_000)
            asked_s = time.monotonic()
            # Amid a rebalance, or without the coordinator, nothing is confirmed; the consumer itself sees to both.
            with contextlib.suppress(KafkaError, TimeoutError):
                async with asyncio.timeout(_CONFIRM_WITHIN_S):
                    if await _is_confirmed(consumer):
                        self._confirmed(asked_s)

    def _heard(self, partitions: frozenset[int]) -> None:
        _LOG.info("ownership.assigned", partitions=sorted(partitions))
        self._assigned(partitions)

    def _arguments(self) -> dict[str, Any]:
        return connection(self._kafka) | {
            "group_id": self._kafka.topic_prefix + GROUP,
            # `_confirm` does it. What is read again after a move is known already.
            "enable_auto_commit": False,
            # Who begins asks the service which meetings are on; what was before that is over or on the list.
            "auto_offset_reset": "latest",
            "heartbeat_interval_ms": HEARTBEAT_MS,
            "session_timeout_ms": SESSION_MS,
            "metadata_max_age_ms": 5_000,
            "partition_assignment_strategy": (_sticky(),),
        }


async def _is_confirmed(consumer: AIOKafkaConsumer) -> bool:
    # Not a bare `commit()`: where no position is known yet, that asks nobody. Without a partition nothing is confirmed.
    positions = {place: await consumer.position(place) for place in consumer.assignment()}
    return bool(positions) and await consumer.commit(positions) is None


def _sticky() -> type[StickyPartitionAssignor]:
    """Return an assignor that moves as little as can be: each move is a meeting that is not seen for a moment.

    A class of its own, since aiokafka's keeps what a member had in the class.
    """
    return type("Sticky", (StickyPartitionAssignor,), {})
