"""Lay out a day of meetings of one enterprise, in order of time. Pure: the same seed gives the same day.

Meetings overlap, recur, are entered again, cancelled, closed or left open; rooms come back under fixed IDs, within
the day and on the next. The day is generated as it is read: its length costs no memory, only what is on at once.
"""

import heapq
from collections.abc import Iterator
from datetime import datetime
from random import Random
from typing import Final

import msgspec

from .events import instant, meeting_event, milliseconds
from .stories import KINDS, ROOMS, Step, Story

# The last meetings begin here, so that they too are over when the day is.
_LAST_BEGIN: Final = 0.8
# The first digit is that of rooms; all others are meetings made for once. IDs have 9 digits, as in the examples.
_FIRST_ROOM_ID: Final = 900_000_001
_IDS: Final = 800_000_000
# Coprime to the above: steps through all IDs before one comes again.
_STRIDE: Final = 387_420_489


class Planned(msgspec.Struct, frozen=True):
    """An event that the service will push at `at`."""

    at: datetime
    event_info: dict[str, object]

    def __repr__(self) -> str:
        """Show when and what, not who."""
        return f"<Planned {self.event_info.get('event')} at {self.at.isoformat()}>"


_Queue = list[tuple[int, int, int, dict[str, object]]]


def day_of_meetings(*, seed: int, meetings: int, start: datetime, hours: float = 10) -> Iterator[Planned]:
    """Yield the events of `meetings` meetings, all between `start` and `hours` later, in order of time.

    Eight meetings or more show every kind of story. A short day is told faster: nothing is cut off.
    """
    begin_ms, length_ms = milliseconds(start), round(hours * 3_600_000)
    queue: _Queue = []
    for number, (story, meeting_id, rng) in enumerate(_stories(seed, meetings)):
        first_ms = begin_ms + round(_LAST_BEGIN * length_ms * (number + rng.random()) / meetings)
        while queue and queue[0][0] < first_ms:
            yield _planned(queue)
        for item in _told(number, story(rng, meeting_id), first_ms, begin_ms + length_ms):
            heapq.heappush(queue, item)
    while queue:
        yield _planned(queue)


def _stories(seed: int, meetings: int) -> Iterator[tuple[Story, str, Random]]:
    rng = Random(seed)  # noqa: S311 -- a day to be told again, nothing to be kept secret
    kinds, weights = zip(*KINDS, strict=True)
    offset, rooms = rng.randrange(_IDS), 0
    for number in range(meetings):
        story = kinds[number] if number < len(kinds) else rng.choices(kinds, weights)[0]
        meeting_id = 100_000_000 + (offset + number * _STRIDE) % _IDS
        if story in ROOMS:
            meeting_id, rooms = _FIRST_ROOM_ID + rooms, rooms + 1
        yield story, str(meeting_id), Random(rng.getrandbits(64))  # noqa: S311 -- the same


def _told(number: int, story: Iterator[Step], first_ms: int, last_ms: int) -> _Queue:
    """Return a story's events, told so fast that the last still falls within the day."""
    steps = sorted(story, key=lambda step: step.offset_s)
    pace = 1_000 * min(1.0, (last_ms - first_ms) / (1_000 * steps[-1].offset_s))
    return [
        (first_ms + int(step.offset_s * pace), number, place, _event(step, first_ms, pace))
        for place, step in enumerate(steps)
    ]


def _event(step: Step, first_ms: int, pace: float) -> dict[str, object]:
    at_ms = first_ms + int(step.offset_s * pace)
    if step.visit is None:
        return meeting_event(step.event, at_ms, step.meeting)
    person, participant_id, joined_s, chair = step.visit
    joined_ms, left_ms = first_ms + int(joined_s * pace), at_ms if step.event == "meeting.left" else 0
    attendee = person.attendee(participant_id, joined_ms, left_ms, chair=chair)
    return meeting_event(step.event, at_ms, step.meeting, attendee)


def _planned(queue: _Queue) -> Planned:
    at_ms, _, _, event_info = heapq.heappop(queue)
    return Planned(instant(at_ms), event_info)
