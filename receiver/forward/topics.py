"""The topics as the settings want them: created or checked, never made by a broker's own guess.

A metadata request that names a topic makes a broker with auto.create.topics.enable create it, with its own number of
partitions. So nothing here, nor in the publisher, ever asks for a topic by name: they ask for all.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, TopicAuthorizationFailedError, for_code

from schemas.kafka import begun, connection
from schemas.settings import Kafka
from schemas.topics import TOPICS, Topic

from .failures import TopicsDiffer, TopicsMissing
from .knock import knock

_DAY_MS: Final = 86_400_000
_EXISTS: Final = TopicAlreadyExistsError.errno
_DENIED: Final = TopicAuthorizationFailedError.errno


class TopicState(msgspec.Struct, frozen=True):
    """One topic as it is and as it should be."""

    name: str
    wanted: int
    found: int | None
    """Partitions; None where it is missing, or not shown to us."""

    @property
    def good(self) -> bool:
        """Whether records can be published to it."""
        return self.found == self.wanted


async def check_topics(kafka: Kafka) -> list[TopicState]:
    """Return every topic of ours with what the cluster has. Raises KafkaError, OSError, TimeoutError."""
    async with _admin(kafka) as admin:
        return await _states(kafka, admin)


async def create_topics(kafka: Kafka) -> list[TopicState]:
    """Create what is missing and return what there is then. Never changes a topic that is there.

    Raises TopicAuthorizationFailedError where the cluster does not let us, and what `check_topics` raises.
    """
    async with _admin(kafka) as admin:
        missing = [state.name for state in await _states(kafka, admin) if state.found is None]
        if missing:
            wanted = [_new(kafka, topic) for topic in TOPICS.values() if kafka.topic_prefix + topic.name in missing]
            answer: Any = await admin.create_topics(wanted)
            _raise_refusals(answer.topic_errors)
            await _appear(kafka, admin)
        return await _states(kafka, admin)


def require(partitions: Mapping[str, int], kafka: Kafka) -> None:
    """Check what a cluster's metadata says of our topics. Raises TopicsMissing and TopicsDiffer."""
    states = _compare(partitions, kafka)
    missing = [state.name for state in states if state.found is None]
    if missing:
        raise TopicsMissing(", ".join(missing))
    for state in states:
        require_one(state.name, state.found or 0, kafka)


def require_one(name: str, partitions: int, kafka: Kafka) -> None:
    """Check one topic. Raises TopicsMissing and TopicsDiffer."""
    if partitions == 0:
        raise TopicsMissing(name)
    if partitions != kafka.partitions:
        raise TopicsDiffer(f"{name} has {partitions} partitions; kafka.partitions says {kafka.partitions}")


async def _states(kafka: Kafka, admin: AIOKafkaAdminClient) -> list[TopicState]:
    described = await admin.describe_topics(None)
    return _compare({topic["topic"]: len(topic["partitions"]) for topic in described}, kafka)


def _compare(partitions: Mapping[str, int], kafka: Kafka) -> list[TopicState]:
    names = [kafka.topic_prefix + name for name in TOPICS]
    return [TopicState(name, kafka.partitions, partitions.get(name)) for name in names]


def _new(kafka: Kafka, topic: Topic) -> NewTopic:
    return NewTopic(
        name=kafka.topic_prefix + topic.name,
        num_partitions=kafka.partitions,
        replication_factor=kafka.replication,
        topic_configs={"retention.ms": str(topic.retention_days * _DAY_MS), "cleanup.policy": "delete"},
    )


def _raise_refusals(errors: list[tuple[str, int, str | None]]) -> None:
    for name, code, *_ in errors:
        if code == _DENIED:
            raise TopicAuthorizationFailedError(name)
        if code not in (0, _EXISTS):
            raise for_code(code)(name)


async def _appear(kafka: Kafka, admin: AIOKafkaAdminClient) -> None:
    """Wait until the cluster's metadata shows what it just created."""
    while any(state.found is None for state in await _states(kafka, admin)):  # noqa: ASYNC110 -- the event is Kafka's
        await asyncio.sleep(0.05)


@asynccontextmanager
async def _admin(kafka: Kafka) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**connection(kafka))
    try:
        async with asyncio.timeout(kafka.request_timeout_s * 2):
            await knock(kafka)
            await begun(admin.start)
            yield admin
    finally:
        await admin.close()


__all__ = ["KafkaError", "TopicState", "TopicsDiffer", "check_topics", "create_topics", "require"]
