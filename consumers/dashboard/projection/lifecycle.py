"""What meeting.lifecycle.v1 tells of a meeting: when each holding began and ended, who came and went. Pure.

Deliveries overtake each other, and a retry comes up to a day later; so everything goes by when it happened.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

from schemas.events import (
    LifecycleEvent,
    MeetingClosed,
    MeetingEnded,
    MeetingStarted,
    Participant,
    ParticipantJoined,
    ParticipantLeft,
    RecordingFinished,
)

from .timeline import Item, Items, items

# Of the holdings of one meeting ID the newest are remembered: what comes late of an older one is history.
_HOLDINGS: Final = 4

_WORDS: Final[dict[type[LifecycleEvent], str]] = {
    MeetingStarted: "started",
    MeetingEnded: "ended",
    MeetingClosed: "closed",
    RecordingFinished: "recording_finished",
    ParticipantJoined: "joined",
    ParticipantLeft: "left",
}


class Came(msgspec.Struct, frozen=True, gc=False):
    """The last that was told of one person's coming and going."""

    at: datetime
    is_in: bool
    who: Participant

    def __repr__(self) -> str:
        """Show no one's name."""
        return f"<Came {self.is_in}>"


class Held:
    """One holding."""

    __slots__ = ("ended_at", "first_at", "last_at", "people", "started_at", "timeline", "uuid")

    def __init__(self, uuid: str | None, at: datetime) -> None:
        self.uuid = uuid
        self.first_at = self.last_at = at
        self.started_at: datetime | None = None
        self.ended_at: datetime | None = None
        """The last end; a start after it means that it was entered again."""
        self.people: dict[str, Came] = {}
        self.timeline: Items = items()

    def take(self, event: LifecycleEvent) -> None:
        """Count one event in."""
        at = event.occurred_at
        self.first_at, self.last_at = min(self.first_at, at), max(self.last_at, at)
        match event:
            case MeetingStarted():
                self.started_at = max(self.started_at or at, at)
            case MeetingEnded() | MeetingClosed():
                self.ended_at = max(self.ended_at or at, at)
            case ParticipantJoined() | ParticipantLeft():
                self._moved(event)
            case _:
                pass
        self._tell(event)

    def inside(self) -> Iterator[tuple[str, Came]]:
        """Yield who is in it, by who they are."""
        return ((key, came) for key, came in self.people.items() if came.is_in)

    def _moved(self, event: ParticipantJoined | ParticipantLeft) -> None:
        key, is_in = key_of(event.participant), isinstance(event, ParticipantJoined)
        known = self.people.get(key)
        # Of one moment, that somebody left is the last word.
        if known is None or (event.occurred_at, not is_in) >= (known.at, not known.is_in):
            self.people[key] = Came(event.occurred_at, is_in, event.participant)

    def _tell(self, event: LifecycleEvent) -> None:
        if (word := _WORDS.get(type(event))) is None:
            return
        if isinstance(event, ParticipantJoined | ParticipantLeft):
            who = event.participant
            self.timeline.append(Item(event.occurred_at, word, None, who.participant_id, who.display_name))
        else:
            self.timeline.append(Item(event.occurred_at, word))


class Lifecycle:
    """The holdings of one meeting ID, as this topic tells of them."""

    __slots__ = ("_holdings",)

    def __init__(self) -> None:
        self._holdings: dict[str | None, Held] = {}

    def take(self, event: LifecycleEvent) -> bool:
        """Count one event in; return whether anything that is shown may have changed."""
        if type(event) not in _WORDS:
            return False
        held = self._holdings.get(event.meeting_uuid)
        if held is None:
            held = self._holdings[event.meeting_uuid] = Held(event.meeting_uuid, event.occurred_at)
            self._bound()
        held.take(event)
        return True

    def newest(self) -> Held | None:
        """Return the holding that began last; of two that began at once the one whose UUID is the higher."""
        return max(self._holdings.values(), key=_begin, default=None)

    def of(self, uuid: str | None) -> Held | None:
        """Return the holding with this UUID."""
        return self._holdings.get(uuid)

    def _bound(self) -> None:
        if len(self._holdings) > _HOLDINGS:
            oldest = min(self._holdings.values(), key=_begin)
            del self._holdings[oldest.uuid]


def key_of(who: Participant) -> str:
    """Return by what somebody is known: the service leaves out now this and now that."""
    return who.participant_id or who.user_uuid or who.account or who.call_number or f"name {who.display_name or ''}"


def _begin(held: Held) -> tuple[datetime, str]:
    return held.first_at, held.uuid or ""
