"""What one frame puts into the log: its records, together or not at all. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from schemas.events import AnyEvent, RosterReplaced
from schemas.record import Record, partition_of
from schemas.topics import MAX_VALUE_BYTES, TOPICS

from .entry import Entry, Origin
from .frames import Frame, Push, UnreadableFrame, frame_id
from .normalise.enterprise import milliseconds
from .normalise.meeting import events_of
from .normalise.meeting.parts import MAX_PART_BYTES
from .normalise.set_aside import set_frame_aside

_TOPIC: Final = {kind: topic.name for topic in TOPICS.values() for kind in topic.events}


def enter_frame(frame: Frame, read: Push | UnreadableFrame, *, partitions: int, mask: bool) -> Entry:
    """Return the entry of one frame. It has no records where the frame tells of nothing, as an empty list of changes.

    The service sends no frame twice, so none is known by an id: `seen` is None.
    """
    partition = partition_of(frame.meeting_id, partitions)
    records = [*_records(frame, read, events_of(frame, read, mask=mask), partition)]
    if isinstance(read, UnreadableFrame):
        return Entry(records=(*records,), seen=None, set_aside=read.reason)
    if all(map(_fits, records)):
        return Entry(records=(*records,), seen=None)
    # A name of hundreds of KiB: no record can hold that, so the frame goes in parts alone.
    aside = set_frame_aside(frame, read, "too_large", None, mask=mask)
    return Entry(records=(*_records(frame, read, aside, partition),), seen=None, set_aside="too_large")


def _records(
    frame: Frame, read: Push | UnreadableFrame, events: Sequence[AnyEvent], partition: int
) -> Iterable[Record]:
    origin = Origin(
        frame_id(frame, read),
        frame.meeting_id,
        partition,
        read.created_at or frame.received_at,
        milliseconds(frame.received_at),
        None,
        frame.epoch,
    )
    for number, event in enumerate(events):
        yield origin.record(_TOPIC[type(event)], event, number)


def _fits(record: Record) -> bool:
    # The meeting's ID is the key and a header besides.
    most = MAX_PART_BYTES if record.type == RosterReplaced.__name__ else MAX_VALUE_BYTES
    return len(record.value) + 2 * len(record.key.encode()) <= most
