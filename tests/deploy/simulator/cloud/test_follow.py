"""The same meetings on both sides: what the enterprise push tells is what the cloud holds."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.simulator import ManualClock, day_of_meetings
from deploy.simulator.cloud import Cloud, CloudOptions
from deploy.simulator.cloud.follow import follow
from deploy.simulator.spoil import MISTYPED, with_unknown_members

from .client import START

HELD = {"meetingID": "123456789", "meetingUUID": "u1"}


def cloud_that_follows(*events: dict[str, Any]) -> Cloud:
    """Return a cloud that was told of these events."""
    cloud = Cloud(CloudOptions(), ManualClock(START))
    for event in events:
        follow(cloud, event)
    return cloud


def event(name: str, meeting: dict[str, Any] | None = None, **attendee: Any) -> dict[str, Any]:
    """Return an event of the enterprise push."""
    payload = {"meetingInfo": meeting or HELD} | ({"attendeeInfo": attendee} if attendee else {})
    return {"event": name, "timestamp": 1, "payload": payload}


STARTED = event("meeting.started")
JOINED = event("meeting.join", participantID="p1", displayName="王小明", joinTime=5, role="CHAIR", userAgent="A-mobile")


def test_day_is_followed_to_its_end() -> None:
    """Whoever is pushed to be in a meeting is in it, at every moment; and nothing is on when the day is over."""
    cloud, there = cloud_that_follows(), dict[str, set[str]]()
    for planned in day_of_meetings(seed=1, meetings=16, start=START):
        follow(cloud, planned.event_info)
        match planned.event_info:
            case {"event": "meeting.started", "payload": {"meetingInfo": {"meetingUUID": str(held)}}}:
                there[held] = set()
            case {"event": "meeting.end", "payload": {"meetingInfo": {"meetingUUID": str(held)}}}:
                del there[held]
            case {
                "event": "meeting.join" | "meeting.left",
                "payload": {"meetingInfo": {"meetingUUID": str(held)}, "attendeeInfo": {"participantID": str(pid)}},
            }:
                there[held] ^= {pid}
            case _:
                pass
        assert {meeting.meeting_uuid: set(meeting.people) for meeting in cloud.on.values()} == there

    assert len(cloud.past) > 16


def test_people_are_the_same_on_both_sides() -> None:
    """Under the same participant ID, with the same name, role and time."""
    (person,) = cloud_that_follows(STARTED, JOINED).on["123456789"].people.values()

    assert (person.pid, person.name, person.chair, person.joined_ms) == ("p1", "王小明", True, 5)
    assert (person.login_type, person.anonymous) == ("Mobile", True)


@pytest.mark.parametrize("told", ["900000001", "900000002"])
def test_cloud_room_is_held_under_an_id_of_its_own(told: str) -> None:
    """Every other fixed ID is a cloud room's; the others are personal ones."""
    (meeting,) = cloud_that_follows(event("meeting.started", {"meetingID": told, "meetingUUID": "u1"})).on.values()

    assert (meeting.told_id, meeting.room_id, meeting.meeting_id == told) == (
        told,
        told if told.endswith("1") else None,
        told.endswith("2"),
    )


@pytest.mark.parametrize(
    ("events", "on", "people"),
    [
        pytest.param([STARTED, STARTED], 1, 0, id="started twice"),
        pytest.param([STARTED, JOINED, JOINED], 1, 1, id="joined twice"),
        pytest.param([JOINED], 0, 0, id="joined before the start"),
        pytest.param([STARTED, event("meeting.join")], 1, 0, id="joined without anyone"),
        pytest.param([STARTED, event("meeting.left", participantID="p1")], 1, 0, id="left, never came"),
        pytest.param([STARTED, event("meeting.end"), event("meeting.end")], 0, 0, id="ended twice"),
        pytest.param([STARTED, event("meeting.end"), STARTED], 0, 0, id="started late"),
        pytest.param([STARTED, event("meeting.conclude")], 1, 0, id="closed"),
        pytest.param([event("meeting.create")], 0, 0, id="announced"),
        pytest.param([{"event": "meeting.verify", "timestamp": 1}], 0, 0, id="handshake"),
        pytest.param([with_unknown_members(STARTED, __import__("random").Random(1))], 1, 0, id="members more"),
    ],
)
def test_what_does_not_fit_is_passed_over(events: list[dict[str, Any]], on: int, people: int) -> None:
    """Told twice, late, or of what is not there."""
    cloud = cloud_that_follows(*events)

    assert (len(cloud.on), sum(len(meeting.people) for meeting in cloud.on.values())) == (on, people)


@pytest.mark.parametrize("mistype", MISTYPED)
def test_mistyped_event_is_outlived(mistype: Any) -> None:
    """The simulator sends such, and must not fall over them itself."""
    assert len(cloud_that_follows(mistype(STARTED), mistype(JOINED)).past) == 0


def test_next_holding_ends_the_one_before() -> None:
    """Where the end was never told."""
    again = {"meetingID": "123456789", "meetingUUID": "u2", "meetingCycleSubID": "c2"}
    cloud = cloud_that_follows(STARTED, event("meeting.started", again))

    assert [(one.meeting_uuid, one.cycle_sub_id) for one in cloud.on.values()] == [("u2", "c2")]
    assert list(cloud.past) == ["u1"]
