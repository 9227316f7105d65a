"""Samples that are asked for come many at once, kind by kind: each counts once, in the order of its measuring."""

from __future__ import annotations

from itertools import permutations

import msgspec
import pytest

from consumers.qos.engine.engine import Engine
from consumers.qos.engine.series import series_of
from consumers.qos.engine.state import Input
from schemas.events import Flow, Person, QualitySampled
from schemas.rules import NoData, QosRules, Rule

from .told import START_MS, at, brief, decided, loss, roster, run, subscription, told

LOSS = Rule(name="loss", metric="packet_loss_ratio", modality="audio", above=0.1, bad=3, of=3, for_s=0)
CPU = Rule(name="cpu", metric="client_cpu_ratio", above=0.8, for_s=0)
RULES = QosRules(rules=(LOSS, CPU), no_data=NoData(participant_after_s=3_600, meeting_after_s=3_600, all_after_s=3_600))
PERSON = Person(participant_id="p-1")


def asked(measured_s: float, received_s: float, *flows: Flow, cpu: float | None = None, source: str = "rest") -> Input:
    """Return a sample of p-1 that was measured at one time, and received later."""
    event = QualitySampled(
        enterprise="acme",
        meeting_id="m-1",
        meeting_uuid=None,
        occurred_at=at(measured_s),
        received_at=at(received_s),
        message_id=None,
        source=source,
        participant_id="p-1",
        over=False,
        rating=None,
        round_trip_ms=None,
        bandwidth_as_sent=None,
        client_cpu_ratio=cpu,
        system_cpu_ratio=None,
        alarms=[],
        flows=list(flows),
        surroundings=None,
    )
    return told(event, received_s)


def ids(inputs: list[Input], names: str) -> list[Input]:
    """Return the inputs under other IDs: these are hashes, so any order of them can come."""
    return [msgspec.structs.replace(one, id=name) for one, name in zip(inputs, names, strict=True)]


@pytest.mark.parametrize("names", [*permutations("abcd")])
def test_those_of_one_answer_are_in_the_order_of_their_measuring(names: tuple[str, ...]) -> None:
    """Three bad ones in a row are three, whatever their IDs are; none is taken for old."""
    ratios = [0.0, 0.2, 0.2, 0.2]
    answer = ids([asked(10.0 * place, 41, loss(ratio)) for place, ratio in enumerate(ratios, 1)], "".join(names))
    engine = Engine(RULES)

    changes = run(engine, answer, until=60)

    (change,) = changes
    (trouble,) = change.alert.troubles
    assert brief(changes) == [("fired", "participant", "acme/m-1/p-1", 45.0)]
    assert [(seen.measured_ms - START_MS) / 1_000 for seen in trouble.seen] == [20.0, 30.0, 40.0]
    assert engine.state.repeated == 0


def test_one_kind_makes_no_other_old() -> None:
    """Voice is asked for first; what the processor did in the same minute counts all the same."""
    engine = Engine(RULES)

    changes = run(engine, [asked(30, 41, loss(0.0)), asked(20, 42, cpu=0.9)], until=60)

    assert brief(changes) == [("fired", "participant", "acme/m-1/p-1", 45.0)]
    assert engine.state.repeated == 0


def test_what_an_earlier_answer_had_counts_once() -> None:
    """It is no news, of whichever kind."""
    engine = Engine(RULES)
    first, second = asked(20, 31, loss(0.2)), asked(20, 41, loss(0.2))

    assert run(engine, [first, second], until=60) == []
    assert engine.state.repeated == 1


def test_how_far_apart_they_come_is_told_by_answers() -> None:
    """Not by the samples of one, which all come at once; and the longest gap is not soon forgotten."""
    engine = Engine(RULES)
    answers = [
        asked(received + part, 60 + received, loss(0.0)) for received in (0, 2_000, 2_060) for part in (1, 11, 21, 31)
    ]

    run(engine, answers, until=2_150)

    meeting = engine.state.meetings["acme/m-1"]
    assert (meeting.gap_ms, meeting.people["p-1"].gap_ms) == (6_328_125, 6_328_125)


def test_who_waits_for_the_next_turn_is_not_silent() -> None:
    """Within the budget of calls it may take a while, of one kind more than of the other."""
    no_data = NoData(participant_after_s=180, meeting_after_s=300, all_after_s=36_000)
    rules = msgspec.structs.replace(RULES, no_data=no_data)
    cycles = [100 + 700 * number for number in range(8)]
    answers = [
        sample
        for begun in cycles
        for sample in (asked(begun - 9, begun, loss(0.0)), asked(begun + 191, begun + 200, cpu=0.1))
    ]

    changes = decided(rules, [subscription("opened", 1), *answers], until=9_000)

    last = cycles[-1] + 200
    assert {(change, level) for change, level, _, _ in brief(changes)} == {
        ("fired", "participant"),
        ("fired", "meeting_silent"),
        ("held_back", "participant"),
    }
    assert all(when > last for *_, when in brief(changes))


def test_nobody_is_silent_who_waits_no_longer_than_others_did() -> None:
    """All of an enterprise wait in one queue; when it is long, or has grown, that is nobody's silence."""
    no_data = NoData(participant_after_s=180, meeting_after_s=3_600, all_after_s=3_600)
    slow = [asked(when - 9, when, loss(0.0)) for when in (10, 2_010)]
    quick = [of("p-2", asked(when - 9, when, loss(0.0))) for when in range(2_100, 2_700, 10)]

    changes = decided(msgspec.structs.replace(RULES, no_data=no_data), [*slow, *quick], until=8_000)

    # One of one waited 2,000 s; now there are two.
    ((_, _, place, when),) = [one for one in brief(changes) if one[2] == "acme/m-1/p-2"]
    assert (place, when) == ("acme/m-1/p-2", 6_870.0)


def of(who: str, one: Input) -> Input:
    """Return the same of somebody else."""
    return msgspec.structs.replace(
        one, event=msgspec.structs.replace(one.event, participant_id=who), id=f"{who}{one.id}"
    )


def test_where_somebody_sits_is_known_before_their_samples_of_the_same_moment() -> None:
    """A roster comes first, whatever its ID is."""
    rule = msgspec.structs.replace(CPU, where=msgspec.structs.replace(CPU.where, departments=("运维",)))
    people = msgspec.structs.replace(PERSON, department="运维")
    inputs = ids([asked(40, 41, cpu=0.9), roster(41, [people])], "ab")

    changes = run(Engine(msgspec.structs.replace(RULES, rules=(rule,))), inputs, until=60)

    assert brief(changes) == [("fired", "participant", "acme/m-1/p-1", 45.0)]


@pytest.mark.parametrize(
    ("one", "name"),
    [
        (asked(1, 2, loss(0.0), source="push"), "push"),
        (asked(1, 2, loss(0.0), loss(0.0, "received")), "rest/audio"),
        (asked(1, 2, loss(0.0, modality="video")), "rest/video"),
        (asked(1, 2, cpu=0.1), "rest/"),
    ],
)
def test_series_have_names(one: Input, name: str) -> None:
    """The pushed is one; what is asked for is one for each kind."""
    assert isinstance(one.event, QualitySampled)
    assert series_of(one.event) == name
