"""Assignments, one after the other: what goes, what comes, what others held open, and what is noted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from aiokafka.errors import KafkaConnectionError
from msgspec.structs import replace

from receiver.errors import LogUnavailable
from receiver.subscriber.ownership import HeldOpen
from receiver.subscriber.owning import MARK, Owning, noted
from receiver.subscriber.standing import NOTE_EVERY_S, Noted

from ..lines import lines_caught
from .supervising import RECEIVER, WatchedLog
from .telling import AT
from .test_ownership import held

Told = tuple[Any, ...]
STANDS_S = 3_600


def parts(*numbers: int) -> frozenset[int]:
    """Return partitions."""
    return frozenset(numbers)


@dataclass
class Around:
    """What is around it, and what it told of in which order."""

    log: WatchedLog = field(default_factory=WatchedLog)
    told: list[Told] = field(default_factory=list)
    found: list[HeldOpen] | Exception = field(default_factory=list)
    looking: asyncio.Event = field(default_factory=asyncio.Event)
    told_of: asyncio.Event = field(default_factory=asyncio.Event)
    free: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Let nobody wait."""
        self.free.set()

    def assign(self, partitions: frozenset[int]) -> None:
        """Take what is ours."""
        self.told.append(("assign", partitions))

    def revoke(self, partitions: frozenset[int]) -> None:
        """Take what is ours no more."""
        self.told.append(("revoke", partitions))

    async def take_over(self, held: Iterable[HeldOpen]) -> None:
        """Take what others held open."""
        self.told.append(("take_over", [one.meeting_id for one in held]))

    def unknown(self, partitions: Collection[int]) -> None:
        """Take that nobody knows what others held open."""
        self.told.append(("unknown", partitions))

    async def look_up(self, partitions: Collection[int]) -> list[HeldOpen]:
        """Return what others held open."""
        self.told.append(("look_up", partitions))
        self.looking.set()
        await self.free.wait()
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    def came(self) -> None:
        """Take that something came."""
        self.told.append(("came",))
        self.told_of.set()

    async def noted(self, *partitions: int) -> None:
        """Return once these are noted."""
        await self.log.has(lambda log: noted(log.marks).partitions == frozenset(partitions) and MARK in log.marks)


@dataclass
class Time:
    """Both clocks, for one who sleeps."""

    s: float = 1_000
    sleeps: asyncio.Queue[float] = field(default_factory=asyncio.Queue)
    over: asyncio.Queue[None] = field(default_factory=asyncio.Queue)

    def now(self) -> datetime:
        """Return what the wall shows."""
        return AT + timedelta(seconds=self.s)

    async def sleep(self, s: float) -> None:
        """Wait for `goes_by`."""
        self.sleeps.put_nowait(self.s + s)
        await self.over.get()

    async def goes_by(self, s: float) -> None:
        """Let so much time go by; return when whoever slept until then or less sleeps again."""
        until = self.s + s
        while (wakes_at := await asyncio.wait_for(self.sleeps.get(), 60)) <= until:
            self.s = wakes_at
            self.over.put_nowait(None)
        self.sleeps.put_nowait(wakes_at)
        self.s = until


@asynccontextmanager
async def owning(
    around: Around,
    *assigned: frozenset[int],
    last: Noted = Noted(),  # noqa: B008 -- it is frozen
    stands_after_s: float = 60,
    time: Time | None = None,
) -> AsyncIterator[Owning]:
    """Yield what follows assignments, of which the first are there already."""
    clock = time or Time()
    one = Owning(
        around,
        around.log,
        receiver=RECEIVER,
        look_up=around.look_up,
        came=around.came,
        stands_s=STANDS_S,
        stands_after_s=stands_after_s,
        clock=lambda: clock.s,
        now=clock.now,
        sleep=clock.sleep,
    )
    for partitions in assigned:
        one.assigned(partitions)
    tasks = [asyncio.create_task(one.run(last)), asyncio.create_task(one.watch())]
    try:
        yield one
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_others_held_open_is_told_before_it_is_ours() -> None:
    """Looked up, told, assigned, and then the list is asked for. What we left open ourselves is in our own notes."""
    around = Around(
        found=[
            held("m-1"),
            replace(held("m-2"), receiver=RECEIVER),
            replace(held("m-3", left="moved"), receiver=RECEIVER),
        ]
    )
    async with owning(around, parts(0, 1)) as one:
        await around.noted(0, 1)

        assert one.share == {0, 1}
    assert around.told == [
        ("look_up", parts(0, 1)),
        ("take_over", ["m-1", "m-3"]),
        ("assign", parts(0, 1)),
        ("came",),
    ]


