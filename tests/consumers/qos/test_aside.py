"""What nobody can read is said once, by whoever leads, and ends nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
import structlog
from structlog.testing import capture_logs

from consumers.errors import SinkUnavailable, TooManyDeadLetters
from consumers.letter import Dead
from consumers.limit import Limit
from consumers.qos.aside import HELD_S, KEPT_S, MOST, TRY_AGAIN_S, Aside
from consumers.qos.snapshot import FILE_NAME
from schemas.record import Record
from schemas.rules import QosRules, Rule
from tests.consumers.handling import ListSink, dead_letters
from tests.consumers.reads import stored
from tests.consumers.records import record, started
from tests.consumers.writing import LogWriter

from .engine.test_engine import LATE
from .engine.told import loss, sample
from .world import Chosen, World, gist, recorded

CUT = Rule(name="cut", metric="packet_loss_ratio", above=0.4, for_s=0, at_once=True)
TORN = msgspec.structs.replace(recorded(sample("p-1", 1, loss(0.9))), value=b"{")


def dead(number: int) -> Dead:
    """Return one that nobody can read."""
    return Dead(stored(record(started(f"m-{number}")), first=number + 1)[0], "undecodable", "$")


def aside(sink: ListSink, limit: Limit | None = None) -> Aside:
    """Return one that says it there."""
    return Aside(dead_letters(sink, limit=limit), structlog.get_logger())


async def test_what_was_read_before_it_led_is_said_once_it_does() -> None:
    """And once only."""
    sink = ListSink()
    one = aside(sink)
    one.take([dead(1)], 5, 0.0)
    one.take([], 5, 1.0)
    one.leave(KEPT_S - 1)
    assert one.holds(KEPT_S - 1)

    await one.say(KEPT_S - 1)
    await one.say(KEPT_S)

    assert (one.holds(KEPT_S), len(sink.records)) == (False, 1)


async def test_who_stands_by_leaves_it_to_whoever_leads() -> None:
    """It keeps it for a while, and no more than it may."""
    sink = ListSink()
    one = aside(sink)
    one.take([dead(1)], 1, 0.0)
    one.leave(KEPT_S)
    assert not one.holds(KEPT_S)
    for number in range(MOST + 5):
        one.take([dead(number)], 1, KEPT_S)
        one.leave(KEPT_S)

    await one.say(KEPT_S)

    assert len(sink.records) == MOST


async def test_a_topic_that_takes_nothing_is_tried_again_and_counts_nothing_twice() -> None:
    """The limit is on what cannot be read, not on how often that is said."""
    sink = ListSink(broken=True)
    one = aside(sink, Limit(count=1, ratio=0.0))
    one.take([dead(1)], 1, 0.0)
    with capture_logs() as lines:
        for second in range(20):
            await one.say(float(second))
    assert (one.holds(20.0), one.holds(HELD_S)) == (True, False)
    assert [line["event"] for line in lines] == ["consumer.failed"]

    sink.mended()
    await one.say(20.0 + TRY_AGAIN_S)

    assert (one.holds(20.0), len(sink.records)) == (False, 1)


async def test_too_many_of_them_end_it() -> None:
    """Then it is this version's fault; and what waits must not fill the memory."""
    one, other = aside(ListSink(), Limit(count=1, ratio=0.0)), aside(ListSink(broken=True), Limit(count=1_000))
    one.take([dead(1), dead(2)], 2, 0.0)
    other.take([dead(number) for number in range(MOST + 1)], 200, 0.0)

    with pytest.raises(TooManyDeadLetters):
        await one.say(0.0)
    with pytest.raises(SinkUnavailable):
        await other.say(0.0)


@pytest.fixture
def world(writer: LogWriter, tmp_path: Path) -> World:
    """A log without records."""
    return World(writer, tmp_path / "qos", QosRules(rules=(CUT,), no_data=LATE), silent_after_s=3_600)


async def append(world: World, one: Record) -> None:
    """Append a record as it is."""
    async with world.sink.turn:
        await asyncio.to_thread(world.writer.append, one)


async def test_what_is_read_in_the_first_turn_is_said(world: World) -> None:
    """Nobody leads yet then; and the rest goes on."""
    await append(world, TORN)
    async with world.running():
        await world.sink.until(1)
        await world.append([sample("p-2", 3, loss(0.9))])
        events = await world.sink.until(2)

    assert [one.type for one in world.sink.records] == ["RecordDeadLettered", "AlertChanged"]
    assert gist(events) == [("fired", "acme/m-1/p-2", 3.0)]


class Following(Chosen):
    """Counts how often it is asked: once in each turn."""

    asked = 0

    @property
    def leads(self) -> bool:
        """Whether it does."""
        self.asked += 1
        return self._leads

    @leads.setter
    def leads(self, leads: bool) -> None:
        self._leads = leads


async def test_what_the_leader_did_not_say_whoever_follows_does(world: World) -> None:
    """It had read it already."""
    world.leading = following = Following(leads=False)
    async with world.running():
        await append(world, TORN)
        enough = following.asked + 5
        await world.until(lambda: following.asked >= enough, step_s=0.0)
        assert world.sink.records == []
        following.leads = True
        await world.sink.until(1)

    assert [one.type for one in world.sink.records] == ["RecordDeadLettered"]


async def test_alerting_goes_on_without_the_topic_of_dead_letters(world: World) -> None:
    """What waits to be said is in no snapshot: whoever begins after a crash reads it again."""
    world.sink.broken = True
    async with world.running():
        first = await asyncio.to_thread((Path(world.settings.state_folder) / FILE_NAME).read_bytes)
        await append(world, TORN)
        await world.append([sample("p-2", 3, loss(0.9))])
        await world.until(lambda: len(world.listener.added) == 1, step_s=0.0)
        # Time for a snapshot, and for some turns.
        world.second += 100.0
        enough = world.sink.refused + 4
        await world.until(lambda: world.sink.refused >= enough, pause_s=0.05, step_s=0.2)
    assert await asyncio.to_thread((Path(world.settings.state_folder) / FILE_NAME).read_bytes) == first

    world.sink.broken = False
    async with world.running():
        await world.sink.until(2)

    assert sorted(one.type for one in world.sink.records) == ["AlertChanged", "RecordDeadLettered"]
