"""What is told of meetings and people beside samples: who is gone, who sits where, what a meeting is called."""

from __future__ import annotations

from typing import Any

from consumers.qos.engine.facts import Facts
from consumers.qos.engine.state import Input
from schemas.events import MeetingDescribed, ParticipantChanged, ParticipantGone, Person
from schemas.rules import NoData, QosRules, RollUp, Rule, Scope

from .told import at, brief, decided, loss, sample, subscription, told

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


def test_nothing_of_a_person_is_in_a_text_of_ours() -> None:
    """Where somebody sits is not shown by accident."""
    one = sample("p-1", 3, site="深圳")

    assert (repr(one), repr(Facts(enterprise="acme", meeting="acme/m-1", site="深圳"))) == (
        f"<Input {one.id}>",
        "<Facts of acme/m-1>",
    )