async def test_only_what_is_new_is_looked_up_and_what_is_gone_goes_at_once() -> None:
    """A rebalance that leaves a partition where it was touches nothing of it."""
    around = Around()
    async with owning(around, parts(0, 1)) as one:
        await around.noted(0, 1)
        around.told.clear()
        one.assigned(parts(1, 2))
        at_once = list(around.told)
        await around.noted(1, 2)
        one.assigned(parts(1))
        await around.noted(1)

    assert at_once == [("revoke", parts(0))]
    assert around.told == [
        ("revoke", parts(0)),
        ("look_up", parts(2)),
        ("take_over", []),
        ("assign", parts(2)),
        ("came",),
        ("revoke", parts(2)),
    ]


async def test_the_latest_assignment_counts() -> None:
    """One that another has followed meanwhile is given to nobody: neither before nor while it is looked up."""
    around = Around()
    async with owning(around, parts(0), parts(0, 1)):
        await around.noted(0, 1)
    assert ("look_up", parts(0)) not in around.told

    around = Around()
    around.free.clear()
    async with owning(around, parts(0)) as one:
        await around.looking.wait()
        one.assigned(parts(3))
        around.free.set()
        await around.noted(3)

        assert one.share == {3}
    assert [told for told in around.told if told[0] == "assign"] == [("assign", parts(3))]


@pytest.mark.parametrize(
    "error",
    [KafkaConnectionError(), OSError("marker"), TimeoutError()],
    ids=["no broker", "no connection", "no answer"],
)
async def test_where_it_cannot_be_looked_up_it_is_ours_all_the_same(error: Exception) -> None:
    """Nobody else would listen to these meetings; what was not seen is told as such; and it is said, by kind alone."""
    around = Around(found=error)
    with lines_caught() as lines:
        async with owning(around, parts(0)):
            await around.noted(0)

    assert around.told[1:] == [("unknown", parts(0)), ("take_over", []), ("assign", parts(0)), ("came",)]
    assert list(lines) == [{"event": "ownership.failed", "log_level": "warning", "kind": type(error).__name__}]


async def test_without_the_group_the_last_assignment_stands() -> None:
    """A start while Kafka is away goes on with what was noted; the group is heard when it is there again."""
    around, time = Around(), Time()
    last = Noted(parts(1, 2), time.now() - timedelta(seconds=STANDS_S - 1))
    with lines_caught() as lines:
        async with owning(around, last=last, stands_after_s=0.001, time=time) as one:
            await around.noted(1, 2)
            assumed = noted(around.log.marks)
            one.assigned(parts(2))
            await around.noted(2)

    assert assumed == last
    assert ("assign", parts(1, 2)) in around.told
    assert around.told[-1] == ("revoke", parts(1))
    line = {"event": "ownership.assumed", "log_level": "warning", "partitions": [1, 2], "age_s": STANDS_S - 1}
    assert list(lines) == [line]


@pytest.mark.parametrize(
    "ago_s",
    [pytest.param(STANDS_S, id="too long ago"), pytest.param(-60, id="nobody knows when: the clock was set back")],
)
async def test_what_was_confirmed_too_long_ago_is_not_assumed(ago_s: float) -> None:
    """Another receiver may have had it since; the group is heard when it is there again."""
    around, time = Around(), Time()
    last = Noted(parts(1, 2), time.now() - timedelta(seconds=ago_s))
    with lines_caught() as lines:
        async with owning(around, last=last, stands_after_s=0.001, time=time) as one:
            await lines.said("ownership.dropped")
            one.assigned(parts(2))
            await around.noted(2)

    assert [told for told in around.told if told[0] == "assign"] == [("assign", parts(2))]
    assert list(lines) == [{"event": "ownership.dropped", "log_level": "warning", "partitions": [1, 2]}]


