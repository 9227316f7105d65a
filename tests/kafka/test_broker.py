"""The harness itself: what other tests believe of the broker is true."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAuthorizationFailedError

from .broker import Broker
from .fixtures import OwnBroker, SharedBroker
from .readers import Seen, console_consumer, kcat

pytestmark = pytest.mark.kafka

HEADERS = [("ce_id", b"e-1"), ("ce_type", b"MeetingStarted")]


async def produce(bootstrap: str, topic: str, value: bytes, *, within_s: float | None = None, **options: Any) -> None:
    """Send one record and wait until the broker has it; raise TimeoutError if it does not after `within_s`."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", **options)
    try:
        # Not within the time, which is for what the broker does with the record.
        await producer.start()
        async with asyncio.timeout(within_s):
            await producer.send_and_wait(topic, value, key=b"m-1", headers=HEADERS)
    finally:
        await producer.stop()


async def consume(bootstrap: str, topic: str, *, records: int) -> list[bytes | None]:
    """Return the first values of a topic."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    async with consumer, asyncio.timeout(60):
        return [(await consumer.getone()).value for _ in range(records)]


async def create(bootstrap: str, topic: str) -> None:
    """Create a topic of one partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    await admin.close()


def as_user(broker: Broker, user: str, password: str) -> dict[str, Any]:
    """Return the options of a client that comes in as `user`."""
    return {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": user,
        "sasl_plain_password": password,
        "ssl_context": ssl.create_default_context(cafile=broker.ca_file),
    }


async def test_what_is_produced_is_consumed(kafka: SharedBroker, topic_prefix: str) -> None:
    """The shared broker takes a record and gives it back."""
    await produce(kafka.bootstrap, f"{topic_prefix}a", b"one")

    assert await consume(kafka.bootstrap, f"{topic_prefix}a", records=1) == [b"one"]


async def test_console_consumer_shows_headers_and_key(kafka: SharedBroker, topic_prefix: str) -> None:
    """Kafka's own consumer reads what we wrote."""
    await produce(kafka.bootstrap, f"{topic_prefix}a", "会议".encode())

    lines = await console_consumer(kafka.bootstrap, f"{topic_prefix}a", records=1)

    assert lines == ["ce_id:e-1,ce_type:MeetingStarted\tm-1\t会议"]


async def test_kcat_shows_whole_records(kafka: SharedBroker, topic_prefix: str) -> None:
    """librdkafka reads what we wrote."""
    topic = f"{topic_prefix}a"
    await produce(kafka.bootstrap, topic, "会议".encode())

    seen = await kcat(kafka.bootstrap, topic)

    headers: list[str | None] = ["ce_id", "e-1", "ce_type", "MeetingStarted"]
    assert seen == [Seen(topic=topic, partition=0, offset=0, key="m-1", payload="会议", headers=headers)]


async def test_killed_broker_comes_back_with_its_records(own_broker: OwnBroker) -> None:
    """After kill -9 the broker is at the same address and has what it acknowledged."""
    broker = await own_broker()
    await produce(broker.bootstrap, "a", b"one")

    await broker.kill()
    await broker.start()

    await produce(broker.bootstrap, "a", b"two")
    assert await consume(broker.bootstrap, "a", records=2) == [b"one", b"two"]


async def test_stopped_broker_comes_back_with_its_records(own_broker: OwnBroker) -> None:
    """An orderly stop keeps the records as well."""
    broker = await own_broker()
    await produce(broker.bootstrap, "a", b"one")

    await broker.stop()
    await broker.start()

    assert await consume(broker.bootstrap, "a", records=1) == [b"one"]


async def test_dead_broker_refuses_connections(own_broker: OwnBroker) -> None:
    """Nobody listens at a killed broker's address."""
    broker = await own_broker()

    await broker.kill()

    with pytest.raises(KafkaConnectionError):
        await produce(broker.bootstrap, "a", b"one")


async def test_frozen_broker_answers_nothing_until_it_is_thawed(own_broker: OwnBroker) -> None:
    """A frozen broker takes the connection and leaves the request unanswered."""
    broker = await own_broker()
    await produce(broker.bootstrap, "a", b"one")

    broker.freeze()
    with pytest.raises(KafkaConnectionError):
        await produce(broker.bootstrap, "a", b"two", request_timeout_ms=1_000)
    broker.thaw()

    await produce(broker.bootstrap, "a", b"three")


async def test_frozen_broker_can_be_killed(own_broker: OwnBroker) -> None:
    """A broker is frozen and killed, and comes back."""
    broker = await own_broker()

    broker.freeze()
    await broker.kill()
    await broker.start()

    await produce(broker.bootstrap, "a", b"one")


async def test_settings_reach_the_broker(own_broker: OwnBroker) -> None:
    """A property given to the broker wins over ours."""
    broker = await own_broker(settings={"auto.create.topics.enable": "false"})

    with pytest.raises(TimeoutError):
        await produce(broker.bootstrap, "a", b"one", within_s=2)


async def test_secured_broker_knows_its_users(own_broker: OwnBroker) -> None:
    """The right password is let in and the wrong one is not; what nobody allowed is denied."""
    broker = await own_broker(users={"ada": "right", "bob": "right"})
    await create(broker.bootstrap, "a")
    await broker.allow("ada", "Write", on="topic", name="a")

    await produce(broker.secure_bootstrap, "a", b"one", **as_user(broker, "ada", "right"))
    with pytest.raises(KafkaError):
        await produce(broker.secure_bootstrap, "a", b"two", **as_user(broker, "ada", "wrong"))
    with pytest.raises(TopicAuthorizationFailedError):
        await produce(broker.secure_bootstrap, "a", b"three", **as_user(broker, "bob", "right"))

    assert await consume(broker.bootstrap, "a", records=1) == [b"one"]
