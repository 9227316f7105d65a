"""Kafka as a source: several members of one group, and what retention takes away from it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from consumers.errors import SourceUnavailable
from consumers.sources import Lag, Reading
from consumers.sources.kafka import KafkaSource
from deploy.meters import PrometheusMeters
from schemas.record import Stored
from schemas.topics import LIFECYCLE

from .clock import Clock
from .metering import counted
from .producing import PARTITIONS, Producer
from .reading_kafka import source
from .reads import PATIENCE_S, read, reading, stored
from .records import numbered

pytestmark = pytest.mark.kafka


def grouped(producer: Producer) -> Reading:
    """Return a reading in the test's own group."""
    return reading(group=producer.prefix + "g", topics=(LIFECYCLE,))


async def share(members: list[KafkaSource], count: int) -> list[list[Stored]]:
    """Return what each member reads, until they have `count` records together."""
    shares: list[list[Stored]] = [[] for _ in members]

    async def work(member: KafkaSource, mine: list[Stored]) -> None:
        while sum(map(len, shares)) < count:
            mine += (await member.fetch(100, 0.2)).records

    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as tasks:
        for member, mine in zip(members, shares, strict=True):
            tasks.create_task(work(member, mine))
    return shares


def positions(shares: list[list[Stored]]) -> list[int]:
    """Return the positions of all shares together."""
    return sorted(one.position for mine in shares for one in mine)


async def test_members_of_a_group_share_the_partitions(topics: Producer) -> None:
    """Each record goes to one of them; the partitions of a member are its own."""
    async with source(topics, grouped(topics)) as one, source(topics, grouped(topics)) as other:
        await topics.append(*numbered(30, partitions=PARTITIONS))
        shares = await share([one, other], 30)

    homes = [{each.record.partition for each in mine} for mine in shares]
    assert sorted(map(len, homes)) == [1, 2]
    assert not homes[0] & homes[1]
    assert positions(shares) == list(range(1, 31))


async def test_a_batch_in_hand_is_committed_before_its_partitions_go(topics: Producer) -> None:
    """A rolling update repeats nothing: the rebalance waits for the handler."""
    await topics.append(*numbered(6, partitions=PARTITIONS))
    async with source(topics, grouped(topics)) as one, AsyncExitStack() as others:
        await read(one, 6)
        joining = asyncio.create_task(others.enter_async_context(source(topics, grouped(topics))))
        await topics.rebalancing("g")
        await one.commit()
        await joining
        await topics.append(*numbered(6, first=7, partitions=PARTITIONS))

        shares = await share([one, joining.result()], 6)

    assert positions(shares) == list(range(7, 13))


async def test_what_was_not_committed_comes_again_after_a_rebalance(topics: Producer) -> None:
    """To whoever has the partition then: what was read before must not be taken for a repeat."""
    await topics.append(*numbered(6, partitions=PARTITIONS))
    async with source(topics, grouped(topics)) as one:
        await read(one, 6)
        await topics.expel("g")

        assert await read(one, 6) == stored(*numbered(6, partitions=PARTITIONS))


async def test_a_commit_that_comes_too_late_is_no_error(topics: Producer) -> None:
    """The group went on without this member; what it has in hand comes once more, to whoever it may be."""
    await topics.append(*numbered(3))
    async with source(topics, grouped(topics)) as one:
        await read(one, 3)
        await topics.expel("g")
        await one.commit()

        assert await read(one, 3) == stored(*numbered(3))


async def test_a_group_that_lets_nobody_in_is_not_waited_for_for_ever(topics: Producer) -> None:
    """Another member has a batch in hand and says nothing; the supervisor learns of it."""
    await topics.append(*numbered(1))
    async with source(topics, grouped(topics)) as one:
        await read(one, 1)

        with pytest.raises(SourceUnavailable, match=r"not let into group .*g within 0\.2 s"):
            async with source(topics, grouped(topics), join_s=0.2):
                pass


async def test_a_member_says_what_it_was_given(topics: Producer) -> None:
    """An operator sees who reads what."""
    with capture_logs() as lines:
        async with source(topics, grouped(topics)):
            pass

    assert lines == [
        {
            "event": "partitions.assigned",
            "log_level": "info",
            "consumer": "test",
            "group": topics.prefix + "g",
            "partitions": PARTITIONS,
        }
    ]


async def test_what_retention_took_before_it_was_read_is_said_loudly(topics: Producer) -> None:
    """The reader goes on with what is there, and the operator learns how much is not."""
    meters = PrometheusMeters()
    await topics.append(*numbered(5))
    async with source(topics, grouped(topics)) as one:
        await read(one, 1, limit=1)
        await one.commit()
    await topics.let_go(LIFECYCLE, 0, before=4)

    with capture_logs() as lines:
        async with source(topics, grouped(topics), meters=meters) as one:
            got = await read(one, 1)

    assert got == stored(*numbered(1, first=5), first=5)
    assert await counted(meters, "missed") == 3
    assert lines[1:] == [
        {
            "event": "records.missed",
            "log_level": "error",
            "consumer": "test",
            "group": topics.prefix + "g",
            "topic": topics.prefix + LIFECYCLE,
            "partition": 0,
            "records": 3,
            "hint": "the topic's retention let go of them before they were read",
        }
    ]


async def test_what_is_unread_has_an_age(topics: Producer) -> None:
    """At the end from when it was last reached, behind from what was read last."""
    clock = Clock()
    await topics.append(*numbered(2))
    async with source(topics, grouped(topics), now=clock) as one:
        lags = [await one.lag()]
        await read(one, 1, limit=1)
        clock.at += timedelta(seconds=90)
        lags.append(await one.lag())
        await read(one, 1)
        lags.append(await one.lag())

    assert lags == [Lag(2, 0.0), Lag(1, 89.0), Lag(0, 0.0)]
