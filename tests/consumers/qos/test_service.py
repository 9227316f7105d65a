"""The whole of it over a local log: what is decided is published and told, once, whatever happens to the process."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from consumers.qos import snapshot as snapshots
from consumers.qos.errors import StateInUse
from consumers.qos.snapshot import FILE_NAME
from deploy.meters import PrometheusMeters
from schemas.metrics import Gauge, MetricName
from schemas.rules import QosRules, RollUp, Rule
from tests.consumers.records import OTHER_LOG
from tests.consumers.writing import LogWriter

from .engine.test_engine import LATE
from .engine.told import alive, at, loss, merged, sample
from .world import PATIENCE_S, World, gist

CUT = Rule(name="cut", metric="packet_loss_ratio", above=0.4, for_s=0, keep_firing_for_s=10, at_once=True)
LOSS = Rule(name="loss", metric="packet_loss_ratio", above=0.1, for_s=10, keep_firing_for_s=10)
RULES = QosRules(rules=(CUT, LOSS), no_data=LATE)
BAD = [sample("p-1", when, loss(0.2)) for when in (3, 8, 13, 18)]
GOOD = [sample("p-1", when, loss(0.0)) for when in (23, 33, 43)]
FIRED, OVER = ("fired", "acme/m-1/p-1", 15.0), ("resolved", "acme/m-1/p-1", 35.0)


@pytest.fixture
def world(writer: LogWriter, tmp_path: Path) -> World:
    """A log without records."""
    return World(writer, tmp_path / "qos", RULES, silent_after_s=3_600)


async def test_what_is_decided_is_published_and_told(world: World) -> None:
    """In the order in which it was decided."""
    async with world.running():
        await world.append(merged([*BAD, *GOOD], 60))
        events = await world.sink.until(2)

    assert gist(events) == [FIRED, OVER]
    assert [*world.listener.added] == [record.id for record in world.sink.records]
    assert world.listener.leads == [True, False]


async def test_a_sample_that_is_told_at_once_waits_for_no_sign_of_life(world: World) -> None:
    """It is published with what the next fetch gives."""
    async with world.running():
        await world.append([sample("p-1", 3, loss(0.9))])
        events = await world.sink.until(1)

    assert gist(events) == [("fired", "acme/m-1/p-1", 3.0)]


async def test_what_was_stopped_goes_on(world: World) -> None:
    """Nothing is decided twice, and what began before ends after."""
    inputs = merged([*BAD, *GOOD], 60)
    async with world.running():
        await world.append([one for one in inputs if one.received_ms < inputs[0].received_ms + 31_000])
        await world.sink.until(1)

    async with world.running():
        await world.append([one for one in inputs if one.received_ms >= inputs[0].received_ms + 31_000])
        events = await world.sink.until(2)

    assert gist(events) == [FIRED, OVER]


async def test_what_was_killed_decides_again_and_publishes_once(world: World) -> None:
    """From the snapshot of its start: what is on the topic by then stays the only one."""
    async with world.running():
        first = (Path(world.settings.state_folder) / FILE_NAME).read_bytes()
        await world.append(merged([*BAD, *GOOD], 60))
        await world.sink.until(2)
    # As if it had been killed before it kept anything.
    (Path(world.settings.state_folder) / FILE_NAME).write_bytes(first)

    async with world.running():
        await world.append([sample("p-2", 80, loss(0.9)), *(alive(when) for when in range(80, 120, 10))])
        events = await world.sink.until(3)

    assert gist(events) == [FIRED, OVER, ("fired", "acme/m-1/p-2", 80.0)]


async def test_a_topic_that_takes_nothing_delays_nobodys_being_told(world: World) -> None:
    """A decision is in the outbox first, and is published when that goes again."""
    world.sink.broken = True
    with capture_logs() as lines:
        async with world.running():
            await world.append(merged(BAD, 40))
            await world.until_counted("meetwire_qos_publish_failures_total", 1.0)
            assert (len(world.listener.added), world.sink.records) == (1, [])
            world.sink.broken = False
            world.second += 5.0
            events = await world.sink.until(1)

    assert gist(events) == [FIRED]
    assert [(line["event"], line.get("reason")) for line in lines if line["event"].startswith("alerts.")] == [
        ("alerts.unpublished", "no room"),
        ("alerts.published", None),
    ]


async def test_who_stands_by_publishes_nothing_and_takes_over(world: World) -> None:
    """What it decided meanwhile, and nobody published."""
    world.leading.leads = False
    async with world.running():
        await world.append(merged([*BAD, *GOOD], 60))
        await world.until_counted("meetwire_qos_pending_decisions", 2.0)
        assert world.sink.records == []
        world.leading.leads = True
        events = await world.sink.until(2)

    assert gist(events) == [FIRED, OVER]


async def test_other_rules_end_what_the_old_ones_said_and_begin_with_what_stands(world: World) -> None:
    """Nothing of the past is told again."""
    async with world.running():
        await world.append(merged(BAD, 40))
        await world.sink.until(1)
    world.rules = QosRules(rules=(msgspec.structs.replace(CUT, at_once=False),), no_data=LATE)
    world.now = at(80)
    await world.append([sample("p-2", when, loss(0.9)) for when in (41, 50)])

    async with world.running():
        await world.append([sample("p-2", 85, loss(0.9)), *(alive(when) for when in range(80, 140, 10))])
        events = await world.sink.until(3)

    assert sorted((one.change, one.place, one.because) for one in events) == [
        ("fired", "acme/m-1/p-1", None),
        ("fired", "acme/m-1/p-2", None),
        ("resolved", "acme/m-1/p-1", "lost"),
    ]


async def test_what_a_look_back_finds_held_back_is_told_so(world: World) -> None:
    """What explains it comes first; nobody is told of its people."""
    rule = Rule(name="loss", metric="packet_loss_ratio", above=0.1, for_s=0)
    world.rules = QosRules(rules=(rule,), roll_ups=(RollUp(level="meeting", at_least=2, share=0.5),), no_data=LATE)
    world.now = at(30)
    await world.append([sample(who, 3, loss(0.5)) for who in ("p-1", "p-2")])

    async with world.running():
        await world.append([alive(when) for when in range(10, 90, 10)])
        events = await world.sink.until(3)

    assert [(one.change, one.level) for one in events] == [
        ("fired", "meeting"),
        ("held_back", "participant"),
        ("held_back", "participant"),
    ]


async def test_a_damaged_snapshot_is_said_and_begins_anew(world: World) -> None:
    """What stands is found out by a look back, and is not told twice."""
    async with world.running():
        await world.append(merged(BAD, 10))
        await world.sink.until(1)
    file = Path(world.settings.state_folder) / FILE_NAME
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    world.now = at(50)

    with capture_logs() as lines:
        async with world.running():
            await world.append([*GOOD, sample("p-2", 85, loss(0.9)), *(alive(when) for when in range(50, 120, 10))])
            events = await world.sink.until(3)

    assert [line["reason"] for line in lines if line["event"] == "snapshot.refused"] == ["its hash does not fit"]
    assert gist(events)[0] == FIRED
    assert sorted((one.change, one.place, one.because) for one in events[1:]) == [
        ("fired", "acme/m-1/p-2", None),
        ("resolved", "acme/m-1/p-1", "lost"),
    ]


async def test_one_process_has_the_folder(world: World) -> None:
    """Two would each replace the other's snapshot."""
    async with world.running():
        with pytest.raises(StateInUse, match="another process has it"):
            async with world.running():
                pass


