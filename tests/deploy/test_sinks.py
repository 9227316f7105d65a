"""Where consumers publish: durable when it returns, or an OSError that says why."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from consumers.sources import Reading
from deploy.meters import PrometheusMeters
from deploy.sinks import KafkaSink, LogSink
from receiver.log import LogFile, SqliteLog
from schemas.settings import Kafka
from schemas.topics import LIFECYCLE

from ..consumers.producing import Producer
from ..consumers.reading_kafka import source
from ..consumers.reading_log import local
from ..consumers.reads import fetched
from ..consumers.records import numbered
from ..kafka.fixtures import SharedBroker

READING = Reading(consumer="test", topics=frozenset({LIFECYCLE}))


@pytest.mark.kafka
async def test_kafka_has_what_was_published(kafka: SharedBroker, topic_prefix: str) -> None:
    """In order, whole, and rising: a reader drops none of it."""
    async with Producer(kafka.bootstrap, topic_prefix) as producer:
        await producer.create()
        async with KafkaSink(Kafka(servers=(kafka.bootstrap,), topic_prefix=topic_prefix)) as sink:
            await sink.publish(numbered(2))
            await sink.publish(numbered(2, first=3))

        async with source(producer, READING) as reader:
            found = await fetched(reader, 4)
    assert [one.record for one in found] == numbered(4)
    assert [one.position for one in found] == [1, 2, 3, 4]


@pytest.mark.kafka
async def test_none_overtakes_another(kafka: SharedBroker, topic_prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A producer waits where it does not know a topic yet, and may know it by the next record: that one waits too."""
    send: Any = AIOKafkaProducer.send
    waits = iter([0.3])

    async def waiting_first(*arguments: Any, **named: Any) -> Any:
        await asyncio.sleep(next(waits, 0.0))
        return await send(*arguments, **named)

    async with Producer(kafka.bootstrap, topic_prefix) as producer:
        await producer.create()
        monkeypatch.setattr(AIOKafkaProducer, "send", waiting_first)
        async with KafkaSink(Kafka(servers=(kafka.bootstrap,), topic_prefix=topic_prefix)) as sink:
            await asyncio.gather(sink.publish(numbered(2)), sink.publish(numbered(2, first=3)))

        async with source(producer, READING) as reader:
            found = await fetched(reader, 4)
    assert [one.record for one in found] == numbered(4)


@pytest.mark.kafka
async def test_a_failure_for_good_is_one_producers_alone(kafka: SharedBroker, topic_prefix: str) -> None:
    """The next record goes by another one."""
    large = msgspec.structs.replace(numbered(1)[0], value=b"x" * 2_000_000)
    async with Producer(kafka.bootstrap, topic_prefix) as producer:
        await producer.create()
        async with KafkaSink(Kafka(servers=(kafka.bootstrap,), topic_prefix=topic_prefix)) as sink:
            await sink.publish(numbered(1))
            with pytest.raises(OSError, match="Kafka: MessageSizeTooLargeError"):
                await sink.publish([large])
            await sink.publish(numbered(1, first=2))

        async with source(producer, READING) as reader:
            found = await fetched(reader, 2)
    assert [one.record for one in found] == numbered(2)


async def test_a_broker_that_is_not_there_is_an_error() -> None:
    """One that a consumer can end with; nothing was connected to before."""
    async with KafkaSink(Kafka(servers=("127.0.0.1:1",), request_timeout_s=0.5)) as sink:
        with pytest.raises(OSError, match="Kafka: KafkaConnectionError"):
            await sink.publish(numbered(1))


async def test_the_log_has_what_was_published(tmp_path: Path) -> None:
    """In the process that has it."""
    file = await asyncio.to_thread(lambda: LogFile(tmp_path / "log", partitions=1, min_free_bytes=0))
    async with SqliteLog.opened(file, PrometheusMeters()) as log:
        await LogSink(log).publish(numbered(2))

        async with local(tmp_path / "log", READING) as reader:
            found = await fetched(reader, 2)
    assert [one.record for one in found] == numbered(2)


async def test_a_log_that_takes_nothing_is_an_error(tmp_path: Path) -> None:
    """With the log's reason."""
    file = await asyncio.to_thread(lambda: LogFile(tmp_path / "log", partitions=1, min_free_bytes=2**62))
    async with SqliteLog.opened(file, PrometheusMeters()) as log:
        with pytest.raises(OSError, match="the log does not take them: disk_full"):
            await LogSink(log).publish(numbered(1))
