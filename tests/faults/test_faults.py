"""Nothing that was answered 200 is lost, comes twice or out of order, whatever is killed or frozen meanwhile."""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.kafka.broker import Broker
from tests.kafka.fixtures import OwnBroker

from .process import ReceiverProcess
from .reader import TopicReader
from .sender import NumberedPushes

ROUNDS = int(os.environ.get("MEETWIRE_TEST_FAULT_ROUNDS", "20"))
PARTITIONS = 12
# Longer than a broker takes to come back, the receiver's next connection and what then has to be published.
_DRAIN_S = 60.0


@dataclass
class Count:
    """The figures of all rounds."""

    rounds: int = 0
    pushes: int = 0
    tries: int = 0
    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    repeats: int = 0
    receiver_kills: int = 0
    broker_kills: int = 0
    freezes: int = 0

    def add(self, pushes: NumberedPushes, reader: TopicReader) -> None:
        """Compare what was answered with what is read."""
        self.rounds += 1
        self.tries += pushes.tries
        for meeting, answered in pushes.answered.items():
            read = reader.read.pop(meeting, [])
            self.pushes += len(answered)
            self.lost += len(set(answered) - set(read))
            wanted = set(answered)
            self.reordered += [number for number in read if number in wanted] != answered
        self.duplicated, self.repeats = reader.duplicates, reader.repeats

    def table(self) -> str:
        """Return one line a figure."""
        return "\n".join(f"  {name.replace('_', ' '):16} {value:>8,}" for name, value in vars(self).items())


@pytest.mark.kafka
@pytest.mark.timeout(60 + ROUNDS * 60)
async def test_nothing_that_was_answered_is_lost_twice_or_out_of_order(
    own_broker: OwnBroker, tmp_path: Path, topic_prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every push answered 200 is in the topic, once, and each meeting's in the order of the answers."""
    broker = await own_broker()
    receiver = ReceiverProcess(tmp_path, broker.bootstrap, topic_prefix)
    reader = TopicReader(broker.bootstrap, f"{topic_prefix}meeting.lifecycle.v1", PARTITIONS)
    count, first = Count(), 0

    for number in range(ROUNDS):
        pushes = NumberedPushes(receiver.url, first)
        await _round(number, receiver, broker, pushes, count)
        await reader.read_until(partial(_all_read, pushes, reader), _DRAIN_S)
        count.add(pushes, reader)
        first = pushes.next

    with capsys.disabled():
        print(f"\nfaults, read as a consumer should:\n{count.table()}")
    assert (count.lost, count.duplicated, count.reordered) == (0, 0, 0)
    assert count.pushes > ROUNDS * 10
    await receiver.stop()


async def _round(number: int, receiver: ReceiverProcess, broker: Broker, pushes: NumberedPushes, count: Count) -> None:
    """Send while faults happen, until all is well again and every push that was begun is answered."""
    chance = random.Random(number)  # noqa: S311 -- the same faults in every run
    await receiver.kill()
    await receiver.start("kafka" if number % 2 else "disk")
    stop = asyncio.Event()
    sending = asyncio.create_task(pushes.run(stop))
    for _ in range(2):
        await asyncio.sleep(chance.uniform(0.1, 0.8))
        await _fault(chance, number, receiver, broker, count)
    stop.set()
    await sending


async def _fault(chance: random.Random, number: int, receiver: ReceiverProcess, broker: Broker, count: Count) -> None:
    kind = chance.choice(("receiver", "receiver", "kafka", "freeze"))
    if kind == "receiver":
        count.receiver_kills += 1
        await receiver.kill()
        await receiver.start("kafka" if number % 2 else "disk")
    elif kind == "kafka":
        count.broker_kills += 1
        await broker.kill()
        await broker.start()
    else:
        count.freezes += 1
        broker.freeze()
        await asyncio.sleep(chance.uniform(0.2, 3.0))
        broker.thaw()


def _all_read(pushes: NumberedPushes, reader: TopicReader) -> bool:
    return all(set(answered) <= set(reader.read[meeting]) for meeting, answered in pushes.answered.items())
