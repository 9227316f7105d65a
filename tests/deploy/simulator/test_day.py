"""A day of meetings: repeatable, in order, within its hours, and with everything that the service is known for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.simulator import Planned, day_of_meetings
from deploy.simulator.events import BUSINESS_EVENTS, milliseconds
from deploy.simulator.people import PEOPLE

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
Told = list[dict[str, Any]]


def day(seed: int = 7, meetings: int = 60, hours: float = 10) -> list[Planned]:
    """Return a whole day."""
    return list(day_of_meetings(seed=seed, meetings=meetings, start=START, hours=hours))


def events(planned: Iterable[Planned]) -> Told:
    """Return what is pushed."""
    return [dict(one.event_info) for one in planned]


def named(told: Told, *names: str) -> Told:
    """Return the events of these names."""
    return [event for event in told if event["event"] in names]


def meeting(event: dict[str, Any]) -> dict[str, str]:
    """Return meetingInfo."""
    found: dict[str, str] = event["payload"]["meetingInfo"]
    return found


def by_meeting(told: Told) -> dict[str, list[str]]:
    """Return the names of each meeting's own events, in order."""
    stories: defaultdict[str, list[str]] = defaultdict(list)
    for event in told:
        if "attendeeInfo" not in event["payload"]:
            stories[meeting(event)["meetingID"]].append(event["event"])
    return stories


def test_same_seed_tells_the_same_day() -> None:
    """A failure that a day found is found again."""
    assert day(seed=7) == day(seed=7)
    assert day(seed=7) != day(seed=8)


@pytest.mark.parametrize("hours", [0.02, 1, 10, 24])
def test_day_is_in_order_and_within_its_hours(hours: float) -> None:
    """However short, the day ends when it should, and nothing is cut off."""
    at = [planned.at for planned in day(hours=hours)]

    assert len(at) == len(day())
    assert at == sorted(at)
    assert at[0] >= START
    assert at[-1] <= START + timedelta(hours=hours)


def test_event_says_when_it_happened() -> None:
    """eventInfo.timestamp is the instant, in milliseconds."""
    planned = day()

    assert [event["timestamp"] for event in events(planned)] == [milliseconds(one.at) for one in planned]


def test_eight_meetings_show_every_event() -> None:
    """Even the smallest day has all nine business events."""
    assert {event["event"] for event in events(day(meetings=8))} == set(BUSINESS_EVENTS)


def test_meetings_overlap() -> None:
    """Several are on at once."""
    on, most = 0, 0
    for event in named(events(day()), "meeting.started", "meeting.end"):
        on += 1 if event["event"] == "meeting.started" else -1
        most = max(most, on)

    assert (on, most > 3) == (0, True)


def test_each_holding_has_a_uuid_of_its_own() -> None:
    """A meeting ID comes back, a meetingUUID does not."""
    started = [meeting(event) for event in named(events(day()), "meeting.started")]

    assert len({one["meetingUUID"] for one in started}) == len(started)
    assert len({one["meetingID"] for one in started}) < len(started)
    assert {(len(one["meetingUUID"]), one["meetingUUID"][12]) for one in started} == {(32, "1")}


def test_meeting_is_closed_once_or_never() -> None:
    """Some holdings are closed at their end, some stay open to be entered again; nothing starts after a close."""
    stories = by_meeting(events(day())).values()
    closed = [story for story in stories if "meeting.conclude" in story]
    open_again = [story for story in stories if story.count("meeting.started") > 1]

    assert closed
    assert open_again
    assert not [story for story in closed if "meeting.started" in story[story.index("meeting.conclude") :]]
    assert not [story for story in open_again if "meeting.conclude" in story]


def test_meetings_are_made_changed_and_cancelled() -> None:
    """Create comes first wherever it comes; a cancelled meeting is never held."""
    stories = [story for story in by_meeting(events(day())).values() if "meeting.create" in story]

    assert {story[0] for story in stories} == {"meeting.create"}
    assert ["meeting.create", "meeting.cancel"] in stories
    assert [story for story in stories if story[1] == "meeting.modify" and "meeting.started" in story]


def test_recurring_meeting_has_a_sub_meeting_each_time() -> None:
    """meetingCycleSubID is another in each holding of a series, and on the four events alone that print it."""
    with_sub = [event for event in events(day()) if "meetingCycleSubID" in meeting(event)]
    started = [meeting(event) for event in named(with_sub, "meeting.started")]

    assert {event["event"] for event in with_sub} == {"meeting.started", "meeting.end", "record.finish"}
    assert len({one["meetingCycleSubID"] for one in started}) == len(started)
    assert max(Counter(one["meetingID"] for one in started).values()) > 1


