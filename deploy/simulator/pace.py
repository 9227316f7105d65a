"""Tell days of meetings at a pace that is pleasant to watch, as if they happened now. Pure.

The events keep their order and say the times at which they come, so a meeting lasts seconds and a receiver that
looks at timestamps sees nothing odd.
"""

import itertools
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Final

from .day import Planned, day_of_meetings
from .events import meeting_event, milliseconds

# Between two and five a second; the first within a second.
_GAP_S: Final = (0.2, 0.5)


def days(*, seed: int, meetings: int, start: datetime, hours: float) -> Iterator[Planned]:
    """Yield day after day, without end: each begins at `start` and has a seed of its own."""
    for number in itertools.count(seed):
        yield from day_of_meetings(seed=number, meetings=meetings, start=start, hours=hours)


def at_pace(plan: Iterable[Planned], *, seed: int, start: datetime) -> Iterator[Planned]:
    """Yield the same events from `start` on, a fraction of a second apart, their times changed to that."""
    rng = Random(seed)  # noqa: S311 -- a rhythm, no secret
    joined: dict[object, int] = {}
    at = start
    for planned in plan:
        at += timedelta(seconds=rng.uniform(*_GAP_S))
        yield Planned(at, _told_at(milliseconds(at), planned.event_info, joined))


def _told_at(at_ms: int, event_info: dict[str, object], joined: dict[object, int]) -> dict[str, object]:
    match event_info:
        case {"payload": {"meetingInfo": meeting, "attendeeInfo": attendee}, "event": "meeting.join"}:
            joined[attendee["participantID"]] = at_ms
            return meeting_event("meeting.join", at_ms, meeting, {**attendee, "joinTime": at_ms})
        case {"payload": {"meetingInfo": meeting, "attendeeInfo": attendee}, "event": "meeting.left"}:
            times = {"joinTime": joined.pop(attendee["participantID"], at_ms), "leftTime": at_ms}
            return meeting_event("meeting.left", at_ms, meeting, {**attendee, **times})
        case _:
            return {**event_info, "timestamp": at_ms}
