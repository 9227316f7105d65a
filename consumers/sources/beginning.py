"""Find where a Kafka reader begins in a partition that it was given."""

import asyncio
from collections.abc import Set
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from . import Reading, Start
from .account import Account


async def beginnings(
    consumer: AIOKafkaConsumer,
    new: Set[TopicPartition],
    reading: Reading,
    *,
    fresh: Set[str],
    now_ms: int,
    prefix: str = "",
) -> dict[TopicPartition, Account]:
    """Return an account for each of `new`: from the group's position, or the reader's own, else from its start.

    Topics in `fresh` appeared while the reader was on: those are read from their first record, whatever the start.
    """
    committed = await _committed(consumer, new) if reading.group is not None else {}
    committed |= await _given(consumer, new, reading, prefix)
    late = {partition for partition in new if partition.topic in fresh}
    ends = await consumer.end_offsets(list(new))
    starts = await _starts(consumer, new - late, reading.start) | await _starts(consumer, late, "earliest")
    accounts = {}
    for partition, end in ends.items():
        stands = committed.get(partition)
        # Beyond the end: the topic was deleted and made anew, and all in it is new.
        begin = stands if stands is not None and stands <= end else starts[partition]
        accounts[partition] = Account(begin, end, stands, now_ms)
    return accounts


async def _given(
    consumer: AIOKafkaConsumer, new: Set[TopicPartition], reading: Reading, prefix: str
) -> dict[TopicPartition, int | None]:
    """Return the reader's own places; what retention let go of before them is behind it, whether more comes or not."""
    places = {one: reading.begin.get((one.topic.removeprefix(prefix), one.partition)) for one in new}
    given = {one: place for one, place in places.items() if place is not None}
    firsts = await consumer.beginning_offsets(list(given)) if given else {}
    return {one: max(place, firsts[one]) for one, place in given.items()}


async def _committed(consumer: AIOKafkaConsumer, new: Set[TopicPartition]) -> dict[TopicPartition, int | None]:
    partitions = list(new)
    return dict(zip(partitions, await asyncio.gather(*map(consumer.committed, partitions)), strict=True))


async def _starts(
    consumer: AIOKafkaConsumer, partitions: Set[TopicPartition], start: Start
) -> dict[TopicPartition, int]:
    if start == "earliest":
        return dict(await consumer.beginning_offsets(list(partitions)))
    ends = dict(await consumer.end_offsets(list(partitions)))
    if isinstance(start, datetime):
        found = await consumer.offsets_for_times(dict.fromkeys(partitions, int(start.timestamp() * 1_000)))
        ends |= {partition: first.offset for partition, first in found.items() if first is not None}
    return ends
