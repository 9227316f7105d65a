"""What is told of a subscription, as records, and the note of it that outlives this process. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from schemas.events import SubscriptionChanged, encode
from schemas.record import content_id, partition_of
from schemas.topics import STATE

from ..entry import Entry, Mark, Origin
from ..normalise.enterprise import milliseconds
from .meeting import Key

MARKS: Final = "subscription/"


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription that was opened and not closed."""

    enterprise: str
    meeting_id: str
    meeting_uuid: str | None
    epoch: int
    since: datetime
    """When it was opened, or lost."""
    unseen_since: datetime | None
    """It is lost, and that was told: since then nothing was seen. None: it was open."""

    @property
    def key(self) -> Key:
        """Enterprise and meeting ID."""
        return self.enterprise, self.meeting_id


_decode: Final = msgspec.json.Decoder(Note).decode


def entry_of(event: SubscriptionChanged, *, partitions: int) -> Entry:
    """Return the event's record, with the note that goes with it."""
    at_ms = milliseconds(event.occurred_at)
    told_of = (event.change, event.epoch, at_ms, event.push_type, event.first_missed)
    origin = Origin(
        content_id("subscription", event.enterprise, event.meeting_id, *told_of),
        event.meeting_id,
        partition_of(event.meeting_id, partitions),
        event.occurred_at,
        at_ms,
        epoch=event.epoch,
    )
    return Entry((origin.record(STATE, event),), None, marks=_marks(event))


def notes_of(marks: Mapping[str, bytes]) -> list[Note]:
    """Return the notes that can be read. What cannot is another version's, and no reason not to start."""
    found = []
    for name, value in marks.items():
        if name.startswith(MARKS):
            try:
                found.append(_decode(value))
            except msgspec.DecodeError:
                continue
    return found


def mark_name(enterprise: str, meeting_id: str) -> str:
    """Return the name of a subscription's note."""
    return f"{MARKS}{enterprise}/{meeting_id}"


def _marks(event: SubscriptionChanged) -> tuple[Mark, ...]:
    if event.change == "gap":
        return ()
    name = mark_name(event.enterprise, event.meeting_id)
    if event.change == "closed":
        return (Mark(name, None),)
    note = Note(
        enterprise=event.enterprise,
        meeting_id=event.meeting_id,
        meeting_uuid=event.meeting_uuid,
        epoch=event.epoch,
        since=event.occurred_at,
        unseen_since=event.unseen_since if event.change == "lost" else None,
    )
    return (Mark(name, encode(note)),)
