"""Which meetings are to be listened to: lifecycle events as they come, and the list of those that are on. Pure.

Neither is believed alone. A push can be lost, late or out of order; the list is made every minute, of what the service
knew then. What was heard of a meeting last, by the time at which it happened, counts; a list heals what was not heard.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from schemas.events import (
    LifecycleEvent,
    MeetingClosed,
    MeetingEnded,
    MeetingStarted,
    ParticipantJoined,
)

from ..cloud.meetings import OnlineMeeting
from .meeting import Key, Meeting

# After an end a list may still show the meeting, and its last frames are still on their way.
LAST_FRAMES: Final = timedelta(seconds=10)
LIST_LAGS: Final = timedelta(seconds=60)
# A meeting that is not on so many lists in a row is over, if no socket says otherwise.
MISSING_LISTS: Final = 2
# How long an end is remembered, for a start that overtook it or comes after it; and what meeting was on in a room.
_REMEMBERED: Final = timedelta(hours=26)
_TIDY_EVERY: Final = timedelta(hours=1)

_NOT_ON: Final = frozenset({"Schedule", "Destroyed"})


class Want(msgspec.Struct, kw_only=True, gc=False):
    """A meeting that is on, as far as we know."""

    meeting: Meeting
    heard_at: datetime
    """When what told of it last happened."""
    began_at: datetime | None
    """When it began, or a time before that; None: not known."""
    missing: int = 0
    """Lists in a row without it."""
    ends_at: datetime | None = None
    """An end was told of: wanted until then, for the last frames."""


class End(msgspec.Struct, frozen=True, gc=False):
    """An end that was told of, or that we came to know ourselves."""

    at: datetime
    meeting_uuid: str | None
    is_final: bool
    """No list brings this holding back."""


class Room(NamedTuple):
    """What was told of a room last."""

    meeting_id: str
    known_at: datetime


class Wanted:
    """Of all enterprises."""

    def __init__(self) -> None:
        self._wants: dict[Key, Want] = {}
        self._ends: dict[Key, End] = {}
        self._rooms: dict[Key, Room] = {}
        self._listed_at: dict[str, datetime] = {}
        self._tidied_at: datetime | None = None

    def heard(self, event: LifecycleEvent, now: datetime) -> Key:
        """Take a lifecycle event; return which meeting it is about, where its ID was a room's."""
        if isinstance(event, MeetingStarted | ParticipantJoined):
            self._leave_room(event, now)
            self._started(event, now)
        elif isinstance(event, MeetingEnded | MeetingClosed):
            self._ended(event, now)
        return self._key(event.enterprise, event.meeting_id)

    def listed(
        self, enterprise: str, meetings: Iterable[OnlineMeeting], now: datetime, *, is_open: Callable[[Key], bool]
    ) -> None:
        """Take a whole list of an enterprise's meetings that are on."""
        running = (found for found in meetings if found.state not in _NOT_ON)
        on: dict[Key, OnlineMeeting] = {(enterprise, found.meeting_id): found for found in running}
        for key, found in on.items():
            if found.room_id and found.room_id != found.meeting_id:
                self._listed_room((enterprise, found.room_id), found, now)
            self._on_list(key, found, now)
        for key, want in list(self._wants.items()):
            if key[0] == enterprise and key not in on:
                # While a socket says that it is on, no list counts.
                want.missing = 0 if is_open(key) else want.missing + 1
                if want.missing >= MISSING_LISTS:
                    del self._wants[key]
        self._listed_at[enterprise] = now
        self._forget(now)

    def is_room(self, key: Key) -> bool:
        """Return whether this is a room, in which a meeting with an ID of its own is on."""
        return key in self._rooms

    def is_room_of(self, room: Key, meeting_id: str, now: datetime) -> None:
        """Take it that what was wanted is a room, and that this meeting is on in it."""
        self._know_room(room, Room(meeting_id, now))

    def over(self, meeting: Meeting, now: datetime, *, is_final: bool) -> None:
        """Take it that a subscription came to its end; `is_final`: this holding is not to be tried again."""
        want = self._wants.get(meeting.key)
        if want is not None and _same(want.meeting.meeting_uuid, meeting.meeting_uuid):
            del self._wants[meeting.key]
            self._ends[meeting.key] = End(now, meeting.meeting_uuid, is_final)

    def want(self, key: Key, now: datetime) -> Want | None:
        """Return what is known of a meeting that is wanted now."""
        want = self._wants.get(key)
        if want is not None and want.ends_at is not None and now >= want.ends_at:
            del self._wants[key]
            return None
        return want

    def wants(self, now: datetime) -> dict[Key, Want]:
        """Return what is wanted now."""
        for key in list(self._wants):
            self.want(key, now)
        # Also where no list ever comes.
        if self._tidied_at is None or now - self._tidied_at >= _TIDY_EVERY:
            self._forget(now)
        return self._wants

    def _started(self, event: MeetingStarted | ParticipantJoined, now: datetime) -> None:
        key = self._key(event.enterprise, event.meeting_id)
        end, want = self._ends.get(key), self._wants.get(key)
        if end is not None and (_is_late(event, end) or (end.is_final and _known(end, event.meeting_uuid))):
            # Late: it is over already. Or: it is on, and not for us.
            return
        if want is not None and (event.occurred_at <= want.heard_at or isinstance(event, ParticipantJoined)):
            self._learn(want, event.meeting_uuid)
            return
        if want is not None and want.ends_at is None and _same(want.meeting.meeting_uuid, event.meeting_uuid):
            self._learn(want, event.meeting_uuid)
            want.began_at = _earlier(want.began_at, event.occurred_at)
            return
        self._wants[key] = Want(
            meeting=Meeting(enterprise=key[0], meeting_id=key[1], meeting_uuid=event.meeting_uuid),
            heard_at=event.occurred_at,
            began_at=event.occurred_at if isinstance(event, MeetingStarted) else None,
        )

    def _ended(self, event: MeetingEnded | MeetingClosed, now: datetime) -> None:
        key = self._key(event.enterprise, event.meeting_id)
        want, end = self._wants.get(key), self._ends.get(key)
        if end is None or event.occurred_at > end.at:
            self._ends[key] = End(event.occurred_at, event.meeting_uuid, is_final=False)
        if want is None or event.occurred_at < want.heard_at:
            return
        if _same(want.meeting.meeting_uuid, event.meeting_uuid):
            want.ends_at = want.ends_at or now + LAST_FRAMES

    def _on_list(self, key: Key, found: OnlineMeeting, now: datetime) -> None:
        want, end = self._wants.get(key), self._ends.get(key)
        if want is not None and _same(want.meeting.meeting_uuid, found.meeting_uuid):
            want.missing = 0
            want.meeting = want.meeting.described(found)
            return
        if end is not None and _same(end.meeting_uuid, found.meeting_uuid) and (end.is_final or _lags(end, now)):
            return
        before = self._listed_at.get(key[0])
        self._wants[key] = Want(
            meeting=Meeting(enterprise=key[0], meeting_id=key[1]).described(found),
            heard_at=before or now,
            # It was not on the list before: it began after that one was made.
            began_at=before - LIST_LAGS if before is not None else None,
        )

    def _leave_room(self, event: MeetingStarted | ParticipantJoined, now: datetime) -> None:
        """Forget which meeting was on in a room once the next is, which has another ID that nobody has told yet."""
        room = (event.enterprise, event.meeting_id)
        known = self._rooms.get(room)
        if known is None:
            return
        key = (event.enterprise, known.meeting_id)
        want, end = self.want(key, now), self._ends.get(key)
        if want is not None:
            is_next = event.occurred_at > want.heard_at and not _same(want.meeting.meeting_uuid, event.meeting_uuid)
        else:
            is_next = end is None or not (_is_late(event, end) or _known(end, event.meeting_uuid))
        if is_next:
            del self._rooms[room]

    def _listed_room(self, room: Key, found: OnlineMeeting, now: datetime) -> None:
        # A list that lags shows the meeting before.
        want = self._wants.get(room)
        if want is None or _same(want.meeting.meeting_uuid, found.meeting_uuid):
            self._know_room(room, Room(found.meeting_id, now))

    def _know_room(self, room: Key, known: Room) -> None:
        """Have what was heard of a room stand for the meeting that is on in it."""
        self._rooms[room] = known
        want = self._wants.pop(room, None)
        key = (room[0], known.meeting_id)
        if want is None:
            return
        stands = self._wants.get(key)
        if stands is None:
            want.meeting = msgspec.structs.replace(want.meeting, meeting_id=known.meeting_id)
            self._wants[key] = want
        else:
            stands.began_at = _earlier(stands.began_at, want.began_at)

    def _key(self, enterprise: str, meeting_id: str) -> Key:
        room = self._rooms.get((enterprise, meeting_id))
        return enterprise, meeting_id if room is None else room.meeting_id

    def _learn(self, want: Want, meeting_uuid: str | None) -> None:
        if want.meeting.meeting_uuid is None and meeting_uuid is not None:
            want.meeting = msgspec.structs.replace(want.meeting, meeting_uuid=meeting_uuid)

    def _forget(self, now: datetime) -> None:
        self._tidied_at = now
        for key, end in list(self._ends.items()):
            if now - end.at > _REMEMBERED:
                del self._ends[key]
        for room, known in list(self._rooms.items()):
            if now - known.known_at > _REMEMBERED and (room[0], known.meeting_id) not in self._wants:
                del self._rooms[room]


def _same(one: str | None, other: str | None) -> bool:
    """Return whether two may be the same holding: where one is not known, they may."""
    return one is None or other is None or one == other


def _known(end: End, meeting_uuid: str | None) -> bool:
    return end.meeting_uuid is not None and end.meeting_uuid == meeting_uuid


def _is_late(event: MeetingStarted | ParticipantJoined, end: End) -> bool:
    """Return whether it is of what was over by then. Of another holding only if it is clearly older: clocks differ."""
    slack = timedelta() if _same(end.meeting_uuid, event.meeting_uuid) else LIST_LAGS
    return event.occurred_at <= end.at - slack


def _lags(end: End, now: datetime) -> bool:
    return now - end.at <= LIST_LAGS


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)
