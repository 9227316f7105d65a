"""What both ways of reading Kafka here need: messages as records, and an end within seconds."""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterable, Iterator
from typing import Any, Final

from aiokafka import AIOKafkaConsumer

from schemas.record import Record, Unrecordable, from_kafka

_LEAVE_S: Final = 5.0
_CLOSE_S: Final = 1.0


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
    """Leave the group, and disconnect, within seconds: aiokafka's own stop waits for brokers that do not answer.

    A stop that was not waited for has closed nothing: what is open then is closed by hand.
    """
    await _within(_LEAVE_S, consumer.stop())
    for part in [part for part in (consumer._fetcher, consumer._client) if part is not None]:
        await _within(_CLOSE_S, part.close())


async def _within(seconds: float, work: Coroutine[Any, Any, object]) -> None:
    task = asyncio.ensure_future(work)
    await asyncio.wait((task,), timeout=seconds)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