async def test_no_sign_of_life_is_an_alert_by_itself_and_over_with_the_next(world: World) -> None:
    """By this process's own clock; all other alerts go by the records'."""
    async with world.running():
        await world.append([alive(10)])
        await world.until_counted("meetwire_qos_clock_behind_seconds", -10.0)
        world.second += 3_600.0
        (silent,) = await world.sink.until(1)
        await world.append([alive(200)])
        await world.until_counted("meetwire_qos_clock_behind_seconds", -200.0)
        (_, over) = await world.sink.until(2)

    assert [(one.level, one.change, one.severity, one.since) for one in (silent, over)] == [
        ("pipeline", "fired", "critical", at(10)),
        ("pipeline", "resolved", "critical", at(10)),
    ]
    assert (silent.alert_id, over.because, over.occurred_at) == (over.alert_id, "good", at(200))


async def test_who_hears_nothing_for_longer_than_signs_of_life_take_doubts_that_it_leads(world: World) -> None:
    """Until it hears something again."""
    async with world.running():
        await world.until(lambda: world.listener.doubts == [True])
        assert world.second > 12
        await world.append([alive(10)])
        await world.until(lambda: False in world.listener.doubts)


async def test_who_cannot_but_lead_has_no_doubts(world: World) -> None:
    """Where the lock of a file says so there is no other."""
    world.leading.certain = True
    async with world.running():
        await world.until(lambda: world.second > 20, pause_s=0.05)

    assert world.listener.doubts == []


