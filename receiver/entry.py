"""What one push puts into the log: its records, together or not at all, and the id that a retry is known by. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from schemas.events import AnyEvent, PushSetAside, encode
from schemas.events.unrecognised import SetAsideReason
from schemas.record import Record, partition_of, traceparent
from schemas.topics import LIFECYCLE, MAX_VALUE_BYTES, UNRECOGNISED

from .decode import EnterprisePush, Unreadable
from .normalise.enterprise import bytes_id, milliseconds, normalise, push_id
from .normalise.set_aside import disbelieve, set_aside
from .verify import Verified


class SeenId(msgspec.Struct, frozen=True, gc=False):
    """What a push is known by within the retry horizon; `at_ms`, the push's own time, keeps neighbours together."""

    at_ms: int
    id: bytes

    @property
    def key(self) -> bytes:
        """The key of the log's table of ids: the time, then the id."""
        return self.at_ms.to_bytes(8, "big") + self.id


class Mark(msgspec.Struct, frozen=True, gc=False):
    """A small note in the log's file, beside the records: what this process must know when it starts again."""

    name: str
    value: bytes | None
    """None: the note goes."""

    def __repr__(self) -> str:
        """Show the name alone."""
        return f"<Mark {self.name}>"


class Origin(msgspec.Struct, frozen=True, gc=False):
    """What the records of one push, frame, look or instant have in common."""

    identity: str
    """32 hexadecimal digits, derived from the content: with its number it is a record's `ce_id`."""
    key: str
    partition: int
    occurred_at: datetime
    received_ms: int
    request_id: str | None = None
    """The service's, which becomes the trace."""
    epoch: int | None = None

    def record(self, topic: str, event: AnyEvent, number: int = 0) -> Record:
        """Return the record of one event, the one of this number."""
        return Record(
            topic,
            self.partition,
            self.key,
            f"{self.identity}-{number}",
            type(event).__name__,
            # A sign of life is no enterprise's.
            getattr(event, "enterprise", ""),
            self.occurred_at,
            self.received_ms,
            traceparent(self.identity, self.request_id),
            encode(event),
            self.epoch,
        )


class Entry(msgspec.Struct, frozen=True, gc=False):
    """What is appended as one."""

    records: tuple[Record, ...]
    seen: SeenId | None
    set_aside: SetAsideReason | None = None
    """Why nothing of the push went to a topic of its own kind."""
    marks: tuple[Mark, ...] = ()
    """What is noted in the same commit."""

    def __repr__(self) -> str:
        """Show how much it is."""
        return f"<Entry of {len(self.records)} records>"


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What an installation decides about records."""

    partitions: int
    horizon: timedelta


def enter(push: EnterprisePush | Unreadable, terms: Terms) -> Entry:
    """Return the entry of one push. Nothing that was verified is left out of it."""
    verified = push.verified
    doubt = disbelieve(verified, terms.horizon)
    if doubt is not None:
        name = push.info.event if isinstance(push, EnterprisePush) else push.event_name
        seen = SeenId(verified.sent_ms, _seen(verified, verified.body))
        return _aside(verified, doubt, name, "$.timestamp", seen, terms)
    if isinstance(push, Unreadable):
        seen = SeenId(push.at_ms, _seen(verified, verified.event_info))
        return _aside(verified, push.reason, push.event_name, push.where, seen, terms)
    return _enter_lifecycle(push, terms)


def _enter_lifecycle(push: EnterprisePush, terms: Terms) -> Entry:
    verified, event = push.verified, normalise(push)
    identity = push_id(push)
    seen = SeenId(push.info.timestamp, bytes.fromhex(identity))
    record = Origin(
        identity,
        event.meeting_id,
        partition_of(event.meeting_id, terms.partitions),
        event.occurred_at,
        milliseconds(verified.received_at),
        verified.request_id,
    ).record(LIFECYCLE, event)
    parts: Sequence[PushSetAside] = ()
    if event.original is None:
        parts = set_aside(verified, "too_large", event_name=push.info.event, where=None)
    # The meeting's ID is the key and a header besides.
    if len(record.value) + 2 * len(event.meeting_id.encode()) > MAX_VALUE_BYTES:
        # A name or an id of hundreds of KiB: no record can hold that, so the push goes in parts alone.
        events = set_aside(verified, "too_large", event_name=push.info.event, where=None)
        return Entry(tuple(_aside_records(verified, events, identity, terms)), seen, "too_large")
    if not parts:
        return Entry((record,), seen)
    return Entry((record, *_aside_records(verified, parts, identity, terms, first=1)), seen)


def _seen(verified: Verified, identified_by: bytes) -> bytes:
    return bytes.fromhex(bytes_id(verified.subscriber_id, identified_by))


def _aside(
    verified: Verified, reason: SetAsideReason, name: str | None, where: str | None, seen: SeenId, terms: Terms
) -> Entry:
    events = set_aside(verified, reason, event_name=name, where=where)
    return Entry(tuple(_aside_records(verified, events, seen.id.hex(), terms)), seen, reason)


def _aside_records(
    verified: Verified, events: Iterable[PushSetAside], identity: str, terms: Terms, first: int = 0
) -> Iterable[Record]:
    for number, event in enumerate(events, first):
        key = event.meeting_id or verified.subscriber_id
        yield Origin(
            identity,
            key,
            partition_of(key, terms.partitions),
            event.sent_at,
            milliseconds(verified.received_at),
            verified.request_id,
        ).record(UNRECOGNISED, event, number)
