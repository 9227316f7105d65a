"""Pushes that are not understood or not believed, as events for meeting.unrecognised.v1. Pure.

The bytes go along, in parts where they are large, without values under keys that name secrets.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec

from schemas.base import Wire
from schemas.events import PushSetAside
from schemas.events.unrecognised import SetAsideReason
from schemas.push.meeting import RealTimeSubtitle

from ..frames import Frame, Push, UnreadableFrame
from ..redact import Redacted, redact
from ..redact_frame import redact_frame
from ..verify import Verified
from .enterprise import instant

PART_BYTES: Final = 131_072
# The service's clock may run ahead of ours by this much before a push is not believed.
MAX_AHEAD: Final = timedelta(minutes=10)
_MAX_NAME: Final = 256
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")

_What = dict[str, Any]
"""What all parts of a push say alike."""


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
    what: _What = {
        "enterprise": verified.enterprise,
        "subscriber_id": verified.subscriber_id,
        "reason": reason,
        "event_name": event_name[:_MAX_NAME] if event_name else None,
        "meeting_id": _meeting_id(verified.event_info),
        "where": where,
        "sent_at": instant(verified.sent_ms),
        "received_at": verified.received_at,
        "original_sha256": hashlib.sha256(verified.body).hexdigest(),
    }
    return _parts(redact(verified.body), what)


def set_frame_aside(
    frame: Frame, push: Push | UnreadableFrame, reason: SetAsideReason, where: str | None, *, mask: bool
) -> Sequence[PushSetAside]:
    """Return the frame as it came, in one part or more. `mask` takes phone numbers and addresses out of it as well.

    A caption that was understood loses no word that looks like a key: it is evidence, and no frame with passwords.
    """
    is_caption = isinstance(push, Push) and isinstance(push.payload, RealTimeSubtitle)
    what: _What = {
        "enterprise": frame.enterprise,
        # Nobody pushed it to us by a subscription of the enterprise's: we asked for it.
        "subscriber_id": "",
        "channel": "socket",
        "reason": reason,
        # Anything else is no name, and might be what redaction is there for.
        "event_name": push.action if push.action and _NAME.fullmatch(push.action) else None,
        "meeting_id": frame.meeting_id,
        "where": where,
        "sent_at": push.created_at or frame.received_at,
        "received_at": frame.received_at,
        "original_sha256": hashlib.sha256(frame.body).hexdigest(),
    }
    return _parts(redact(frame.body) if is_caption else redact_frame(frame.body, contacts=mask), what)


def _parts(redacted: Redacted, what: _What) -> Sequence[PushSetAside]:
    pieces = [redacted.body[i : i + PART_BYTES] for i in range(0, len(redacted.body), PART_BYTES)] or [b""]
    texts = [_as_text(piece) if len(pieces) == 1 else None for piece in pieces]
    return [
        PushSetAside(
            **what,
            original=text,
            original_base64=None if text is not None else base64.b64encode(piece).decode(),
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
