"""When a sign of life counts: once all that it speaks for has been read."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.qos.aligning import AHEAD_MS, Alignment, Place
from consumers.qos.engine.alert import Change
from consumers.qos.engine.clock import SILENT_AFTER_MS
from consumers.qos.engine.engine import Engine
from consumers.qos.engine.state import Input
from schemas.events import QualitySampled, ReceiverAlive
from schemas.record import partition_of
from schemas.rules import NoData, QosRules, RollUp, Rule
from schemas.topics import QUALITY, STATE

from .engine.test_as_if_uninterrupted import RULES as TICKED
from .engine.told import START_MS, alive, loss, run, sample

TOPICS = (QUALITY, STATE)


def test_a_sign_waits_until_all_topics_of_its_partition_were_read() -> None:
    """Up to where they ended after it was read."""
    alignment, sign = Alignment(TOPICS, START_MS), alive(10)
    alignment.hold(sign)
    signs = alignment.unasked()
    assert [*alignment.counting({(QUALITY, 0): 9, (STATE, 0): 9})] == []

    alignment.answered(signs, {(QUALITY, 0): 5, (STATE, 0): 2, (QUALITY, 1): 70})

    assert alignment.unasked() == []
    assert [*alignment.counting({(QUALITY, 0): 4, (STATE, 0): 2})] == []
    assert alignment.held() == [sign]
    assert [*alignment.counting({(QUALITY, 0): 5, (STATE, 0): 2})] == [sign]
    assert alignment.held() == []


def test_signs_of_a_partition_count_in_order() -> None:
    """The second not before the first, though its ends are known and reached."""
    first, second = alive(10), alive(20)
    alignment = Alignment(TOPICS, START_MS, [first])
    signs = alignment.unasked()
    alignment.hold(second)
    places = {(QUALITY, 0): 5, (STATE, 0): 2}
    alignment.answered(alignment.unasked()[1:], places)
    assert [*alignment.counting(places)] == []

    alignment.answered(signs, places)

    assert [*alignment.counting(places)] == [first, second]


def test_far_behind_a_sign_counts_once_all_was_read_that_is_a_minute_younger() -> None:
    """The end is far away, and all up to there would have to lie in memory."""
    alignment, sign = Alignment(TOPICS, START_MS), alive(10)
    alignment.hold(sign)
    alignment.answered(alignment.unasked(), {(QUALITY, 0): 1_000_000, (STATE, 0): 2})
    alignment.saw(QUALITY, 0, sign.received_ms + SILENT_AFTER_MS - 1)
    assert [*alignment.counting({(QUALITY, 0): 7, (STATE, 0): 2})] == []

    alignment.saw(QUALITY, 0, sign.received_ms + SILENT_AFTER_MS)

    assert [*alignment.counting({(QUALITY, 0): 8, (STATE, 0): 2})] == [sign]


def test_who_runs_ahead_of_the_slowest_is_held_back() -> None:
    """As long as that one has more to be read."""
    alignment = Alignment(TOPICS, START_MS)
    alignment.answered([], {(QUALITY, 0): 10, (STATE, 0): 10, (STATE, 1): 0})
    alignment.saw(QUALITY, 0, START_MS + AHEAD_MS + 1)
    alignment.saw(STATE, 1, START_MS + AHEAD_MS)

    assert alignment.ahead({(QUALITY, 0): 5, (STATE, 0): 9, (STATE, 1): 3}) == {(QUALITY, 0)}
    assert alignment.ahead({(QUALITY, 0): 10, (STATE, 0): 10, (STATE, 1): 3}) == frozenset()


def test_in_one_sequence_nothing_waits() -> None:
    """What comes before a sign was read before it."""
    alignment, sign = Alignment((), START_MS), alive(10)

    alignment.hold(sign)

    assert [*alignment.counting({})] == [sign]


RULES = QosRules(
    lateness_s=TICKED.lateness_s,
    no_data=NoData(participant_after_s=40, meeting_after_s=60, all_after_s=90),
    rules=(
        *TICKED.rules,
        Rule(name="cut", metric="packet_loss_ratio", above=0.4, for_s=0, keep_firing_for_s=10, at_once=True),
    ),
    roll_ups=(RollUp(level="meeting", at_least=2, share=0.5),),
)
UNTIL = 200
_samples = st.builds(
    lambda who, when, ratio, meeting: sample(who, when, loss(ratio), meeting=meeting),
    st.sampled_from(["p-1", "p-2", "p-3"]),
    st.floats(0, UNTIL - 40).map(lambda s: round(s, 1)),
    st.sampled_from([0.0, 0.07, 0.2, 0.5]),
    st.sampled_from(["m-1", "m-2", "m-3"]),
)


def by_alert(changes: list[Change]) -> dict[str, list[Change]]:
    """Return the life of each alert."""
    lives: dict[str, list[Change]] = {}
    for change in sorted(changes, key=lambda one: (one.at_ms, one.id)):
        lives.setdefault(change.alert.id, []).append(change)
    return lives


@settings(max_examples=60, deadline=None)
@given(world=st.lists(_samples, min_size=5, max_size=50), data=st.data())
def test_however_fast_each_partition_is_read_the_decisions_are_the_same(world: list[Input], data: Any) -> None:
    """Two topics with two partitions each, read in whatever mixture, ends asked whenever; nothing is ever late."""
    signs = [alive(when, partition=number) for when in range(0, UNTIL + 30, 10) for number in (0, 1)]
    everything = sorted([*world, *signs], key=lambda one: one.received_ms)
    reference = Engine(RULES)
    reference.state.clock.expect([0, 1])
    # `run` adds signs of life of one receiver to partition 0, which are these.
    whole = run(reference, [one for one in everything if getattr(one.event, "partition", 1) == 1], until=UNTIL)
    logs: dict[Place, list[Input]] = {(topic, number): [] for topic in TOPICS for number in (0, 1)}
    for one in everything:
        logs[_place(one)].append(one)
    ends = {place: len(log) for place, log in logs.items()}

    engine, alignment, told = Engine(RULES), Alignment(TOPICS, START_MS), list[Change]()
    steps: Iterator[Change | None] = iter(())
    engine.state.clock.expect([0, 1])
    places = dict.fromkeys(logs, 0)
    while places != ends:
        place = data.draw(st.sampled_from(sorted(place for place in logs if places[place] < ends[place])))
        for _ in range(data.draw(st.integers(1, 8))):
            if places[place] < ends[place]:
                one = logs[place][places[place]]
                places[place] += 1
                alignment.saw(place[0], place[1], one.received_ms)
                (alignment.hold if isinstance(one.event, ReceiverAlive) else engine.take)(one)
        if data.draw(st.booleans()):
            alignment.answered(alignment.unasked(), ends)
        for sign in alignment.counting(places):
            engine.take(sign)
        told += engine.at_once()
        # Half a tick, and more is read.
        some = list(itertools.islice(steps, data.draw(st.integers(1, 5))))
        told += [change for change in some if change is not None]
        steps = steps if some else engine.steps(pause_every=1)
    told += [change for change in steps if change is not None]
    alignment.answered(alignment.unasked(), ends)
    for sign in alignment.counting(places):
        engine.take(sign)
    told += engine.decide()

    assert (engine.state.late, reference.state.late) == (0, 0)
    assert by_alert(told) == by_alert(whole)


def _place(one: Input) -> Place:
    if isinstance(one.event, ReceiverAlive):
        return STATE, one.event.partition
    assert isinstance(one.event, QualitySampled)
    return QUALITY, partition_of(one.event.meeting_id, 2)
