"""What is told of meetings and people beside samples: who is gone, who sits where, what a meeting is called."""

from __future__ import annotations

from typing import Any

import msgspec

from consumers.qos.engine.alert import Change
from consumers.qos.engine.engine import Engine
from consumers.qos.engine.facts import Facts
from consumers.qos.engine.state import Input
from schemas.events import MeetingDescribed, ParticipantChanged, ParticipantGone, Person
from schemas.rules import NoData, QosRules, RollUp, Rule, Scope

from .told import alive, at, brief, decided, ended, loss, roster, run, sample, subscription, told

LOSS = Rule(name="loss", metric="packet_loss_ratio", modality="audio", above=0.1, for_s=0, keep_firing_for_s=10)
LATE = NoData(participant_after_s=3_600, meeting_after_s=3_600, all_after_s=3_600)
RULES = QosRules(rules=(LOSS,), no_data=LATE)


def described(seconds: float, subject: str | None) -> Input:
    """Return what a meeting is called."""
    blank: dict[str, Any] = dict.fromkeys(MeetingDescribed.__struct_fields__)
    known = {"enterprise": "acme", "meeting_id": "m-1", "occurred_at": at(seconds), "received_at": at(seconds)}
    return told(MeetingDescribed(**(blank | known | {"subject": subject})), seconds)


def changed(seconds: float, person: Person, *, roster: str = "participants") -> Input:
    """Return that something about a person is otherwise."""
    event = ParticipantChanged(
        enterprise="acme",
        meeting_id="m-1",
        meeting_uuid=None,
        occurred_at=at(seconds),
        received_at=at(seconds),
        message_id=None,
        roster=roster,
        person=person,
    )
    return told(event, seconds)


def gone(seconds: float, participant_id: str | None) -> Input:
    """Return that a person has left."""
    event = ParticipantGone(
        enterprise="acme",
        meeting_id="m-1",
        meeting_uuid=None,
        occurred_at=at(seconds),
        received_at=at(seconds),
        message_id=None,
        roster="participants",
        person=Person(participant_id=participant_id),
    )
    return told(event, seconds)


def test_the_alert_of_one_who_leaves_is_over() -> None:
    """Since nobody is there any more, not since it is good; whoever has no ID is nobody."""
    changes = decided(RULES, [sample("p-1", 3, loss(0.2)), gone(8, None), gone(13, "p-1")], until=40)

    assert brief(changes) == [
        ("fired", "participant", "acme/m-1/p-1", 5.0),
        ("resolved", "participant", "acme/m-1/p-1", 15.0),
    ]
    assert changes[1].because == "gone"


def test_a_rule_for_some_subjects_holds_once_the_subject_is_known() -> None:
    """Samples before that fit no pattern; to be told the same once more changes nothing."""
    rules = QosRules(
        rules=(Rule(name="vip", metric="packet_loss_ratio", above=0.1, for_s=0, where=Scope(subjects=("VIP*",))),),
        no_data=LATE,
    )
    inputs = [sample("p-1", 3, loss(0.2)), described(8, "vip: board"), described(9, "vip: board"), described(9.5, None)]

    changes = decided(rules, [*inputs, sample("p-1", 13, loss(0.2))], until=40)

    assert brief(changes) == [("fired", "participant", "acme/m-1/p-1", 15.0)]


def test_people_are_rolled_up_by_where_a_roster_says_they_sit() -> None:
    """Before their samples and after them; of the invited, and of nobody, nothing is taken."""
    rules = QosRules(rules=(LOSS,), no_data=LATE, roll_ups=(RollUp(level="department", at_least=2),))
    people = [
        changed(1, Person(participant_id="p-1", department="R&D")),
        changed(1, Person(participant_id=None, department="R&D")),
        changed(1, Person(participant_id="p-3", department="R&D"), roster="invited"),
        *(sample(who, 3, loss(0.2)) for who in ("p-1", "p-2", "p-3")),
        changed(8, Person(participant_id="p-2", department="R&D")),
        changed(9, Person(participant_id="p-2", department="R&D")),
    ]

    changes = decided(rules, people, until=40)

    (together,) = [change for change in changes if change.alert.level == "department"]
    assert brief([together]) == [("fired", "department", "acme/R&D", 10.0)]
    assert (together.alert.people, together.alert.measured) == (2, 2)


