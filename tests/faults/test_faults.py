"""Nothing that was answered 200 is lost, comes twice or out of order, whatever is killed or frozen meanwhile."""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Literal

import pytest

from tests.kafka.broker import Broker
from tests.kafka.fixtures import OwnBroker

from .figures import Figures
from .process import ReceiverProcess
from .reader import TopicReader
from .sender import NumberedPushes

pytestmark = pytest.mark.alone
ROUNDS: Final = int(os.environ.get("MEETWIRE_TEST_FAULT_ROUNDS", "20"))
PARTITIONS: Final = 12
# Longer than a broker takes to come back, the receiver's next connection and what then has to be published.
_DRAIN_S: Final = 60.0
_FAULTS: Final = ("receiver", "receiver", "kafka", "freeze", "receiver while kafka is down", "receiver while frozen")


@pytest.mark.kafka
@pytest.mark.timeout(60 + ROUNDS * 60)
async def test_nothing_that_was_answered_is_lost_twice_or_out_of_order(
    own_broker: OwnBroker, tmp_path: Path, topic_prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every push answered 200 is in the topic, once, and each meeting's in the order of the answers."""
    broker = await own_broker()
    reader = TopicReader(broker.bootstrap, f"{topic_prefix}meeting.lifecycle.v1", PARTITIONS)
    figures, sent, first = Figures(), [], 0
    async with ReceiverProcess(tmp_path, broker.bootstrap, topic_prefix) as receiver:
        for number in range(ROUNDS):
            pushes = NumberedPushes(receiver.url, number=number, first=first)
            await Round(number, receiver, broker, figures).run(pushes)
            await reader.read_until(partial(_all_read, pushes, reader), _DRAIN_S)
            sent.append(pushes)
            first = pushes.next
    # At the end, so that what comes late counts in the round that it belongs to.
    said = [figures.add(pushes.answered, reader.read) for pushes in sent]
    wrong = [f"round {number}: {words}" for number, words in enumerate(said) if words]
    figures.tries, figures.repeats = sum(pushes.tries for pushes in sent), reader.repeats

    with capsys.disabled():
        print(f"\nfaults, read as a consumer should:\n{figures.table()}")
    assert wrong == []
    assert (figures.lost, figures.duplicated, figures.reordered) == (0, 0, 0)
    assert figures.pushes > ROUNDS * 10


@dataclass
class Round:
    """Some seconds of pushes with faults amid them; the same faults in every run."""

    number: int
    receiver: ReceiverProcess
    broker: Broker
    figures: Figures
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        """Draw the faults from the round's number."""
        self.chance = random.Random(self.number)  # noqa: S311 -- moments, no secrets

    async def run(self, pushes: NumberedPushes) -> None:
        """Send while faults happen, until all is well again and every push that was begun is answered."""
        await self.receiver.kill()
        await self.receiver.start(self._answer_after())
        stop = asyncio.Event()
        sending = asyncio.create_task(pushes.run(stop))
        for _ in range(2):
            await self._pause(0.1, 0.8)
            await self._fault(self.chance.choice(_FAULTS))
        stop.set()
        await sending

    async def _fault(self, kind: str) -> None:
        if kind == "receiver":
            await self._kill_receiver()
        elif kind.endswith(("kafka", "kafka is down")):
            self.figures.broker_kills += 1
            await self.broker.kill()
            await self._meanwhile(kind)
            await self.broker.start()
        else:
            self.figures.freezes += 1
            self.broker.freeze()
            await self._pause(0.2, 3.0)
            await self._meanwhile(kind)
            self.broker.thaw()

    async def _meanwhile(self, kind: str) -> None:
        if kind.startswith("receiver"):
            await self._kill_receiver()
            await self._pause(0.1, 0.5)

    async def _kill_receiver(self) -> None:
        self.figures.receiver_kills += 1
        await self.receiver.kill()
        await self._pause(0.0, 0.3)
        await self.receiver.start(self._answer_after())

    def _answer_after(self) -> Literal["disk", "kafka"]:
        return "kafka" if self.number % 2 else "disk"

    async def _pause(self, least_s: float, most_s: float) -> None:
        # No wait for anything: the moment of a fault is a matter of chance.
        await asyncio.sleep(self.chance.uniform(least_s, most_s))


def _all_read(pushes: NumberedPushes, reader: TopicReader) -> bool:
    return all(set(answered) <= set(reader.read[meeting]) for meeting, answered in pushes.answered.items())
