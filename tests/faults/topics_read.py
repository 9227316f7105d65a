"""Captions and what became of subscriptions, read from the local log's file or from Kafka's topics, to the end."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.kafka import begun
from schemas.locallog import FILE_NAME, decode_records

from .subscribed import Heard, Stood

TOPICS = ("meeting.state.v1", "meeting.captions.v1")
PARTITIONS = 12
_LOOK_S = 0.2
# For the end of what is there, at a few thousand records a second.
_END_S = 60.0


def heard_in_log(folder: Path) -> Heard:
    """Return what the log of one receiver holds."""
    heard = Heard()
    for record in _records(folder):
        heard.take(record)
    return heard


def _records(folder: Path) -> Iterator[Stood]:
    with closing(sqlite3.connect(folder / FILE_NAME)) as database:
        rows = database.execute("SELECT position, records FROM commits ORDER BY position").fetchall()
    for position, blob in rows:
        for number, record in enumerate(decode_records(blob)):
            if record.topic in TOPICS:
                event = json.loads(record.value)
                at = position + number
                yield Stood(record.topic, record.partition, "log", at, record.id, record.epoch or 0, event)


class KafkaTopics:
    """The topics of one installation."""

    def __init__(self, bootstrap: str, prefix: str, *, end_s: float = _END_S) -> None:
        self._bootstrap, self._prefix, self._end_s = bootstrap, prefix, end_s

    async def heard(self, enough: Callable[[Heard], bool], seconds: float) -> Heard:
        """Return what stands there once there is enough, or after so long; both times read to the end."""
        places = [TopicPartition(self._prefix + name, number) for name in TOPICS for number in range(PARTITIONS)]
        consumer, heard = AIOKafkaConsumer(bootstrap_servers=self._bootstrap, enable_auto_commit=False), Heard()
        async with asyncio.timeout(seconds + self._end_s):
            await begun(consumer.start)
            try:
                consumer.assign(places)
                await consumer.seek_to_beginning(*places)
                until = time.monotonic() + seconds
                await _read_on(consumer, places, heard, len(self._prefix))
                while not enough(heard) and time.monotonic() < until:
                    await asyncio.sleep(_LOOK_S)
                    await _read_on(consumer, places, heard, len(self._prefix))
            finally:
                await consumer.stop()
        return heard


async def _read_on(consumer: AIOKafkaConsumer, places: list[TopicPartition], heard: Heard, cut: int) -> None:
    """Read to where the topics end now."""
    ends = await consumer.end_offsets(places)
    while any([await consumer.position(place) < end for place, end in ends.items()]):
        for messages in (await consumer.getmany(timeout_ms=200)).values():
            for message in messages:
                heard.take(_stood(message, cut))


def _stood(message: ConsumerRecord[bytes, bytes], cut: int) -> Stood:
    headers = dict(message.headers)
    return Stood(
        message.topic[cut:],
        message.partition,
        headers["mw_log"].decode(),
        int(headers["mw_position"]),
        headers["ce_id"].decode(),
        int(headers.get("mw_epoch", b"0")),
        json.loads(message.value or b"{}"),
    )
