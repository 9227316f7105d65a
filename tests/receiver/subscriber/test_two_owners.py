"""Two receivers that own one meeting, with a real broker that one of them cannot reach: for how long, no longer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from receiver.subscriber.ownership import HeldOpen
from receiver.subscriber.ownership_group import GroupOwnership
from receiver.subscriber.owning import Owning, noted
from schemas.settings import Kafka
from tests.kafka.configuration import free_port
from tests.kafka.fixtures import OwnBroker
from tests.kafka.proxy import Proxy, proxy

from ..forward.publishing import kafka_at, topics_made
from ..lines import lines_caught
from ..log.entries import PARTITIONS
from .supervising import RECEIVER, WatchedLog

pytestmark = pytest.mark.kafka

ALL = frozenset(range(PARTITIONS))
NONE = frozenset[int]()
SESSION_S = 2.0
# Longer than it takes another member to join, also where the machine is busy.
STANDS_S = 15.0
# A machine that is busy may look late at what is over.
BUSY_S = 5.0


@dataclass
class Span:
    """When partitions were owned; monotonic."""

    partition: int
    since_s: float
    until_s: float | None = None


@dataclass
class Holder:
    """One receiver's place: what owns its share there, and when. The log outlives each of its processes."""

    log: WatchedLog = field(default_factory=WatchedLog)
    owns: frozenset[int] = frozenset()
    spans: list[Span] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def assign(self, partitions: frozenset[int]) -> None:
        """Own them."""
        self.owns |= partitions
        self.spans += [Span(partition, time.monotonic()) for partition in partitions]
        self.news.set()

    def revoke(self, partitions: frozenset[int]) -> None:
        """Own them no more."""
        self.owns -= partitions
        for span in self.spans:
            if span.partition in partitions and span.until_s is None:
                span.until_s = time.monotonic()
        self.news.set()

    async def take_over(self, held: Iterable[HeldOpen]) -> None:
        """Take what others held open: nothing is asked for here."""

    def unknown(self, partitions: Collection[int]) -> None:
        """Take that nobody knows it."""

    @asynccontextmanager
    async def running(self, kafka: Kafka, *, stands_after_s: float = 60) -> AsyncIterator[None]:
        """Be a receiver within this block; at its end like one that was killed, as far as that can be noticed."""

        async def look_up(_: Collection[int]) -> list[HeldOpen]:
            return []

        owning = Owning(
            self,
            self.log,
            receiver=RECEIVER,
            look_up=look_up,
            came=lambda: None,
            stands_s=STANDS_S,
            stands_after_s=stands_after_s,
        )
        group = GroupOwnership(
            kafka,
            assigned=owning.assigned,
            told=lambda _: None,
            confirmed=owning.confirmed,
            delays=lambda: iter([0.1] * 10_000),
        )
        works = (owning.run(noted(self.log.marks)), owning.watch(), group.run())
        tasks = [asyncio.create_task(work) for work in works]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.revoke(self.owns)

    async def has(self, partitions: frozenset[int]) -> float:
        """Return when exactly these are its own; monotonic."""
        async with asyncio.timeout(60):
            while self.owns != partitions:
                self.news.clear()
                await self.news.wait()
        return time.monotonic()


def beside(one: Holder, other: Holder) -> float:
    """Return for how long both owned one partition at the most, in seconds."""
    now_s = time.monotonic()
    spans = [
        min(a.until_s or now_s, b.until_s or now_s) - max(a.since_s, b.since_s)
        for a in one.spans
        for b in other.spans
        if a.partition == b.partition
    ]
    return max(spans, default=0.0)


@pytest.fixture(autouse=True)
def _short_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("receiver.subscriber.ownership_group.SESSION_MS", int(SESSION_S * 1_000))
    monkeypatch.setattr("receiver.subscriber.ownership_group.HEARTBEAT_MS", 500)


@dataclass(frozen=True)
class Scene:
    """A broker, and two ways to it of which one can be shut."""

    way: Proxy
    there: Kafka
    here: Kafka


@pytest.fixture
async def scene(own_broker: OwnBroker, topic_prefix: str) -> AsyncIterator[Scene]:
    """Yield it, with the topics made."""
    far = free_port()
    broker = await own_broker(settings={"group.min.session.timeout.ms": "1000"}, detour=far)
    await topics_made(broker.bootstrap, topic_prefix)
    async with proxy(far, broker.detour_port) as way:
        ways = (kafka_at(one, topic_prefix, request_timeout_s=2) for one in (way.bootstrap, broker.bootstrap))
        yield Scene(way, *ways)


async def test_who_is_cut_off_gives_up_in_the_stated_time(scene: Scene) -> None:
    """The other has its meetings as soon as the group misses it; they share again when it is back."""
    one, other = Holder(), Holder()
    async with one.running(scene.there):
        await one.has(ALL)
        scene.way.shut()
        cut_s = time.monotonic()
        async with other.running(scene.here):
            await other.has(ALL)
            meanwhile = one.owns
            given_up_s = await one.has(NONE) - cut_s
            scene.way.is_shut = False
            await shared(one, other)
            together_s = beside(one, other)

    assert meanwhile == ALL
    assert given_up_s <= STANDS_S + BUSY_S
    assert 0 < together_s <= STANDS_S + BUSY_S


async def test_who_starts_cut_off_gives_up_in_the_stated_time(scene: Scene) -> None:
    """It takes up what it had, for what is left of the time; a later start takes up nothing."""
    one, other = Holder(), Holder()
    async with one.running(scene.there):
        await one.has(ALL)
        await one.log.has(lambda log: noted(log.marks).partitions == ALL)
    left_s = time.monotonic()
    scene.way.shut()
    async with other.running(scene.here):
        await other.has(ALL)
        async with one.running(scene.there, stands_after_s=0.1):
            await one.has(ALL)
            given_up_s = await one.has(NONE) - left_s
        together_s = beside(one, other)
        with lines_caught() as lines:
            async with one.running(scene.there, stands_after_s=0.1):
                await lines.said("ownership.dropped")
                scene.way.is_shut = False
                await shared(one, other)

    assert lines.named("ownership.assumed") == []
    assert given_up_s <= STANDS_S + BUSY_S
    assert 0 < together_s <= STANDS_S + BUSY_S


async def shared(one: Holder, other: Holder) -> None:
    """Return once each has a part, and both all of them, each once."""
    async with asyncio.timeout(60):
        while not (one.owns and other.owns and sorted([*one.owns, *other.owns]) == sorted(ALL)):
            waits = [asyncio.create_task(holder.news.wait()) for holder in (one, other)]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for holder, wait in zip((one, other), waits, strict=True):
                wait.cancel()
                holder.news.clear()
