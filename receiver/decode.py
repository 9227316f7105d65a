"""Read a verified body in the service's own words. Pure: no I/O, no clock.

Nothing that was verified fails here: what is not understood comes back as `Unreadable`, with the reason and the place,
and is published as that. An unknown member is no reason; the service adds them.
"""

import re
from typing import Final

import msgspec

from schemas.base import Wire
from schemas.events.unrecognised import SetAsideReason
from schemas.push.enterprise import EVENT_NAMES, VERIFY, EventHead, EventInfo

from .verify import Verified

_decode_event: Final = msgspec.json.Decoder(EventInfo).decode
_decode_head: Final = msgspec.json.Decoder(EventHead).decode
# msgspec ends its messages with the place; the part before it may quote a value.
_PLACE: Final = re.compile(r" - at `(\$[^`]*)`$")
# A missing member's name is ours, not the sender's: it comes from the struct.
_MISSING: Final = re.compile(r"missing required field `([A-Za-z]+)`")
# RecursionError: how deep msgspec can go depends on how deep we are ourselves.
UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_ATTENDED: Final = frozenset({"meeting.join", "meeting.left"})


class _Named(Wire, frozen=True, kw_only=True):
    """An event of which no more than the name can be read."""

    event: str


_decode_name: Final = msgspec.json.Decoder(_Named).decode


class Handshake(msgspec.Struct, frozen=True, gc=False):
    """The service asks whether this is the right address; answered with its nonce, at any time, without state."""

    nonce: str

    def __repr__(self) -> str:
        """Show the type alone."""
        return "<Handshake>"


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

    def __repr__(self) -> str:
        """Show what was wrong, and where."""
        return f"<Unreadable: {self.reason} at {self.where}>"


def decode(verified: Verified) -> Handshake | EnterprisePush | Unreadable:
    """Return what the push says, or why that could not be read."""
    try:
        info = _decode_event(verified.event_info)
    except UNREADABLE as error:
        return _read_less(verified, place(error))
    if info.event == VERIFY:
        return Handshake(verified.nonce)
    if info.event not in EVENT_NAMES:
        return _unknown(verified, info.event, info.timestamp)
    lacking = _lacking(info, verified)
    return (
        EnterprisePush(verified, info) if lacking is None else _changed(verified, info.event, info.timestamp, lacking)
    )


def _lacking(info: EventInfo, verified: Verified) -> str | None:
    """Return what of a known event is not there: its event of ours could not be written without it."""
    if info.payload is None:
        return "$.payload"
    if info.event in _ATTENDED and info.payload.attendeeInfo is None:
        return "$.payload.attendeeInfo"
    return None if _is_text(verified.body) else "$"


def _is_text(body: bytes) -> bool:
    """Return whether the push can go along as text; msgspec does not look into members that we do not know."""
    try:
        return body.isascii() or bool(body.decode())
    except UnicodeDecodeError:
        return False


def _read_less(verified: Verified, where: str) -> Handshake | Unreadable:
    """Read the name and the time, or at least the name, of an event that cannot be read whole."""
    name, at_ms = None, verified.sent_ms
    try:
        name = _decode_name(verified.event_info).event
        at_ms = _decode_head(verified.event_info).timestamp
    except UNREADABLE:
        # What was read until here stays.
        pass
    if name == VERIFY:
        return Handshake(verified.nonce)
    if name is None or name in EVENT_NAMES:
        return _changed(verified, name, at_ms, where)
    return _unknown(verified, name, at_ms)


def _unknown(verified: Verified, name: str, at_ms: int) -> Unreadable:
    return Unreadable(verified=verified, reason="unknown_event", event_name=name, where="$.event", at_ms=at_ms)


def _changed(verified: Verified, name: str | None, at_ms: int, where: str) -> Unreadable:
    return Unreadable(verified=verified, reason="changed_payload", event_name=name, where=where, at_ms=at_ms)


def place(error: Exception) -> str:
    """Return where in the JSON msgspec found fault, as a JSON path; never the value that stood there."""
    text = str(error)
    found = _PLACE.search(text)
    outer = found.group(1) if found else "$"
    missing = _MISSING.search(text)
    return f"{outer}.{missing.group(1)}" if missing else outer
