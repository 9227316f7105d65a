"""What stands in the topic, read as DESIGN.md says, by a reader that shares nothing with ours.

Per log and partition a position that does not rise is a repeat of the forwarder's and is dropped; nothing else is.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.kafka import begun


class TopicReader:
    """Reads one topic on and on; keeps the numbers of each meeting in the order in which they stand there."""

    def __init__(self, bootstrap: str, topic: str, partitions: int) -> None:
        self._bootstrap = bootstrap
        self._offsets = {TopicPartition(topic, number): 0 for number in range(partitions)}
        self._risen: dict[tuple[str, int], int] = {}
        self.read: dict[str, list[int]] = defaultdict(list)
        self.repeats = 0

    async def read_until(self, enough: Callable[[], bool], seconds: float) -> None:
        """Read on until there is enough, and to the end; or for so long: what is missing then is for others to find."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self._bootstrap)
        consumer.assign(list(self._offsets))
        try:
            async with asyncio.timeout(seconds):
                await begun(consumer.start)
                for partition, offset in self._offsets.items():
                    consumer.seek(partition, offset)
                while not enough():
                    self._take(await consumer.getmany(timeout_ms=200))
                ends = await consumer.end_offsets(list(self._offsets))
                while any(self._offsets[partition] < end for partition, end in ends.items()):
                    self._take(await consumer.getmany(timeout_ms=200))
        except TimeoutError:
            return
        finally:
            await consumer.stop()

    def _take(self, found: dict[TopicPartition, list[Any]]) -> None:
        for partition, messages in found.items():
            for message in messages:
                self._offsets[partition] = message.offset + 1
                headers = dict(message.headers)
                place = headers["mw_log"].decode(), partition.partition
                position = int(headers["mw_position"])
                if position <= self._risen.get(place, 0):
                    self.repeats += 1
                    continue
                self._risen[place] = position
                event = json.loads(message.value)
                self.read[event["meeting_id"]].append(int(event["participant"]["participant_id"]))
