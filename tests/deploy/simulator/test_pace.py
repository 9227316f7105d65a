"""The pace for watching: the same events, a fraction of a second apart, as if they happened now."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.simulator import Planned, day_of_meetings
from deploy.simulator.events import milliseconds
from deploy.simulator.pace import at_pace, days

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)
DAY = list(day_of_meetings(seed=1, meetings=12, start=START))
PACED = list(at_pace(DAY, seed=1, start=NOW))


def attendees(plan: list[Planned], name: str) -> list[dict[str, Any]]:
    """Return attendeeInfo of every event of this name."""
    events: list[dict[str, Any]] = [planned.event_info for planned in plan if planned.event_info["event"] == name]
    return [event["payload"]["attendeeInfo"] for event in events]


def test_two_to_five_come_a_second() -> None:
    """The first within one, and none too soon to be read."""
    gaps = [after.at - before.at for before, after in itertools.pairwise([Planned(NOW, {}), *PACED])]

    assert timedelta(seconds=0.2) <= min(gaps)
    assert max(gaps) <= timedelta(seconds=0.5)


def test_events_keep_their_order_and_say_when_they_come() -> None:
    """Only times are changed."""
    assert [planned.event_info["event"] for planned in PACED] == [planned.event_info["event"] for planned in DAY]
    assert [planned.event_info["timestamp"] for planned in PACED] == [milliseconds(planned.at) for planned in PACED]


def test_people_left_after_they_joined() -> None:
    """joinTime is the same in both pushes of a participant, and leftTime is the time of leaving."""
    joined = {one["participantID"]: one["joinTime"] for one in attendees(PACED, "meeting.join")}
    left = {one["participantID"]: one for one in attendees(PACED, "meeting.left")}

    assert {participant_id: one["joinTime"] for participant_id, one in left.items()} == joined
    assert [one["leftTime"] > one["joinTime"] for one in left.values()] == [True] * len(joined)


def test_day_follows_day() -> None:
    """When one is over the next begins, and it is another."""
    first = list(day_of_meetings(seed=1, meetings=3, start=START, hours=2))
    second = list(day_of_meetings(seed=2, meetings=3, start=START, hours=2))

    told = list(itertools.islice(days(seed=1, meetings=3, start=START, hours=2), len(first) + len(second)))

    assert told == first + second
