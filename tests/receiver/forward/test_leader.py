"""The leader of partitions dies, and others take its place: nothing is lost, nothing comes twice, all in order."""

from __future__ import annotations

import asyncio
from itertools import count
from pathlib import Path

import pytest

from receiver.forward.cluster import connected
from schemas.ids import Position
from schemas.settings import Kafka
from schemas.topics import LIFECYCLE
from tests.kafka.cluster import Cluster, cluster

from ..lines import Lines
from ..log.entries import PARTITIONS, entry
from .publishing import Publishing, in_kafka, kafka_at, publishing, read, until

pytestmark = [pytest.mark.kafka, pytest.mark.alone]

BEFORE, AFTER = 200, 200
WRITERS = 8


def settings(brokers: Cluster) -> Kafka:
    """Return how the cluster is published to; who waits less than its brokers need to agree has to begin anew."""
    return kafka_at("", "", servers=tuple(brokers.bootstrap), replication=3, request_timeout_s=30)


async def leader_of_most(kafka: Kafka) -> int:
    """Return the number of the broker that leads more partitions than another."""
    async with connected(kafka) as known:
        leaders = [known.leader((LIFECYCLE, partition)) for partition in range(PARTITIONS)]
    return max({leader for leader in leaders if leader is not None}, key=leaders.count)


async def append_until(parts: Publishing, end: asyncio.Event) -> int:
    """Append one push after another from several tasks, each once the one before is in Kafka; return how many."""
    numbers = count()

    async def write() -> None:
        while not end.is_set():
            appended = await parts.log.append(entry(next(numbers)))
            await parts.forwarder.reached(appended.position)

    await asyncio.gather(*(write() for _ in range(WRITERS)))
    return parts.log.next - 1


async def test_a_leader_that_dies_costs_a_wait_and_nothing_else(tmp_path: Path, lines: Lines) -> None:
    """It is killed with -9 while pushes wait for their acknowledgement; those of the others go on meanwhile."""
    end = asyncio.Event()
    async with cluster(tmp_path / "kafka") as brokers:
        kafka = settings(brokers)
        async with publishing(tmp_path / "log", kafka) as parts:
            writing = asyncio.create_task(append_until(parts, end))
            await until(lambda: parts.forwarder.position > BEFORE)
            await brokers.members[await leader_of_most(kafka)].kill()
            had = parts.forwarder.position
            await until(lambda: parts.forwarder.position > had + AFTER)
            end.set()
            appended = await writing
            await parts.forwarder.reached(Position(appended))

        seen = await read(brokers.bootstrap[0], "")

    assert seen == in_kafka("", parts.log.id, enumerate((entry(number).records[0] for number in range(appended)), 1))
    assert [line["event"] for line in lines] == ["forwarder.connected"]
