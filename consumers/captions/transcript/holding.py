"""One holding of a meeting while it is being put together. Pure."""

from collections.abc import Sequence
from typing import Final

import msgspec

from schemas.events import (
    MeetingClosed,
    MeetingEnded,
    MeetingStarted,
    MeetingStateChanged,
    RecordingFinished,
    SubscriptionChanged,
)
from schemas.topics import CAPTIONS, LIFECYCLE, PARTICIPANTS, SPEAKERS, STATE

from ..evidence.told import Told
from .instants import HOUR, MINUTE, milliseconds

# A meeting that ended can be entered again; without its UUID and without its scheduled end this is how long.
_ENTERED_AGAIN: Final = 5 * MINUTE
# What comes before a start or after an end belongs to it if it is no farther off.
_NEAR: Final = 30 * MINUTE
# After such a silence another holding has begun, though nobody said so.
_SILENT: Final = 12 * HOUR
# What says something of a begin or an end; all else, which is nearly all, does not.
TELLING: Final = frozenset({MeetingStarted, MeetingEnded, MeetingClosed, MeetingStateChanged, SubscriptionChanged})

_RANKS: Final = {LIFECYCLE: 0, STATE: 1, PARTICIPANTS: 2, SPEAKERS: 3, CAPTIONS: 4}

Name = tuple[str, str]
"""What names a holding: of which kind the name is, and the name."""


class Happened(msgspec.Struct, frozen=True, gc=False):
    """A record, and when it happened."""

    at_ms: int
    told: Told
    uuid: str | None
    """Of the holding: its own, its epoch's, or that of the manifest which has it."""
    claim: str | None
    """The occurrence that has it already."""

    names: tuple[Name, ...]
    """The same, the surest first."""


def order(one: Happened) -> tuple[int, int, int, int]:
    """Return where a record stands in time, and where it stands among those of the same millisecond."""
    return one.at_ms, _RANKS.get(one.told.topic, len(_RANKS)), one.told.partition, one.told.offset


class Holding:
    """What belongs together, as far as it was looked at: in the order of time."""

    def __init__(self) -> None:
        self.members: list[Happened] = []
        self.uuid: str | None = None
        self.claim: str | None = None
        self.last_ms = 0
        self.ended_ms: int | None = None
        self.names: set[Name] = set()
        self._is_started = self._is_final = False
        self._ends_ms: int | None = None

    @classmethod
    def of(cls, records: Sequence[Happened]) -> "Holding":
        """Return that of records which bear the same name, in whatever order they are."""
        made = cls()
        for one in sorted((one for one in records if type(one.told.event) in TELLING), key=order):
            made.take(one)
        made.members = list(records)
        made.uuid, made.claim, made.names = records[0].uuid, records[0].claim, set(records[0].names)
        made.last_ms = max(one.at_ms for one in records)
        return made

    def take(self, one: Happened) -> None:
        """Count it in."""
        self.members.append(one)
        self.uuid = self.uuid or one.uuid
        self.claim = self.claim or one.claim
        self.names.update(one.names)
        self.last_ms = max(self.last_ms, one.at_ms)
        if type(one.told.event) in TELLING:
            self._learn(one)

    def _learn(self, one: Happened) -> None:
        match one.told.event:
            case MeetingStarted():
                self._is_started, self.ended_ms = True, None
            case SubscriptionChanged(change="opened") if not self._is_final:
                self.ended_ms = None
            case MeetingClosed():
                self._end(one)
                self._is_final = True
            case MeetingEnded() | SubscriptionChanged(change="closed", reason="meeting_over"):
                self._end(one)
            case MeetingStateChanged(state="closed"):
                self._end(one)
            case MeetingStateChanged(ends_at=ends_at) if ends_at is not None:
                self._ends_ms = milliseconds(ends_at)
            case _:
                pass

    def may_be(self, one: Happened) -> bool:
        """Return whether a record can belong here by its names: it has none that another holding's is."""
        return one.uuid in (None, self.uuid or one.uuid) and one.claim in (None, self.claim or one.claim)

    def goes_on_with(self, one: Happened) -> bool:
        """Return whether a record that comes next, by time, belongs here; nothing but time and its kind is asked."""
        if isinstance(one.told.event, MeetingClosed | RecordingFinished):
            return True
        since_last = one.at_ms - self.last_ms
        is_start = isinstance(one.told.event, MeetingStarted)
        if self.ended_ms is None:
            return since_last <= ((_ENTERED_AGAIN if self._is_started else _NEAR) if is_start else _SILENT)
        since_end = one.at_ms - self.ended_ms
        if is_start:
            return not self._is_final and self._is_entered_again(one.at_ms, since_end)
        if isinstance(one.told.event, SubscriptionChanged) and one.told.event.change == "opened":
            return self._is_entered_again(one.at_ms, since_end)
        return since_last <= _ENTERED_AGAIN or since_end <= _NEAR

    def _is_entered_again(self, at_ms: int, since_end: int) -> bool:
        return since_end <= _ENTERED_AGAIN or (self._ends_ms is not None and at_ms <= self._ends_ms)

    def _end(self, one: Happened) -> None:
        if self.ended_ms is None:
            self.ended_ms = one.at_ms
