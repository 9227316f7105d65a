"""Kafka as a source: a broker that is not there, goes, comes back, or refuses."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from consumers.errors import SourceUnavailable
from consumers.sources import Batch
from schemas.settings import Kafka, Secret
from schemas.topics import LIFECYCLE
from tests.kafka.broker import Broker
from tests.kafka.fixtures import OwnBroker

from .producing import Producer
from .reading_kafka import reader_of
from .reads import PATIENCE_S, give_up, read, reading, stored
from .records import numbered

pytestmark = pytest.mark.kafka


async def test_a_broker_that_is_not_there_is_said_with_its_address() -> None:
    """A supervisor starts the consumer again; an operator sees where it wanted to go."""
    with pytest.raises(SourceUnavailable, match=r"Kafka at 127\.0\.0\.1:1: ConnectionRefusedError: .*111"):
        async with reader_of(Kafka(servers=("127.0.0.1:1",)), reading()):
            pass


async def test_a_reader_outlives_its_broker(own_broker: OwnBroker) -> None:
    """While it is away batches are empty, and a commit waits; then both go on by themselves."""
    broker = await own_broker()
    async with Producer(broker.bootstrap, "") as producer:
        await producer.create()
        await producer.append(*numbered(2))
    async with reader_of(Kafka(servers=(broker.bootstrap,)), reading(group="g")) as reader:
        await read(reader, 2)
        await broker.kill()
        committing = asyncio.create_task(reader.commit())
        away = await reader.fetch(10, 0.2)
        waits = not committing.done()

        await broker.start()
        await committing
        async with Producer(broker.bootstrap, "") as producer:
            producer.next_position(3)
            await producer.append(*numbered(1, first=3))
        after = await read(reader, 1)

    assert (away, waits, after) == (Batch([], []), True, stored(*numbered(1, first=3), first=3))


@pytest.mark.parametrize("request_timeout_s", [3.0, 90.0], ids=["failing fetches", "waiting fetches"])
async def test_a_frozen_broker_does_not_hold_up_a_stop(own_broker: OwnBroker, request_timeout_s: float) -> None:
    """aiokafka's own stop would wait for its answers, or leave its connections open."""
    broker = await own_broker()
    async with Producer(broker.bootstrap, "") as producer:
        await producer.create()
    settings = Kafka(servers=(broker.bootstrap,), request_timeout_s=request_timeout_s)
    async with reader_of(settings, reading(group="g")) as reader:
        await reader.fetch(10, 0.0)
        broker.freeze()

        async with asyncio.timeout(PATIENCE_S / 2):
            await reader.close()
    broker.thaw()


async def secured(own_broker: OwnBroker) -> Broker:
    """Return a broker with all topics that knows `ana`, who may do nothing yet."""
    broker = await own_broker(users={"ana": "rosebud"})
    async with Producer(broker.bootstrap, "") as producer:
        await producer.create()
        await producer.append(*numbered(1))
    return broker


def as_ana(broker: Broker, *, password: str) -> Kafka:
    """Return the settings of a secured connection."""
    return Kafka(
        servers=(broker.secure_bootstrap,),
        security="SASL_SSL",
        mechanism="SCRAM-SHA-512",
        user="ana",
        password=Secret(password),
        ca_file=str(broker.ca_file),
    )


async def test_a_secured_broker_is_read(own_broker: OwnBroker) -> None:
    """TLS with an authority of one's own, SCRAM, and rights for topic and group."""
    broker = await secured(own_broker)
    await broker.allow("ana", "Read", "Describe", on="topic", name="*")
    await broker.allow("ana", "Read", on="group", name="g")

    async with reader_of(as_ana(broker, password="rosebud"), reading(group="g")) as reader:
        assert await read(reader, 1) == stored(*numbered(1))
        await reader.commit()


async def test_a_topic_that_one_may_not_see_is_awaited_and_one_may_not_read_is_refused(own_broker: OwnBroker) -> None:
    """Kafka hides what one may not describe; a right to describe alone ends the consumer with its reason."""
    broker = await secured(own_broker)
    async with reader_of(as_ana(broker, password="rosebud"), reading()) as reader:
        hidden = await reader.fetch(10, 0.2)
    await broker.allow("ana", "Describe", on="topic", name=LIFECYCLE)

    with pytest.raises(SourceUnavailable, match="TopicAuthorizationFailedError"):
        async with reader_of(as_ana(broker, password="rosebud"), reading()) as reader:
            await reader.fetch(10, PATIENCE_S)
    assert hidden == Batch([], [])


async def test_a_group_that_one_may_not_join_is_refused(own_broker: OwnBroker) -> None:
    """At once, with the group's name."""
    broker = await secured(own_broker)
    await broker.allow("ana", "Read", "Describe", on="topic", name="*")

    with pytest.raises(SourceUnavailable, match=r"GroupAuthorizationFailedError: .*g"):
        async with reader_of(as_ana(broker, password="rosebud"), reading(group="g")):
            pass


async def test_a_wrong_password_is_told_from_a_dead_broker(own_broker: OwnBroker) -> None:
    """At once, and without the password."""
    broker = await secured(own_broker)

    with pytest.raises(SourceUnavailable, match=r"SaslAuthenticationFailed|AuthenticationFailedError") as refused:
        async with reader_of(as_ana(broker, password="wrong"), reading()):
            pass

    assert "wrong" not in str(refused.value)


async def test_a_foreign_certificate_is_told_from_a_dead_broker(own_broker: OwnBroker) -> None:
    """Nobody who is not vouched for gets the password."""
    broker = await secured(own_broker)
    trusting_others = msgspec.structs.replace(as_ana(broker, password="rosebud"), ca_file=None)

    with pytest.raises(SourceUnavailable, match=r"SSLCertVerificationError: .*certificate verify failed"):
        async with reader_of(trusting_others, reading()):
            pass


async def test_a_broker_that_is_away_when_a_reader_finds_its_place_is_waited_for(own_broker: OwnBroker) -> None:
    """Nothing is taken until every partition was sought again; then nothing is missing."""
    broker = await own_broker()
    async with Producer(broker.bootstrap, "") as producer:
        await producer.create()
        await producer.append(*numbered(3))
    async with reader_of(Kafka(servers=(broker.bootstrap,), request_timeout_s=4.0), reading()) as reader:
        seen = await read(reader, 1, limit=1)
        assert await give_up(reader, turns=1) == []
        broker.freeze()
        away = await reader.fetch(10, 0.1)
        broker.thaw()

        assert seen + await read(reader, 2) == stored(*numbered(3))
    assert away == Batch([], [])