async def test_what_nobody_confirms_is_given_up_in_time() -> None:
    """When its time is over, counted from when the group was asked last; and it is ours again at its next word."""
    around, time = Around(), Time()
    async with owning(around, parts(0, 1), time=time) as one:
        await around.noted(0, 1)
        await time.goes_by(STANDS_S / 2)
        one.confirmed(time.s)
        await time.goes_by(STANDS_S - 1)
        before = one.share, one.unconfirmed_s
        around.told.clear()
        with lines_caught() as lines:
            await time.goes_by(1)
        given_up, told = one.share, list(around.told)
        await time.goes_by(STANDS_S)
        one.confirmed(time.s)
        await around.noted(0, 1)

        assert one.share == parts(0, 1)
    assert before == (parts(0, 1), STANDS_S - 1)
    assert (given_up, told) == (parts(), [("revoke", parts(0, 1))])
    assert list(lines) == [{"event": "ownership.dropped", "log_level": "warning", "partitions": [0, 1]}]


async def test_what_took_too_long_to_come_is_not_ours() -> None:
    """An assignment that stands no more before it is followed to its end is given to nobody until it is confirmed."""
    around, time = Around(), Time()
    async with owning(around, parts(0), time=time) as one:
        await around.noted(0)
        around.looking.clear()
        around.free.clear()
        one.assigned(parts(0, 1))
        await around.looking.wait()
        await time.goes_by(STANDS_S)
        around.free.set()
        await around.noted()
        given_up = one.share
        one.confirmed(time.s)
        await around.noted(0, 1)

    assert given_up == parts()


async def test_a_note_stays_until_there_is_another_assignment() -> None:
    """While the group is waited for, and while what was assumed is looked up: a start amid either finds it."""
    around, time = Around(), Time()
    last = Noted(parts(1, 2), time.now() - timedelta(seconds=9))
    around.log.marks[MARK] = msgspec.json.encode(last)
    around.free.clear()
    found = []
    async with owning(around, last=last, time=time):
        await time.goes_by(3 * NOTE_EVERY_S)
        found.append(noted(around.log.marks))
    async with owning(around, last=last, stands_after_s=0.001, time=time) as one:
        await around.looking.wait()
        await time.goes_by(3 * NOTE_EVERY_S)
        found.append(noted(around.log.marks))

        assert one.share == parts()
    assert found == [last, last]


async def test_the_groups_last_word_is_noted() -> None:
    """Twice a minute, so that the next start knows how old it is; nothing where there was none since."""
    around, time = Around(), Time()
    async with owning(around, parts(0), time=time) as one:
        await around.noted(0)
        one.confirmed(time.s)
        await time.goes_by(NOTE_EVERY_S)
        one.confirmed(time.s)
        at = time.now()
        await time.goes_by(NOTE_EVERY_S)
        found = noted(around.log.marks)
        around.log.marks.clear()
        await time.goes_by(NOTE_EVERY_S)

    assert (found, around.log.marks) == (Noted(parts(0), at), {})


@pytest.mark.parametrize("turns", range(12))
async def test_it_ends_whenever_it_is_cancelled(turns: int) -> None:
    """Also in the very turn of the loop in which the first assignment comes: a stop that waits for it would hang."""
    around = Around()
    one = Owning(around, around.log, receiver=RECEIVER, look_up=around.look_up, came=around.came, stands_s=STANDS_S)
    task = asyncio.create_task(one.run(Noted()))
    one.assigned(parts(0))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait((task,), timeout=60)

    assert task.cancelled()


async def test_a_log_that_takes_nothing_stops_no_assignment() -> None:
    """What could not be noted is noted with the next one."""
    around = Around()
    around.log.refuses = LogUnavailable("disk_full")
    async with owning(around, parts(0)) as one:
        await asyncio.wait_for(around.told_of.wait(), 60)
        refused = dict(around.log.marks)
        around.log.refuses = None
        one.assigned(parts(0, 1))
        await around.noted(0, 1)

    assert refused == {}


@pytest.mark.parametrize(
    ("marks", "found"),
    [
        pytest.param({}, Noted(), id="none"),
        pytest.param(
            {MARK: b'{"partitions":[0,3],"confirmed_at":"2026-07-14T09:00:00Z"}'},
            Noted(parts(0, 3), datetime.fromisoformat("2026-07-14T09:00:00Z")),
            id="noted",
        ),
        pytest.param({MARK: b"[0,3]"}, Noted(), id="of another version"),
        pytest.param({MARK: b"[0"}, Noted(), id="damaged"),
    ],
)
def test_what_was_noted_is_read_back(marks: dict[str, bytes], found: Noted) -> None:
    """Nothing where there is nothing that can be read: the group will say."""
    assert noted(marks) == found