def test_rooms_come_back_on_the_next_day() -> None:
    """Personal and cloud rooms have IDs that are the same on every day; all others are new."""
    today, tomorrow = (set(by_meeting(events(day(seed=seed)))) for seed in (1, 2))
    rooms = today & tomorrow

    assert {meeting_id[0] for meeting_id in rooms} == {"9"}
    assert {story[0] for meeting_id, story in by_meeting(events(day(seed=1))).items() if meeting_id in rooms} == {
        "meeting.started"
    }


def test_room_is_held_several_times_a_day() -> None:
    """One after another, never two at once."""
    stories = by_meeting(events(day()))
    rooms = [[name for name in story if name != "record.finish"] for id_, story in stories.items() if id_[0] == "9"]

    assert rooms
    assert {tuple(story) for story in rooms} <= {("meeting.started", "meeting.end") * times for times in (2, 3, 4)}


def test_unheld_meeting_has_a_uuid_or_none_or_an_empty_one() -> None:
    """Sources differ on what create, modify and cancel carry, so all three come."""
    unheld = named(events(day()), "meeting.create", "meeting.modify", "meeting.cancel")

    assert {len(meeting(event).get("meetingUUID", "-")) for event in unheld} == {0, 1, 32}


def test_everyone_who_joins_leaves() -> None:
    """Left repeats what join said, but for the time of leaving, which is 0 while they are there."""
    told = events(day())
    joined = {event["payload"]["attendeeInfo"]["participantID"]: event for event in named(told, "meeting.join")}
    left = {event["payload"]["attendeeInfo"]["participantID"]: event for event in named(told, "meeting.left")}

    expected = {}
    for participant_id, event in joined.items():
        at_ms = left[participant_id]["timestamp"]
        attendee = {**event["payload"]["attendeeInfo"], "leftTime": at_ms}
        payload = {**event["payload"], "attendeeInfo": attendee}
        expected[participant_id] = {"event": "meeting.left", "timestamp": at_ms, "payload": payload}
    assert left == expected
    assert {event["payload"]["attendeeInfo"]["leftTime"] for event in joined.values()} == {0}
    assert [event["timestamp"] for event in joined.values()] == [
        event["payload"]["attendeeInfo"]["joinTime"] for event in joined.values()
    ]


def test_people_come_while_the_meeting_is_held() -> None:
    """Each holding has one chair or more people, and all come between its start and its end."""
    held: dict[str, list[str]] = defaultdict(list)
    for event in events(day()):
        if event["event"] in ("meeting.started", "meeting.join", "meeting.left", "meeting.end"):
            held[meeting(event)["meetingUUID"]].append(event["event"])

    assert held
    assert {(story[0], story[-1]) for story in held.values()} == {("meeting.started", "meeting.end")}
    assert min(len(story) for story in held.values()) >= 6


def test_names_are_those_of_real_directories() -> None:
    """Chinese, emoji, quotes, slashes and letters of other scripts are among them."""
    attendees = [event["payload"]["attendeeInfo"] for event in named(events(day()), "meeting.join")]
    names = "".join(attendee["displayName"] for attendee in attendees)

    assert set('王🎧👩/\\"ë𠮷ن김И') <= set(names)
    assert {attendee["role"] for attendee in attendees} == {"CHAIR", "GENERAL"}


def test_guests_rooms_and_telephones_lack_what_they_cannot_have() -> None:
    """Not everyone has an account, a number or a client."""
    attendees = [event["payload"]["attendeeInfo"] for event in named(events(day()), "meeting.join")]
    staff = {"userUUID", "userAgent", "account", "callNumber"}

    assert {frozenset(staff - attendee.keys()) for attendee in attendees} == {
        frozenset(),
        frozenset({"userUUID", "account"}),
        frozenset({"userUUID", "account", "callNumber"}),
        frozenset({"userUUID", "account", "userAgent"}),
    }


def test_who_drops_out_comes_back_as_a_new_participant() -> None:
    """A second join of one person in one holding has another participantID."""
    stays: Counter[tuple[str, str]] = Counter()
    for event in named(events(day()), "meeting.join"):
        stays[meeting(event)["meetingUUID"], event["payload"]["attendeeInfo"]["displayName"]] += 1

    assert {1, 2} == set(stays.values())


def test_plan_shows_no_names() -> None:
    """A planned event in a log line does not say who."""
    joined = next(planned for planned in day() if planned.event_info["event"] == "meeting.join")

    assert {repr(person) for person in PEOPLE} == {"<Person>"}
    assert repr(joined) == f"<Planned meeting.join at {joined.at.isoformat()}>"
