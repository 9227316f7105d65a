"""Look meeting.state.v1 up for what another receiver held open in partitions that are ours from now on.

A day of all meetings' state is read; of that no more is kept than one event a meeting.
"""

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.kafka import begun, connection, topic_name
from schemas.settings import Kafka
from schemas.topics import STATE

from ..forward.knock import knock
from ..normalise.enterprise import milliseconds
from .consuming import leave, records_of
from .ownership import LOOK_BACK, HeldOpen, LookedAt

_AT_ONCE: Final = 1_000


async def look_up(kafka: Kafka, partitions: Collection[int], now: datetime) -> list[HeldOpen]:
    """Return what was opened in these partitions and never ended, as far as the topic tells by now.

    Raises KafkaError, OSError, TimeoutError.
    """
    topic = topic_name(kafka, STATE)
    wanted = [TopicPartition(topic, partition) for partition in sorted(partitions)]
    async with asyncio.timeout(kafka.request_timeout_s * 3):
        await knock(kafka)
        consumer = AIOKafkaConsumer(**connection(kafka), enable_auto_commit=False)
        try:
            await begun(consumer.start)
            # To ask for a topic by its name might make a broker create it. Without one nobody held anything.
            if topic not in await consumer.topics():
                return []
            found = await _read(consumer, wanted, milliseconds(now - LOOK_BACK))
        finally:
            await leave(consumer)
    return [held for looked_at in found.values() for held in looked_at.held()]


async def _read(consumer: AIOKafkaConsumer, wanted: list[TopicPartition], since_ms: int) -> dict[int, LookedAt]:
    consumer.assign(wanted)
    ends = await consumer.end_offsets(wanted)
    starts = await consumer.offsets_for_times(dict.fromkeys(wanted, since_ms))
    found = {partition.partition: LookedAt() for partition in wanted}
    left = set()
    for partition in wanted:
        start = starts.get(partition)
        if start is not None and start.offset < ends[partition]:
            consumer.seek(partition, start.offset)
            left.add(partition)
    consumer.pause(*(set(wanted) - left))
    while left:
        for partition, messages in (await consumer.getmany(*left, timeout_ms=1_000, max_records=_AT_ONCE)).items():
            found[partition.partition].take(records_of(STATE, messages))
        for partition in list(left):
            if await consumer.position(partition) >= ends[partition]:
                left.discard(partition)
                consumer.pause(partition)
    return found
