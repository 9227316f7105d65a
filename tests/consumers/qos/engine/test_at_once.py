"""What is told with the sample that makes it bad, and what its tick makes of that later."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.qos.engine.alert import Change
from consumers.qos.engine.engine import Engine
from consumers.qos.engine.state import Input
from schemas.rules import NoData, QosRules, RollUp, Rule, Scope

from .told import START_MS, again, brief, decided, ended, loss, merged, run, sample

LATE = NoData(participant_after_s=3_600, meeting_after_s=3_600, all_after_s=3_600)
CUT = Rule(
    name="cut", metric="packet_loss_ratio", above=0.4, for_s=0, keep_firing_for_s=10, at_once=True, severity="critical"
)
SLOW = Rule(name="slow", metric="round_trip_ms", above=500, for_s=0, keep_firing_for_s=10)


def rules(*several: Rule, **others: object) -> QosRules:
    """Return a rule file."""
    return QosRules(rules=several, **({"no_data": LATE} | others))  # type: ignore[arg-type]  # as each test says


def test_a_sample_is_told_of_before_anything_else_comes() -> None:
    """No sign of life, no tick: the sample alone."""
    engine = Engine(rules(CUT))

    engine.take(sample("p-1", 3.25, loss(0.9)))

    (change,) = engine.decide()
    assert brief([change]) == [("fired", "participant", "acme/m-1/p-1", 3.25)]
    assert (change.alert.severity, change.alert.direction) == ("critical", "uplink")
    assert [(trouble.check, trouble.seen[-1].value) for trouble in change.alert.troubles] == [("cut/audio/sent", 0.9)]
    assert list(engine.decide()) == []


def test_its_tick_says_nothing_more_of_it_and_tells_when_it_is_over() -> None:
    """One alert, under one ID, told once and ended once."""
    samples = [sample("p-1", when, loss(ratio)) for when, ratio in [(3, 0.9), (13, 0.9), (23, 0.0), (38, 0.0)]]

    changes = decided(rules(CUT), samples, until=80)

    assert brief(changes) == [
        ("fired", "participant", "acme/m-1/p-1", 3.0),
        ("resolved", "participant", "acme/m-1/p-1", 35.0),
    ]
    assert len({change.alert.id for change in changes}) == 1


def test_it_lasts_as_long_as_its_rule_keeps_it_though_it_was_bad_for_a_moment() -> None:
    """Bad and good within one tick."""
    changes = decided(rules(CUT), [sample("p-1", 1, loss(0.9)), sample("p-1", 2, loss(0.0))], until=40)

    assert brief(changes) == [
        ("fired", "participant", "acme/m-1/p-1", 1.0),
        ("resolved", "participant", "acme/m-1/p-1", 15.0),
    ]


def test_other_rules_join_the_alert_when_their_tick_is_decided() -> None:
    """The participant has one alert."""
    changes = decided(rules(CUT, SLOW), [sample("p-1", when, loss(0.9), rtt=900.0) for when in (3, 70)], until=80)

    assert brief(changes) == [
        ("fired", "participant", "acme/m-1/p-1", 3.0),
        ("updated", "participant", "acme/m-1/p-1", 75.0),
    ]


def test_what_was_told_at_once_is_held_back_where_a_roll_up_explains_it() -> None:
    """Seconds later: nobody knew before that many have it."""
    site = RollUp(level="meeting", at_least=3, share=0.5)

    changes = decided(rules(CUT, roll_ups=(site,)), [sample(f"p-{n}", 3, loss(0.9)) for n in range(3)], until=20)

    assert [(change.change, change.alert.level) for change in changes] == [
        *[("fired", "participant")] * 3,
        ("fired", "meeting"),
        *[("held_back", "participant")] * 3,
    ]


def test_what_no_tick_finds_is_over_with_its_tick() -> None:
    """The meeting ended in between, and the end came on another topic."""
    changes = decided(rules(CUT), [sample("p-1", 3, loss(0.9)), ended(4)], until=30)

    assert [(one.change, one.because, one.at_ms - START_MS) for one in changes] == [
        ("fired", None, 3_000),
        ("resolved", "gone", 5_000),
    ]


@pytest.mark.parametrize(
    ("again_s", "told"),
    [pytest.param(70, [3.0, 75.0], id="by its tick"), pytest.param(100, [3.0, 100.0], id="at once")],
)
def test_it_is_told_at_once_again_after_a_minute(again_s: int, told: list[float]) -> None:
    """Sooner than that its tick tells of it: the one before may not be over yet by then."""
    samples = [(3, 0.9), (13, 0.0), (40, 0.0), (again_s - 5, 0.0), (again_s, 0.9)]

    changes = decided(rules(CUT), [sample("p-1", when, loss(ratio)) for when, ratio in samples], until=140)

    assert [when for change, _, _, when in brief(changes) if change == "fired"] == told


def test_who_was_away_begins_anew() -> None:
    """Of two bad samples in two the first was twenty minutes ago."""
    rule = msgspec.structs.replace(CUT, bad=2, of=2)
    samples = [sample("p-1", when, loss(0.9)) for when in (3, 1_203, 1_213)]

    changes = decided(rules(rule), samples, until=1_240)

    told = sorted(when for change, _, _, when in brief(changes) if change == "fired")
    assert told == [1_205.0, 1_213.0]


def test_whom_the_service_measures_no_more_begins_anew() -> None:
    """And so does who was away for so long that nothing is remembered of them."""
    engine = Engine(rules(msgspec.structs.replace(CUT, bad=2, of=2)))
    run(engine, [sample("p-1", 3, loss(0.9)), sample("p-1", 4, over=True), sample("p-2", 5, loss(0.9))], until=20)
    assert [*engine.state.foretold.people["acme/m-1"]] == ["p-2"]

    run(engine, [sample("p-3", 700, loss(0.0), meeting="m-2")], until=720)

    assert [*engine.state.foretold.people] == ["acme/m-2"]


def test_a_sample_that_comes_twice_counts_once() -> None:
    """As in its tick."""
    engine = Engine(rules(msgspec.structs.replace(CUT, bad=2, of=2)))
    for _ in range(2):
        engine.take(sample("p-1", 3, loss(0.9)))

    assert list(engine.decide()) == []


def test_enterprises_that_a_rule_is_not_for_are_left_alone() -> None:
    """That is all that a sample tells of its scope."""
    engine = Engine(rules(msgspec.structs.replace(CUT, where=Scope(enterprises=("other",)))))

    engine.take(sample("p-1", 3, loss(0.9)))

    assert list(engine.decide()) == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        pytest.param({"for_s": 10.0}, "at_once goes with for_s = 0", id="what lasts"),
        pytest.param({"where": Scope(departments=("r*",))}, "where.enterprises alone", id="facts of another topic"),
        pytest.param({"service": "packet_loss"}, "does without service", id="a threshold of another topic"),
    ],
)
def test_what_does_not_go_with_at_once(more: dict[str, Any], words: str) -> None:
    """Else what is told would depend on how fast topics are read."""
    with pytest.raises(ValueError, match=words):
        msgspec.convert(msgspec.to_builtins(CUT) | msgspec.to_builtins(more), Rule)


RULES = QosRules(
    lateness_s=10,
    no_data=NoData(participant_after_s=40, meeting_after_s=60, all_after_s=90),
    rules=(
        CUT,
        msgspec.structs.replace(SLOW, at_once=True, bad=2, of=3),
        msgspec.structs.replace(CUT, name="loss", above=0.1, at_once=False),
    ),
    roll_ups=(RollUp(level="meeting", at_least=2, share=0.5),),
)
UNTIL = 300
_samples = st.builds(
    lambda who, when, ratio, meeting, rtt, over: sample(who, when, loss(ratio), meeting=meeting, rtt=rtt, over=over),
    st.sampled_from(["p-1", "p-2"]),
    st.floats(0, UNTIL - 40).map(lambda s: round(s, 1)),
    st.sampled_from([0.0, 0.2, 0.5]),
    st.sampled_from(["m-1", "m-2"]),
    st.sampled_from([None, 100.0, 900.0]),
    st.sampled_from([False, False, False, True]),
)
_ends = st.builds(lambda when: ended(when, meeting="m-1"), st.integers(0, UNTIL - 40))
_worlds = st.lists(st.one_of(_samples, _samples, _samples, _ends), min_size=5, max_size=60)


def by_alert(changes: list[Change]) -> dict[str, list[Change]]:
    """Return the life of each alert, as whoever folds by `occurred_at` sees it."""
    lives: dict[str, list[Change]] = {}
    for change in sorted({one.id: one for one in changes}.values(), key=lambda one: (one.at_ms, one.id)):
        lives.setdefault(change.alert.id, []).append(change)
    return lives


@settings(max_examples=60, deadline=None)
@given(world=_worlds, data=st.data())
def test_how_topics_are_mixed_and_where_it_was_killed_changes_nothing(world: list[Input], data: Any) -> None:
    """The samples of a partition come in one order; how far the others were by then does not matter."""
    whole = run(Engine(RULES), world, until=UNTIL)
    inputs = merged(world, UNTIL)
    samples = [one for one in inputs if type(one.event).__name__ == "QualitySampled"]
    others = [one for one in inputs if one not in samples]
    mixed = []
    for one in others:
        # Samples may be read any time before the clock is past them, and long before it.
        ahead = data.draw(st.integers(-9_000, 60_000))
        while samples and samples[0].received_ms <= one.received_ms + ahead:
            mixed.append(samples.pop(0))
        mixed.append(one)
    mixed += samples
    cut = data.draw(st.integers(0, len(mixed)))
    back = data.draw(st.integers(0, cut))

    engine, told = Engine(RULES), list[Change]()
    for one in mixed[:back]:
        engine.take(one)
        if data.draw(st.booleans()):
            told += engine.decide()
    later = again(engine, RULES)
    for one in mixed[back:cut]:
        engine.take(one)
        told += engine.decide()
    for one in mixed[back:]:
        later.take(one)
        told += later.decide()

    assert later.state.late == 0
    assert by_alert(told) == by_alert(whole)
