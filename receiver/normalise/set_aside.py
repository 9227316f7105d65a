"""Verified pushes that are not understood or not believed, as events for meeting.unrecognised.v1. Pure.

The bytes go along, in parts where they are large, without values under keys that name secrets.
"""

import base64
import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec

from schemas.base import Wire
from schemas.events import PushSetAside
from schemas.events.unrecognised import SetAsideReason

from ..redact import redact
from ..verify import Verified
from .enterprise import instant

PART_BYTES: Final = 131_072
# The service's clock may run ahead of ours by this much before a push is not believed.
MAX_AHEAD: Final = timedelta(minutes=10)
_MAX_NAME: Final = 256


class _Meeting(Wire, frozen=True, kw_only=True):
    meetingID: str


class _Payload(Wire, frozen=True, kw_only=True):
    meetingInfo: _Meeting


class _WithMeeting(Wire, frozen=True, kw_only=True):
    payload: _Payload


_find_meeting: Final = msgspec.json.Decoder(_WithMeeting).decode


def disbelieve(verified: Verified, horizon: timedelta) -> SetAsideReason | None:
    """Return why a push is not believed: its envelope's timestamp is older than the retry horizon, or ahead of us."""
    age = verified.received_at - instant(verified.sent_ms)
    if age > horizon:
        return "stale"
    return "ahead" if age < -MAX_AHEAD else None


def set_aside(
    verified: Verified, reason: SetAsideReason, *, event_name: str | None, where: str | None
) -> Sequence[PushSetAside]:
    """Return the push as it came, in one part or more."""
    redacted = redact(verified.body)
    pieces = [redacted.body[i : i + PART_BYTES] for i in range(0, len(redacted.body), PART_BYTES)] or [b""]
    meeting_id = _meeting_id(verified.event_info)
    sha256 = hashlib.sha256(verified.body).hexdigest()
    texts = [_as_text(piece) if len(pieces) == 1 else None for piece in pieces]
    return [
        PushSetAside(
            enterprise=verified.enterprise,
            subscriber_id=verified.subscriber_id,
            reason=reason,
            event_name=event_name[:_MAX_NAME] if event_name else None,
            meeting_id=meeting_id,
            where=where,
            sent_at=instant(verified.sent_ms),
            received_at=verified.received_at,
            original=text,
            original_base64=None if text is not None else base64.b64encode(piece).decode(),
            original_sha256=sha256,
            redacted=redacted.changed,
            part=number,
            parts=len(pieces),
        )
        for number, (piece, text) in enumerate(zip(pieces, texts, strict=True), 1)
    ]


def _as_text(piece: bytes) -> str | None:
    try:
        return piece.decode()
    except UnicodeDecodeError:
        return None


def _meeting_id(event_info: bytes) -> str | None:
    try:
        return _find_meeting(event_info).payload.meetingInfo.meetingID[:_MAX_NAME] or None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