def test_a_subscription_that_ends_with_the_meeting_ends_its_alerts() -> None:
    """One that ends otherwise does not."""
    moved = decided(RULES, [sample("p-1", 3, loss(0.2)), subscription("closed", 8, reason="moved")], until=40)
    over = decided(RULES, [sample("p-1", 3, loss(0.2)), subscription("closed", 8, reason="meeting_over")], until=40)
    gap = decided(RULES, [sample("p-1", 3, loss(0.2)), subscription("gap", 8)], until=40)

    assert brief(moved) == brief(gap) == [("fired", "participant", "acme/m-1/p-1", 5.0)]
    assert brief(over)[1:] == [("resolved", "participant", "acme/m-1/p-1", 10.0)]


def of(one: Input, uuid: str | None) -> Input:
    """Return the same of one holding of its meeting."""
    return msgspec.structs.replace(one, event=msgspec.structs.replace(one.event, meeting_uuid=uuid))


def ends(*inputs: Input) -> list[str | None]:
    """Return why alerts were over."""
    return [change.because for change in decided(RULES, inputs, until=100) if change.change == "resolved"]


def test_the_end_of_a_holding_that_comes_late_ends_no_other() -> None:
    """The service tries for a day: the room is in use again by then, with people whose alerts stand."""
    bad, late = of(sample("p-1", 63, loss(0.2)), "u-2"), of(ended(50), "u-1")
    late = msgspec.structs.replace(late, received_ms=late.received_ms + 20_000)

    assert ends(bad, late) == []
    assert ends(bad, of(ended(70), "u-2")) == ["gone"]


def test_an_end_counts_where_nobody_knows_whose_it_is() -> None:
    """Of a holding that was not heard of since, or has no UUID."""
    bad = sample("p-1", 3, loss(0.2))

    for known, over in ((None, "u-2"), ("u-1", None), ("u-1", "u-2")):
        assert ends(of(bad, known), of(ended(50), over)) == ["gone"]


def test_a_meeting_that_nobody_tells_the_end_of_is_forgotten_after_a_day() -> None:
    """Its silence is an alert until then, and not for ever."""
    rules = msgspec.structs.replace(RULES, no_data=NoData(participant_after_s=60, meeting_after_s=60))
    engine, day = Engine(rules), 27 * 3_600
    lost = [subscription("opened", 1), sample("p-1", 3, loss(0.0))]
    others = [sample("p-2", when, loss(0.0), meeting="m-2") for when in range(3, day, 60)]
    changes = list[Change]()
    for one in sorted([*lost, *others, *(alive(when) for when in range(0, day, 60))], key=lambda one: one.received_ms):
        engine.take(one)
        changes += engine.decide()

    over = [change for change in changes if change.alert.meeting_id == "m-1" and change.change == "resolved"]
    assert sorted((change.alert.level, change.because) for change in over) == [
        ("meeting_silent", "gone"),
        ("participant", "gone"),
    ]
    assert list(engine.state.meetings) == ["acme/m-2"]


def test_who_is_not_in_the_roster_any_more_is_forgotten() -> None:
    """Whoever was never measured as well."""
    engine = Engine(RULES)
    people = [Person(participant_id="p-1"), Person(participant_id="p-2")]

    run(engine, [roster(1, people), roster(8, people[:1])], until=40)

    assert list(engine.state.meetings["acme/m-1"].known) == ["p-1"]


def test_nothing_of_a_person_is_in_a_text_of_ours() -> None:
    """Where somebody sits is not shown by accident."""
    one = sample("p-1", 3, site="深圳")

    assert (repr(one), repr(Facts(enterprise="acme", meeting="acme/m-1", site="深圳"))) == (
        f"<Input {one.id}>",
        "<Facts of acme/m-1>",
    )
