"""Who owns which partitions, with a real broker: members that join, leave and die; and what they left open."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from receiver.subscriber.ownership import HeldOpen
from receiver.subscriber.ownership_group import GroupOwnership
from receiver.subscriber.ownership_look import look_up
from schemas.settings import Kafka
from tests.kafka.configuration import free_port
from tests.kafka.fixtures import OwnBroker, SharedBroker

from ..forward.publishing import kafka_at, publishing, topics_made
from ..lines import lines_caught
from ..log.entries import PARTITIONS
from .telling import AT, OTHER, alive, appended, changed, started

ALL = frozenset(range(PARTITIONS))


@dataclass
class Member:
    """One receiver's share."""

    owns: frozenset[int] | None = None
    told: list[str] = field(default_factory=list)
    asked_s: list[float] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def assigned(self, partitions: frozenset[int]) -> None:
        """Take an assignment."""
        self.owns = partitions
        self.news.set()

    def confirmed(self, asked_s: float) -> None:
        """Take it that the last assignment holds."""
        self.asked_s.append(asked_s)
        self.news.set()

    def tell(self, events: Sequence[Any]) -> None:
        """Take lifecycle events."""
        self.told += [event.meeting_id for event in events]
        self.news.set()


@asynccontextmanager
async def member(kafka: Kafka) -> AsyncIterator[Member]:
    """Yield a member that joins, and leaves at the end."""
    one = Member()
    group = GroupOwnership(
        kafka,
        assigned=one.assigned,
        told=one.tell,
        confirmed=one.confirmed,
        delays=lambda: iter([0.1] * 1_000),
    )
    task = asyncio.create_task(group.run())
    try:
        yield one
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Any, *members: Member) -> None:
    """Return when it holds; looked at whenever one of the members is told something."""
    async with asyncio.timeout(60):
        while not condition():
            waits = [asyncio.create_task(one.news.wait()) for one in members]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for one, wait in zip(members, waits, strict=True):
                wait.cancel()
                one.news.clear()


async def test_members_share_the_partitions(kafka: SharedBroker, topic_prefix: str) -> None:
    """One member has all; of two each has a part, none both; who leaves gives its part back."""
    await topics_made(kafka.bootstrap, topic_prefix)
    settings = kafka_at(kafka.bootstrap, topic_prefix, request_timeout_s=20)
    async with member(settings) as first:
        await until(lambda: first.owns == ALL, first)
        async with member(settings) as second:
            await until(lambda: sorted([*(first.owns or ALL), *(second.owns or ALL)]) == sorted(ALL), first, second)
            shares = (first.owns, second.owns)
        await until(lambda: first.owns == ALL, first)

    assert [len(share or ()) for share in shares] == [PARTITIONS // 2] * 2


async def test_a_member_is_told_of_its_meetings(kafka: SharedBroker, topic_prefix: str, tmp_path: Path) -> None:
    """Lifecycle events of owned partitions come, whichever receiver published them."""
    await topics_made(kafka.bootstrap, topic_prefix)
    settings = kafka_at(kafka.bootstrap, topic_prefix, request_timeout_s=20)
    async with publishing(tmp_path, settings) as parts, member(settings) as one:
        await until(lambda: one.owns == ALL, one)
        # Where a member begins to read is settled a moment after it was given its partitions.
        for number in itertools.count():
            await parts.log.append(appended(started(f"m-{number}"), changed("opened")))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(one.news.wait(), 0.2)
            if one.told:
                break

    assert one.told[0] in {f"m-{known}" for known in range(number + 1)}


async def test_an_assignment_stands_while_the_broker_is_away(own_broker: OwnBroker, topic_prefix: str) -> None:
    """A broker that dies takes nothing away, and a member is one again when it is back."""
    broker = await own_broker()
    await topics_made(broker.bootstrap, topic_prefix)
    async with member(kafka_at(broker.bootstrap, topic_prefix, request_timeout_s=2)) as one:
        await until(lambda: one.owns == ALL, one)
        await broker.kill()
        one.news.clear()
        await broker.start()
        await until(lambda: True, one)

        assert one.owns == ALL


async def test_a_broker_that_is_not_there_is_asked_again_and_again() -> None:
    """Nothing is assigned meanwhile, and each try is said by its kind."""
    with lines_caught() as lines:
        async with member(kafka_at(f"127.0.0.1:{free_port()}", "")) as one:
            for _ in range(2):
                await lines.said("ownership.failed")
                lines.clear()

    assert (one.owns, one.told) == (None, [])


async def test_what_another_held_open_is_found(
    kafka: SharedBroker, topic_prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the partitions that are asked for, as of its receiver's last sign of life, however many reads it takes."""
    monkeypatch.setattr("receiver.subscriber.ownership_look._AT_ONCE", 1)
    await topics_made(kafka.bootstrap, topic_prefix)
    settings = kafka_at(kafka.bootstrap, topic_prefix, request_timeout_s=20)
    left_open = changed("opened", "m-1")
    async with publishing(tmp_path, settings) as parts:
        signs = [alive(10, partition=number) for number in range(PARTITIONS)]
        entry = appended(left_open, changed("opened", "m-2"), changed("closed", "m-2"), *signs)
        appended_at = (await parts.log.append(entry)).position
        await parts.forwarder.reached(appended_at)

    mine = await look_up(settings, {left_open.partition}, AT)
    others = await look_up(settings, ALL - {left_open.partition}, AT)
    later = await look_up(settings, ALL, AT + timedelta(hours=26))

    assert [one for one in mine if one.left == "open"] == [
        HeldOpen(
            enterprise="acme",
            meeting_id="m-1",
            meeting_uuid=None,
            epoch=1,
            receiver=OTHER,
            since=AT,
            last_seen=AT,
        )
    ]
    assert {(one.meeting_id, one.left) for one in (*mine, *others)} == {("m-1", "open"), ("m-2", "over")}
    assert later == []


async def test_without_the_topic_nothing_was_held(kafka: SharedBroker, topic_prefix: str) -> None:
    """Before the first start there is no topic, and a look must not make one."""
    settings = kafka_at(kafka.bootstrap, topic_prefix, request_timeout_s=20)

    assert [await look_up(settings, ALL, AT) for _ in range(2)] == [[], []]
