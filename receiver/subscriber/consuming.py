"""What both ways of reading Kafka here need: messages as records, and an end within seconds."""

import asyncio
import contextlib
from collections.abc import Iterable, Iterator
from typing import Any, Final

from aiokafka import AIOKafkaConsumer

from schemas.record import Record, Unrecordable, from_kafka

_LEAVE_S: Final = 5.0


def records_of(topic: str, messages: Iterable[Any]) -> Iterator[Record]:
    """Yield the records of one topic's messages, `topic` without prefix; what is not ours is left out."""
    for message in messages:
        with contextlib.suppress(Unrecordable):
            yield from_kafka(
                topic=topic,
                partition=message.partition,
                timestamp_ms=message.timestamp,
                key=message.key,
                value=message.value,
                headers=message.headers,
            ).record


async def leave(consumer: AIOKafkaConsumer) -> None:
    """Leave the group, and disconnect, within seconds: aiokafka's own stop waits for brokers that do not answer."""
    task = asyncio.ensure_future(consumer.stop())
    await asyncio.wait((task,), timeout=_LEAVE_S)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
