"""When an occurrence began and ended, and who said so. Pure."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from schemas.events import (
    MeetingClosed,
    MeetingDescribed,
    MeetingEnded,
    MeetingStarted,
    MeetingStateChanged,
    SubscriptionChanged,
)

from .holding import TELLING, Happened, order
from .instants import HOUR, MINUTE, milliseconds
from .shapes import ClosedBy

# A start that the service describes is not believed to be longer ago.
_LONGEST: Final = 31 * 24 * HOUR

Mark = Literal["started", "ended", "closed", "opened", "over"]


class Facts(NamedTuple):
    """Of one occurrence; milliseconds since 1970."""

    started_ms: int | None
    ended_ms: int | None
    closed_by: ClosedBy
    began_ms: int
    """The start, or the first that was seen of it."""
    until_ms: int
    """The end, or the last that was seen of it."""


def facts(members: Sequence[Happened]) -> Facts:
    """Return what the records, at least one, say. What the enterprise push says counts before all else."""
    started_ms = _started(members)
    telling = sorted((one for one in members if type(one.told.event) in TELLING), key=order)
    ended_ms, closed_by = _ended([(mark, one.at_ms) for one in telling if (mark := _mark(one)) is not None])
    return Facts(
        started_ms,
        ended_ms,
        closed_by,
        min(one.at_ms for one in members) if started_ms is None else started_ms,
        max(one.at_ms for one in members) if ended_ms is None else ended_ms,
    )


def _started(members: Sequence[Happened]) -> int | None:
    said = [one.at_ms for one in members if isinstance(one.told.event, MeetingStarted)]
    return min(said or (at_ms for one in members if (at_ms := _described(one)) is not None), default=None)


def _described(one: Happened) -> int | None:
    event = one.told.event
    if not isinstance(event, MeetingDescribed) or event.started_at is None:
        return None
    at_ms = milliseconds(event.started_at)
    return at_ms if -MINUTE <= one.told.time_ms - at_ms <= _LONGEST else None


def _mark(one: Happened) -> Mark | None:
    match one.told.event:
        case MeetingStarted():
            return "started"
        case MeetingEnded():
            return "ended"
        case MeetingClosed():
            return "closed"
        case SubscriptionChanged(change="opened"):
            return "opened"
        case SubscriptionChanged(change="closed", reason="meeting_over") | MeetingStateChanged(state="closed"):
            return "over"
        case _:
            return None


def _ended(marks: Sequence[tuple[Mark, int]]) -> tuple[int | None, ClosedBy]:
    """Return the first end that no other start followed."""
    said = _last(marks, starts="started", ends=("ended", "closed"))
    if said:
        return said[0][1], "closed" if "closed" in (mark for mark, _ in said) else "ended"
    seen = _last(marks, starts="opened", ends=("over",))
    return (seen[0][1], "over") if seen else (None, "silent")


def _last(marks: Sequence[tuple[Mark, int]], *, starts: Mark, ends: tuple[Mark, ...]) -> list[tuple[Mark, int]]:
    """Return the ends after the last start."""
    after = 1 + max((place for place, (mark, _) in enumerate(marks) if mark == starts), default=-1)
    return [one for one in marks[after:] if one[0] in ends]
