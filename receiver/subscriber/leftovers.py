"""What was open when an earlier process died, or another receiver whose partitions are ours now. Pure.

It is told as lost, under its own epoch; whoever opens the meeting next goes on from there; and where the meeting is
over meanwhile, it is told as closed.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from schemas.events import SubscriptionChanged
from schemas.ids import LogId

from ..entry import Entry, Mark
from .conversation import BEHIND
from .meeting import Before, Key, Meeting, Reason
from .notes import Note, entry_of, mark_name, notes_of
from .ownership import HeldOpen
from .telling import Story

# A meeting that is on so many lists not, since we know of it, is over.
LISTS: Final = 2


class Due(NamedTuple):
    """What is to be appended, and what that tells of; None: nothing, a note goes."""

    key: Key
    entry: Entry
    event: SubscriptionChanged | None


class _Left(msgspec.Struct):
    meeting: Meeting
    before: Before
    receiver: LogId
    is_noted: bool
    """Something of it was told, and it is not closed."""
    lists: int = 0
    """How many there were since."""


class Leftovers:
    """By meeting; each is there until the meeting is opened again, or over."""

    def __init__(self, receiver: LogId, partitions: int, *, silence: timedelta = timedelta(0)) -> None:
        self._receiver = receiver
        self._partitions = partitions
        # A socket may have been dead for so long before its process died, and nobody noticed.
        self._behind = BEHIND + silence
        self._left: dict[Key, _Left] = {}

    def recover(
        self, marks: Mapping[str, bytes], at: datetime, *, seen_until: datetime | None, known: Collection[str]
    ) -> list[Due]:
        """Take the notes of an earlier process; return what is to be told. `known`: the enterprises there are."""
        dues = []
        for note in notes_of(marks):
            since = note.unseen_since
            if since is None:
                since = note.since if seen_until is None else max(note.since, seen_until - self._behind)
                dues.append(self._lost(_meeting(note), note.epoch, self._receiver, "restarted", since, at))
            left = self._leave(_meeting(note), Before(note.epoch, since), self._receiver)
            if note.enterprise not in known:
                dues.append(self._closed(left, at))
                del self._left[note.key]
        return dues

    def take_over(self, held: Iterable[HeldOpen], at: datetime) -> list[Due]:
        """Take what another receiver left; return what is to be told in its place."""
        dues = []
        for one in held:
            meeting = Meeting(enterprise=one.enterprise, meeting_id=one.meeting_id, meeting_uuid=one.meeting_uuid)
            since = one.last_seen
            if one.left == "open":
                since = max(one.since, since - self._behind)
                dues.append(self._lost(meeting, one.epoch, LogId(one.receiver), "moved", since, at))
            left = self._leave(meeting, Before(one.epoch, since), LogId(one.receiver))
            left.is_noted = one.left != "moved"
        return dues

    def keep(self, meeting: Meeting, before: Before) -> None:
        """Keep what a subscription left that was closed because another receiver has the meeting: it may come back."""
        self._left[meeting.key] = _Left(meeting, before, self._receiver, is_noted=False)

    def take(self, meeting: Meeting, *, began_at: datetime | None, floor: int) -> Before:
        """Return what a new subscription goes on from."""
        left = self._left.pop(meeting.key, None)
        if left is None:
            return Before(0, began_at, floor)
        uuids = (left.meeting.meeting_uuid, meeting.meeting_uuid)
        is_another = None not in uuids and uuids[0] != uuids[1]
        since = (began_at if is_another else None) or left.before.unseen_since
        return Before(left.before.epoch, since, floor)

    def listed(self, enterprise: str) -> None:
        """Take it that a whole list came."""
        for left in self._left.values():
            left.lists += left.meeting.enterprise == enterprise

    def over(self, at: datetime, *, is_on: Callable[[Key], bool], is_ours: Callable[[Key], bool]) -> list[Due]:
        """Return what is to be told, or only noted, of meetings that are not on any more, or not ours."""
        dues = []
        for key, left in list(self._left.items()):
            if left.lists >= LISTS and not is_on(key):
                del self._left[key]
                if left.is_noted:
                    dues.append(self._closed(left, at) if is_ours(key) else _forgotten(key))
        return dues

    def _leave(self, meeting: Meeting, before: Before, receiver: LogId) -> _Left:
        left = self._left[meeting.key] = _Left(meeting, before, receiver, is_noted=True)
        return left

    def _lost(
        self, meeting: Meeting, epoch: int, receiver: LogId, reason: Reason, since: datetime, at: datetime
    ) -> Due:
        return self._due(Story(receiver, Before(epoch)).lost(meeting, reason, since, at))

    def _closed(self, left: _Left, at: datetime) -> Due:
        return self._due(Story(left.receiver, left.before).closed(left.meeting, "meeting_over", at))

    def _due(self, event: SubscriptionChanged) -> Due:
        return Due((event.enterprise, event.meeting_id), entry_of(event, partitions=self._partitions), event)


def _meeting(note: Note) -> Meeting:
    return Meeting(enterprise=note.enterprise, meeting_id=note.meeting_id, meeting_uuid=note.meeting_uuid)


def _forgotten(key: Key) -> Due:
    return Due(key, Entry((), None, marks=(Mark(mark_name(*key), None),)), None)
