"""Read a verified body in the service's own words. Pure: no I/O, no clock.

Nothing that was verified fails here: what is not understood comes back as `Unreadable`, with the reason and the place,
and is published as that. An unknown member is no reason; the service adds them.
"""

import re
from typing import Final

import msgspec

from schemas.events.unrecognised import SetAsideReason
from schemas.push.enterprise import EVENT_NAMES, VERIFY, EventHead, EventInfo

from .verify import Verified

_decode_event: Final = msgspec.json.Decoder(EventInfo).decode
_decode_head: Final = msgspec.json.Decoder(EventHead).decode
# msgspec ends its messages with the place; the part before it may quote a value.
_PLACE: Final = re.compile(r" - at `(\$[^`]*)`$")
# A missing member's name is ours, not the sender's: it comes from the struct.
_MISSING: Final = re.compile(r"missing required field `([A-Za-z]+)`")
_ATTENDED: Final = frozenset({"meeting.join", "meeting.left"})


class Handshake(msgspec.Struct, frozen=True, gc=False):
    """The service asks whether this is the right address; answered with its nonce, at any time, without state."""

    nonce: str


class EnterprisePush(msgspec.Struct, frozen=True, gc=False):
    """One push that was understood."""

    verified: Verified
    info: EventInfo


class Unreadable(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One push that was not understood."""

    verified: Verified
    reason: SetAsideReason
    event_name: str | None
    where: str | None
    at_ms: int
    """The event's own time; the envelope's where that could not be read."""


def decode(verified: Verified) -> Handshake | EnterprisePush | Unreadable:
    """Return what the push says, or why that could not be read."""
    try:
        info = _decode_event(verified.event_info)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _read_head(verified, _place(error))
    if info.event == VERIFY:
        return Handshake(verified.nonce)
    if info.event not in EVENT_NAMES:
        return _unknown(verified, info)
    if info.payload is None:
        return _changed(verified, info, "$.payload")
    if info.event in _ATTENDED and info.payload.attendeeInfo is None:
        return _changed(verified, info, "$.payload.attendeeInfo")
    return EnterprisePush(verified, info)


def _read_head(verified: Verified, where: str) -> Handshake | Unreadable:
    try:
        head = _decode_head(verified.event_info)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _changed(verified, None, where)
    if head.event == VERIFY:
        return Handshake(verified.nonce)
    return _changed(verified, head, where) if head.event in EVENT_NAMES else _unknown(verified, head)


def _unknown(verified: Verified, head: EventHead | EventInfo) -> Unreadable:
    return Unreadable(
        verified=verified, reason="unknown_event", event_name=head.event, where="$.event", at_ms=head.timestamp
    )


def _changed(verified: Verified, head: EventHead | EventInfo | None, where: str) -> Unreadable:
    return Unreadable(
        verified=verified,
        reason="changed_payload",
        event_name=head.event if head else None,
        where=where,
        at_ms=head.timestamp if head else verified.sent_ms,
    )


def _place(error: Exception) -> str:
    text = str(error)
    found = _PLACE.search(text)
    place = found.group(1) if found else "$"
    missing = _MISSING.search(text)
    return f"{place}.{missing.group(1)}" if missing else place