async def test_a_snapshot_is_written_as_often_as_the_settings_say(world: World) -> None:
    """A crash reads no more again than what came since."""
    async with world.running():
        await world.append(merged(BAD, 40))
        await world.sink.until(1)
        world.second = 60.0
        async with asyncio.timeout(PATIENCE_S):
            while (found := await asyncio.to_thread(snapshots.read, Path(world.settings.state_folder))) is None or (
                found.state.decided_ms == 0
            ):
                pass

    assert found.told.standing.keys() == found.state.alerts.keys() == {found.told.standing.popitem()[0]}


async def test_another_log_is_another_world(world: World, tmp_path: Path) -> None:
    """Made anew, or another one's: what was known of the old one is of no use, and its places mean nothing."""
    async with world.running():
        await world.append(merged(BAD, 10))
        await world.sink.until(1)
    other = LogWriter(tmp_path / "other", OTHER_LOG)
    elsewhere = World(other, tmp_path / "qos", RULES, silent_after_s=3_600)

    async with elsewhere.running():
        await elsewhere.append(merged([*BAD, *GOOD], 60))
        events = await elsewhere.sink.until(2)
    other.close()

    assert gist(events) == [FIRED, OVER]


async def test_what_only_the_outbox_says_is_over(world: World, tmp_path: Path) -> None:
    """Told in the days of another log: nobody would ever say that it is over."""
    async with world.running():
        await world.append(merged(BAD, 10))
        await world.sink.until(1)
    other = LogWriter(tmp_path / "other", OTHER_LOG)
    elsewhere = World(other, tmp_path / "qos", RULES, silent_after_s=3_600)
    elsewhere.listener.added = dict(world.listener.added)

    async with elsewhere.running():
        await elsewhere.append([alive(seconds) for seconds in range(0, 60, 10)])
        (event,) = await elsewhere.sink.until(1)
    other.close()

    assert (event.change, event.because, event.place) == ("resolved", "lost", "acme/m-1/p-1")
    assert elsewhere.listener.standing() == []


async def test_a_disk_that_takes_no_snapshot_is_said_and_holds_up_nothing(world: World) -> None:
    """A restart reads more, then."""
    folder = Path(world.settings.state_folder)
    await asyncio.to_thread((folder / f"{FILE_NAME}.draft").mkdir, parents=True)

    with capture_logs() as lines:
        async with world.running():
            await world.append(merged(BAD, 40))
            await world.sink.until(1)

    assert [line["reason"] for line in lines if line["event"] == "snapshot.failed"] == ["Is a directory"] * 2


async def test_an_outbox_that_fails_ends_the_run_and_the_next_one_goes_on(world: World) -> None:
    """Its file has to be opened anew: who went on without would publish and tell nothing more."""
    world.listener.broken = True
    await world.append(merged(BAD, 40))

    with pytest.raises(OSError, match="no room"):
        await world.run_to_its_end()
    world.listener.broken = False

    async with world.running():
        events = await world.sink.until(1)

    assert gist(events) == [FIRED]
    assert list(world.listener.added) == [record.id for record in world.sink.records]


async def test_an_outbox_that_fails_between_decisions_ends_the_run_too(world: World) -> None:
    """Its workers are gone, and nobody would be told again of what stands; while nobody leads, that is shown."""

    async def lead_and_fail() -> None:
        async with world.running():
            await world.until_counted("meetwire_qos_leads", 1.0)
            world.listener.broken = True
            await world.until(world.has_ended)

    with pytest.raises(OSError, match="no room"):
        await lead_and_fail()

    assert await asyncio.to_thread(world.meters.value, "meetwire_qos_leads") == 0.0


class Faulty(PrometheusMeters):
    """Meters with a fault where participants are shown."""

    def gauge(self, name: MetricName, **labels: str) -> Gauge:
        """Fail for one."""
        if name == "meetwire_qos_bad_ratio":
            raise ZeroDivisionError
        return super().gauge(name, **labels)


async def test_a_fault_beside_the_turns_ends_the_run(world: World) -> None:
    """Unnoticed, time would stand still, or what is shown would: whoever runs this begins anew."""
    await world.append(merged(BAD, 10))
    async with world.running():
        await world.sink.until(1)
    world.meters = Faulty()

    with pytest.raises(ZeroDivisionError):
        await world.run_to_its_end()
