"""Whoever decides, and however often it was stopped: the decisions are those of one run that was never interrupted."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.qos.engine.alert import Change
from consumers.qos.engine.engine import Engine
from consumers.qos.engine.state import Input
from schemas.events import Person
from schemas.rules import NoData, QosRules, RollUp, Rule

from .told import again, alive, ended, loss, merged, roster, run, sample, subscription

RULES = QosRules(
    lateness_s=10,
    no_data=NoData(participant_after_s=40, meeting_after_s=60, all_after_s=90),
    rules=(
        Rule(name="loss", metric="packet_loss_ratio", above=0.1, clear=0.05, for_s=10, keep_firing_for_s=15),
        Rule(name="slow", metric="round_trip_ms", above=500, for_s=0, bad=2, of=3, severity="critical"),
    ),
    roll_ups=(
        RollUp(level="site", at_least=2, share=0.5, meetings=2),
        RollUp(level="meeting", at_least=2, share=0.5),
    ),
)
UNTIL = 200

_seconds = st.floats(0, UNTIL - 40).map(lambda s: round(s, 1))
_people = st.sampled_from(["p-1", "p-2", "p-3"])
_meetings = st.sampled_from(["m-1", "m-2"])
_samples = st.builds(
    lambda who, when, ratio, meeting, site, rtt: sample(who, when, loss(ratio), meeting=meeting, site=site, rtt=rtt),
    _people,
    _seconds,
    st.sampled_from([0.0, 0.07, 0.2, 0.5]),
    _meetings,
    st.sampled_from([None, "深圳", "北京"]),
    st.sampled_from([None, 100.0, 900.0]),
)
_others = st.one_of(
    st.builds(lambda when, meeting: ended(when, meeting=meeting), _seconds, _meetings),
    st.builds(
        lambda change, when, meeting: subscription(change, when, meeting=meeting),
        st.sampled_from(["opened", "lost"]),
        _seconds,
        _meetings,
    ),
    st.builds(
        lambda who, when, meeting: roster(when, [Person(participant_id=who)], meeting=meeting),
        _people,
        _seconds,
        _meetings,
    ),
)
_worlds = st.lists(st.one_of(_samples, _samples, _samples, _others), min_size=5, max_size=60)


@settings(max_examples=60, deadline=None)
@given(world=_worlds, data=st.data())
def test_a_snapshot_at_any_moment_and_records_that_come_again_change_nothing(world: list[Input], data: Any) -> None:
    """Killed after any record, it goes on from its last snapshot and reads again what came since."""
    whole = run(Engine(RULES), world, until=UNTIL)
    inputs = merged(world, UNTIL)
    cut = data.draw(st.integers(0, len(inputs)))
    back = data.draw(st.integers(0, cut))

    engine, told = Engine(RULES), list[Change]()
    for one in inputs[:back]:
        engine.take(one)
        told += engine.decide()
    snapshot = again(engine, RULES)
    for one in inputs[back:cut]:
        engine.take(one)
        told += engine.decide()
    for one in inputs[back:]:
        snapshot.take(one)
        told += snapshot.decide()

    # What was decided between the snapshot and the kill is decided once more, under the same IDs.
    once = list({change.id: change for change in told}.values())
    assert once == whole


@settings(max_examples=60, deadline=None)
@given(world=_worlds, data=st.data())
def test_the_order_in_which_topics_are_mixed_changes_nothing(world: list[Input], data: Any) -> None:
    """As long as nothing comes later than the clock by more than the lateness."""
    whole = run(Engine(RULES), world, until=UNTIL)
    shaken = sorted(
        merged(world, UNTIL),
        key=lambda one: one.received_ms + (0 if one.event.__class__.__name__ == "ReceiverAlive" else _shift(data)),
    )

    engine, told = Engine(RULES), list[Change]()
    for one in shaken:
        engine.take(one)
        if data.draw(st.booleans()):
            told += engine.decide()
    told += engine.decide()

    assert (told, engine.state.late) == (whole, 0)


def _shift(data: Any) -> int:
    shift: int = data.draw(st.integers(-9_000, 9_000))
    return shift


@settings(max_examples=30, deadline=None)
@given(world=_worlds)
def test_two_partitions_are_decided_as_one(world: list[Input]) -> None:
    """The clock is that of the last of them; a receiver that is silent in one holds up nobody for long."""
    whole = run(Engine(RULES), world, until=UNTIL)
    engine = Engine(RULES)
    engine.state.clock.expect([0, 1])

    told = list[Change]()
    for one in merged([*world, *(alive(seconds, partition=1) for seconds in range(0, UNTIL + 30, 10))], UNTIL):
        engine.take(one)
        told += engine.decide()

    assert told == whole
