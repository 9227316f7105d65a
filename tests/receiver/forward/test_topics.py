"""The topics are what the settings say, or nothing is published: never made by a broker's own guess."""

from __future__ import annotations

import asyncio
import gc
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaClient
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import InvalidReplicationFactorError, KafkaError

from receiver.forward import check_topics, create_topics
from receiver.forward.topics import TopicState
from schemas.ids import Position
from schemas.topics import LIFECYCLE, TOPICS
from tests.kafka.configuration import free_port
from tests.kafka.fixtures import SharedBroker

from ..lines import Lines
from ..log.entries import PARTITIONS, entry
from ..log.running import metric
from .publishing import Publishing, kafka_at, once, publishing, read, risen, until

pytestmark = pytest.mark.kafka

DAY_MS = 86_400_000


@asynccontextmanager
async def admin_of(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """Yield an administrator of the broker."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def topics_there(bootstrap: str, prefix: str) -> dict[str, int]:
    """Return the topics with this prefix and their partitions."""
    async with admin_of(bootstrap) as admin:
        described = await admin.describe_topics(None)
    return {one["topic"]: len(one["partitions"]) for one in described if one["topic"].startswith(prefix)}


async def made(bootstrap: str, *topics: NewTopic) -> None:
    """Create topics as an operator does."""
    async with admin_of(bootstrap) as admin:
        await admin.create_topics(list(topics))


async def failures(parts: Publishing, reason: str) -> float:
    """Return how often publishing failed for this."""
    return await metric(parts.meters, "meetwire_forwarder_failures_total", reason=reason) or 0


def states(prefix: str, lifecycle: int | None, others: int | None) -> list[TopicState]:
    """Return what is said of the topics."""
    found = dict.fromkeys(TOPICS, others) | {LIFECYCLE: lifecycle}
    return [TopicState(prefix + name, PARTITIONS, partitions) for name, partitions in found.items()]


def all_but_lifecycle(prefix: str) -> dict[str, int]:
    """Return the topics that are left when one is deleted."""
    return {prefix + name: PARTITIONS for name in TOPICS if name != LIFECYCLE}


async def test_topics_are_created_as_declared(kafka: SharedBroker, topic_prefix: str) -> None:
    """Partitions come from the settings, retention from the topic's own declaration."""
    settings = kafka_at(kafka.bootstrap, topic_prefix)

    assert await check_topics(settings) == states(topic_prefix, None, None)
    assert await create_topics(settings) == states(topic_prefix, PARTITIONS, PARTITIONS)

    assert await check_topics(settings) == states(topic_prefix, PARTITIONS, PARTITIONS)
    async with admin_of(kafka.bootstrap) as admin:
        asked = [ConfigResource(ConfigResourceType.TOPIC, topic_prefix + name) for name in TOPICS]
        responses: list[Any] = await admin.describe_configs(asked)
    answers = [answer for response in responses for answer in response.resources]
    told = {answer[3]: {entry[0]: entry[1] for entry in answer[4]} for answer in answers}
    assert {name: config["retention.ms"] for name, config in told.items()} == {
        topic_prefix + name: str(topic.retention_days * DAY_MS) for name, topic in TOPICS.items()
    }


async def test_creating_changes_nothing_that_is_there(kafka: SharedBroker, topic_prefix: str) -> None:
    """What is missing is made, what differs is told, and stays as it is."""
    await made(kafka.bootstrap, NewTopic(topic_prefix + LIFECYCLE, 2, 1))

    assert await create_topics(kafka_at(kafka.bootstrap, topic_prefix)) == states(topic_prefix, 2, PARTITIONS)


async def test_two_may_create_at_once(kafka: SharedBroker, topic_prefix: str) -> None:
    """Two receivers that start together do not fail each other."""
    settings = kafka_at(kafka.bootstrap, topic_prefix)

    both = await asyncio.gather(create_topics(settings), create_topics(settings))

    assert list(both) == [states(topic_prefix, PARTITIONS, PARTITIONS)] * 2


async def test_more_copies_than_brokers_are_refused(kafka: SharedBroker, topic_prefix: str) -> None:
    """The cluster's own refusal comes through, and nothing was made."""
    with pytest.raises(InvalidReplicationFactorError):
        await create_topics(kafka_at(kafka.bootstrap, topic_prefix, replication=3))

    assert await topics_there(kafka.bootstrap, topic_prefix) == {}


async def test_nobody_at_the_address_is_an_error() -> None:
    """Of the system, which says more than that nothing could be bootstrapped."""
    with pytest.raises(ConnectionRefusedError):
        await check_topics(kafka_at(f"127.0.0.1:{free_port()}", ""))


async def test_a_silent_address_is_an_error_in_time() -> None:
    """Who takes the connection and says nothing is given up."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]

        with pytest.raises((TimeoutError, KafkaError)):
            await check_topics(kafka_at(f"127.0.0.1:{port}", "", request_timeout_s=1))


async def test_a_missing_topic_is_not_made(
    kafka: SharedBroker, topic_prefix: str, tmp_path: Path, lines: Lines
) -> None:
    """With topics = "check" what is missing is said, on a broker that would make it; made by hand, all is published."""
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, topic_prefix, topics="check")) as parts:
        await parts.log.append(entry(1, received_ms=int(time.time() * 1000) - 60_000))
        await lines.said("forwarder.failed")
        await until(parts.forwarder.behind_s)
        there = await topics_there(kafka.bootstrap, topic_prefix)
        said, behind = list(lines), parts.forwarder.behind_s()
        await made(kafka.bootstrap, *(NewTopic(topic_prefix + name, PARTITIONS, 1) for name in TOPICS))
        await parts.forwarder.reached(Position(1))
        counted = await failures(parts, "topic_missing")

    assert there == {}
    assert said == [
        {
            "event": "forwarder.failed",
            "log_level": "warning",
            "reason": "topic_missing",
            "kind": "TopicsMissing",
            "position": 1,
        }
    ]
    assert (behind >= 60, counted >= 1) == (True, True)
    assert risen(await read(kafka.bootstrap, topic_prefix)) == once(entry(1).records)
    assert [line["event"] for line in lines][1:] == ["forwarder.recovered"]


async def test_another_number_of_partitions_is_not_published_to(
    kafka: SharedBroker, topic_prefix: str, tmp_path: Path, lines: Lines
) -> None:
    """Records are numbered for partitions that the topic does not have: that is said, until it has them."""
    settings = kafka_at(kafka.bootstrap, topic_prefix)
    await made(kafka.bootstrap, NewTopic(topic_prefix + LIFECYCLE, PARTITIONS - 1, 1))
    async with publishing(tmp_path, settings) as parts:
        await parts.log.append(entry(1))
        line = await lines.said("forwarder.failed")
        published = await read(kafka.bootstrap, topic_prefix)
        async with admin_of(kafka.bootstrap) as admin:
            await admin.create_partitions({topic_prefix + LIFECYCLE: NewPartitions(PARTITIONS)})
        await parts.forwarder.reached(Position(1))
        counted = await failures(parts, "topics_differ")

    assert (line["reason"], line["kind"], counted >= 1) == ("topics_differ", "TopicsDiffer", True)
    assert published == []
    assert risen(await read(kafka.bootstrap, topic_prefix)) == once(entry(1).records)


async def test_a_topic_that_is_deleted_is_not_made_again(
    kafka: SharedBroker, prefix: str, tmp_path: Path, lines: Lines
) -> None:
    """Deleted while we publish, a topic stays missing and that is said; nothing of the log is given up meanwhile."""
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, prefix)) as parts:
        await parts.log.append(entry(0))
        await parts.forwarder.reached(Position(1))
        async with admin_of(kafka.bootstrap) as admin:
            await admin.delete_topics([prefix + LIFECYCLE])
        said = asyncio.create_task(lines.said("forwarder.failed", reason="topic_missing"))
        count = 1
        # The broker may take some before it lets go of the topic: 29 more from there on.
        while not said.done() or count < 30 + int(said.result()["position"]):
            await parts.log.append(entry(count))
            count += 1
        missing = await said
        while_missing = await topics_there(kafka.bootstrap, prefix)
        await made(kafka.bootstrap, NewTopic(prefix + LIFECYCLE, PARTITIONS, 1))
        await parts.forwarder.reached(Position(count))

    assert while_missing == all_but_lifecycle(prefix)
    # What the broker took before it let go of the topic went with it; the others are all there.
    expected = once(entry(one).records[0] for one in range(count))
    left = [one for one in expected if one[1] >= missing["position"]]
    assert sorted(risen(await read(kafka.bootstrap, prefix))) == left
    assert len(left) >= 20


async def test_a_topic_that_vanished_in_a_quiet_hour_is_not_asked_for_by_name(
    kafka: SharedBroker, prefix: str, tmp_path: Path, lines: Lines
) -> None:
    """The connection has heard of it before the next record comes: even then no broker is led to make it anew."""
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, prefix)) as parts:
        await parts.log.append(entry(0))
        await parts.forwarder.reached(Position(1))
        async with admin_of(kafka.bootstrap) as admin:
            await admin.delete_topics([prefix + LIFECYCLE])
        # As the minute's look at the cluster would: no test waits for a minute.
        await _look_at_the_cluster(parts, prefix)
        await parts.log.append(entry(1))
        line = await lines.said("forwarder.failed")

        assert await topics_there(kafka.bootstrap, prefix) == all_but_lifecycle(prefix)
    assert (line["reason"], line["kind"]) == ("topic_missing", "TopicsMissing")


async def _look_at_the_cluster(parts: Publishing, prefix: str) -> None:
    """Have the forwarder's own connection ask for the cluster's topics, until it knows that ours is gone."""
    (client,) = [one for one in gc.get_objects() if isinstance(one, AIOKafkaClient) and one._sync_task is not None]
    assert parts.forwarder.failure is None
    while client.cluster.partitions_for_topic(prefix + LIFECYCLE):
        await client.force_metadata_update()
