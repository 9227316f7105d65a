"""Read one frame of a meeting's WebSocket in the service's own words. Pure: no I/O, no clock.

Nothing fails here: what is not understood comes back as an `UnreadableFrame`, with the reason and the place. One item
of a list that cannot be read makes its whole frame unreadable: half a roster would look like a whole one. An unknown
member is no reason; every example of the reference has more than its table.

A frame is read as it stands where that goes, which is nearly always. Where a key has white space around it, as some of
the reference's have, or a member has a type or is empty as nobody expects it, it is read once more with more care.
"""

import hashlib
import re
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from schemas.events.unrecognised import SetAsideReason
from schemas.push.answers import ANSWERS, Answer, Head, Renewed
from schemas.push.meeting import PUSHES
from schemas.push.pushed import MeetingPush
from schemas.record import content_id

from .decode import UNREADABLE, place
from .frame_drift import lacking, tidied
from .normalise.enterprise import instant

Mode = Literal["full", "incremental"]
_MODES: Final[dict[int | None, Mode | None]] = {0: "full", 1: "incremental", None: None}

# White space, or what can hide it (an escape, a byte beyond ASCII), at an end of a key; now and then also something
# else, which costs no more than time. Two expressions: as one they take three times as long.
_SPACED_KEY: Final = re.compile(rb'"(?:[ \t\r\n]*:(?<![A-Za-z0-9_]":)|[ \t\\\x80-\xff](?<=[{, \t\r\n]".))', re.DOTALL)
_ESCAPE_IN_A_KEY: Final = re.compile(rb'\\u[0-9A-Fa-f]{4}"[ \t\r\n]*:')

_decode_head: Final = msgspec.json.Decoder(Head).decode
_decode_answer: Final = msgspec.json.Decoder(Answer, strict=False).decode
_decoders: Final = {action: msgspec.json.Decoder(kind, strict=False).decode for action, kind in PUSHES.items()}


class Frame(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One text frame as it came, and the subscription that it came to."""

    enterprise: str
    meeting_id: str
    """The ID that we subscribed with; not always the frame's `confID`."""
    meeting_uuid: str | None
    epoch: int
    received_at: datetime
    """Aware, UTC."""
    body: bytes

    def __repr__(self) -> str:
        """Show the size alone."""
        return f"<Frame of {len(self.body)} bytes>"


class Push(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One push that was understood."""

    action: str
    message_id: str | None
    mode: Mode | None
    version: int | None
    """Incremental: a rising number. Full: a time in ms. The two are never compared."""
    created_at: datetime | None
    payload: MeetingPush

    def __repr__(self) -> str:
        """Show what it is, not what it says."""
        return f"<Push {self.action}, {self.mode}>"


class Reply(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the service answers: to Subscribe, HeartBeat or ConfControl."""

    action: str
    sequence: str | None
    """The request's."""
    code: int | None
    """`returnCode`: 0 is success; no other is documented. None where the answer has none: HeartBeat never has."""
    renewed: Renewed | None = None
    """The answer to REFRESHTOKEN. Secret."""

    def __repr__(self) -> str:
        """Show what it answers and how, no token."""
        return f"<Reply to {self.action}: {self.code}>"


class UnreadableFrame(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One frame that was not understood, with what could be read of its envelope."""

    reason: SetAsideReason
    action: str | None
    """Whatever the service wrote there: no label for a metric."""
    where: str
    """The member that did not fit, as a JSON path; never its value."""
    message_id: str | None = None
    mode: Mode | None = None
    version: int | None = None
    created_at: datetime | None = None

    def __repr__(self) -> str:
        """Show what was wrong, and where."""
        return f"<UnreadableFrame: {self.reason} at {self.where}>"


def read_frame(frame: Frame) -> Push | Reply | UnreadableFrame:
    """Return what the service says, or why that could not be read."""
    body = frame.body
    if _SPACED_KEY.search(body) is None and _ESCAPE_IN_A_KEY.search(body) is None:
        try:
            body.decode()
            action = _decode_head(body).action
            if action in ANSWERS:
                return _reply(action, _decode_answer(body))
            payload = _decoders[action](body)
        except (KeyError, *UNREADABLE):
            return _read_with_care(body)
        if lacking(payload) is None:
            return _push(action, payload)
    return _read_with_care(body)


def frame_id(frame: Frame, push: Push | UnreadableFrame) -> str:
    """Return the id of this frame, 32 hexadecimal digits: of its meeting, action and msgID. Frozen.

    Without one of these it is the bytes' own: two frames that say the same are then one.
    """
    if push.action is None or push.message_id is None:
        return content_id("meeting-bytes", frame.meeting_id, hashlib.sha256(frame.body).hexdigest())
    return content_id("meeting", frame.meeting_id, push.action, push.message_id)


def _read_with_care(body: bytes) -> Push | Reply | UnreadableFrame:
    try:
        tree = tidied(msgspec.json.decode(body))
    except UNREADABLE:
        return UnreadableFrame(reason="changed_frame", action=_action(body), where="$")
    try:
        action = msgspec.convert(tree, Head).action
    except msgspec.ValidationError as error:
        return _unreadable("changed_frame", None, place(error), tree)
    kind = Answer if action in ANSWERS else PUSHES.get(action)
    if kind is None:
        return _unreadable("unknown_action", action, "$.action", tree)
    try:
        payload: Any = msgspec.convert(tree, kind, strict=False)
    except msgspec.ValidationError as error:
        return _unreadable("changed_frame", action, place(error), tree)
    if isinstance(payload, Answer):
        return _reply(action, payload)
    where = lacking(payload, tree)
    return _push(action, payload) if where is None else _unreadable("changed_frame", action, where, tree)


def _action(body: bytes) -> str | None:
    """Return the action of a frame of which no more than that may be readable."""
    try:
        return _decode_head(body).action
    except UNREADABLE:
        return None


def _reply(action: str, answer: Answer) -> Reply:
    content = answer.data
    return Reply(
        action=action,
        sequence=None if answer.sequence is None else str(answer.sequence),
        code=content.returnCode if content else None,
        renewed=content.data if content else None,
    )


def _push(action: str, payload: MeetingPush) -> Push:
    return Push(action=action, payload=payload, **_envelope(payload))


def _unreadable(reason: SetAsideReason, action: str | None, where: str, tree: object) -> UnreadableFrame:
    try:
        envelope = msgspec.convert(tree, MeetingPush, strict=False)
    except msgspec.ValidationError:
        envelope = MeetingPush()
    return UnreadableFrame(reason=reason, action=action, where=where, **_envelope(envelope))


def _envelope(payload: MeetingPush) -> dict[str, Any]:
    return {
        "message_id": None if payload.msgID in (None, "") else str(payload.msgID),
        "mode": _MODES[payload.msgMode],
        "version": payload.version,
        "created_at": instant(payload.createTime) if payload.createTime else None,
    }
