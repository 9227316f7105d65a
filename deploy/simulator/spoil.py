"""The ways to spoil a push, one small function each. Pure.

`FORGED` and `BROKEN` name each way in words; what comes out of the first is refused with 401, of the second with
400. What the other functions alter is signed afterwards and so genuine: a service that has moved on.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

import msgspec

from .push import Style, Subscriber, envelope
from .signature import sign

EventInfo = Mapping[str, object]
Forge = Callable[[Subscriber, EventInfo, int, str], bytes]
Smash = Callable[[bytes], bytes]

# None of these is in the reference's list, which has grown three times.
_UNKNOWN_EVENTS: Final = ("meeting.lobby.opened", "meeting.hand.raised", "record.started", "会议.开始")


def with_unknown_event(event_info: EventInfo, rng: Random) -> dict[str, object]:
    """Return the event under a name that no reference has."""
    return {**event_info, "event": rng.choice(_UNKNOWN_EVENTS)}


def with_unknown_members(event_info: EventInfo, rng: Random) -> dict[str, object]:
    """Return the event with new members at each level, a deep and a null one among them."""
    altered = _copy(event_info)
    altered["traceID"] = f"{rng.getrandbits(64):016x}"
    altered["payload"]["tenant"] = {"id": 7, "labels": ["重要", "🎯", None]}
    altered["payload"]["meetingInfo"]["subject"] = "季度复盘 / Q3 review 📈"
    return altered


def _timestamp_as_text(event_info: EventInfo) -> dict[str, object]:
    return {**event_info, "timestamp": str(event_info["timestamp"])}


def _payload_as_list(event_info: EventInfo) -> dict[str, object]:
    return {**event_info, "payload": [event_info.get("payload")]}


def _meeting_id_as_number(event_info: EventInfo) -> dict[str, object]:
    altered = _copy(event_info)
    meeting = altered["payload"]["meetingInfo"]
    meeting["meetingID"] = int(meeting["meetingID"])
    return altered


def _meeting_info_gone(event_info: EventInfo) -> dict[str, object]:
    altered = _copy(event_info)
    altered["payload"]["meetingInfo"] = None
    return altered


MISTYPED: Final = (_timestamp_as_text, _payload_as_list, _meeting_id_as_number, _meeting_info_gone)


def _wrong_password(subscriber: Subscriber, event_info: EventInfo, timestamp_ms: int, nonce: str) -> bytes:
    stranger = msgspec.structs.replace(subscriber, password=subscriber.password + "x")
    return stranger.push(event_info, timestamp_ms=timestamp_ms, nonce=nonce)


def _unknown_subscriber(subscriber: Subscriber, event_info: EventInfo, timestamp_ms: int, nonce: str) -> bytes:
    stranger = msgspec.structs.replace(subscriber, app_id=subscriber.app_id + "9")
    return stranger.push(event_info, timestamp_ms=timestamp_ms, nonce=nonce)


def _changed_event(subscriber: Subscriber, event_info: EventInfo, timestamp_ms: int, nonce: str) -> bytes:
    return _sealed(subscriber, event_info, {**event_info, "event": "meeting.conclude."}, timestamp_ms, nonce)


def _changed_nonce(subscriber: Subscriber, event_info: EventInfo, timestamp_ms: int, nonce: str) -> bytes:
    body = subscriber.push(event_info, timestamp_ms=timestamp_ms, nonce=nonce)
    return body.replace(nonce.encode(), nonce[::-1].encode() + b"0", 1)


def _capital_signature(subscriber: Subscriber, event_info: EventInfo, timestamp_ms: int, nonce: str) -> bytes:
    signature = sign(
        subscriber.app_id, timestamp_ms, nonce, msgspec.json.encode(event_info), subscriber.password.encode()
    )
    return envelope(subscriber.app_id, timestamp_ms, nonce, signature.upper(), msgspec.json.encode(event_info))


def _moved_digit(subscriber: Subscriber, event_info: EventInfo, timestamp_ms: int, nonce: str) -> bytes:
    """Move a digit from the timestamp into the nonce: the signed text stays the same, as nothing separates the two."""
    signed = msgspec.json.encode(event_info)
    signature = sign(subscriber.app_id, timestamp_ms, nonce, signed, subscriber.password.encode())
    return envelope(subscriber.app_id, timestamp_ms // 10, f"{timestamp_ms % 10}{nonce}", signature, signed)


def _sealed(subscriber: Subscriber, signed: EventInfo, sent: EventInfo, timestamp_ms: int, nonce: str) -> bytes:
    signature = sign(subscriber.app_id, timestamp_ms, nonce, msgspec.json.encode(signed), subscriber.password.encode())
    return envelope(subscriber.app_id, timestamp_ms, nonce, signature, msgspec.json.encode(sent), Style.COMPACT)


FORGED: Final[tuple[tuple[str, Forge], ...]] = (
    ("wrong password", _wrong_password),
    ("unknown subscriber", _unknown_subscriber),
    ("changed event", _changed_event),
    ("changed nonce", _changed_nonce),
    ("signature in capitals", _capital_signature),
    ("a digit moved from timestamp to nonce", _moved_digit),
)

BROKEN: Final[tuple[tuple[str, Smash], ...]] = (
    ("empty", lambda body: b""),
    ("not JSON", lambda body: b"event=meeting.started&id=900000001"),
    ("cut in half", lambda body: body[: len(body) // 2]),
    ("a list", lambda body: b"[" + body + b"]"),
    ("a key twice", lambda body: b'{"nonce":"00000000",' + body[1:]),
    ("nested too deep", lambda body: b'{"eventInfo":' * 10_000),
    ("not UTF-8", lambda body: body.replace(b'"nonce":"', b'"nonce":"\xff\xfe', 1)),
    ("no eventInfo", lambda body: body.replace(b'"eventInfo"', b'"eventinfo"', 1)),
)


def _copy(event_info: EventInfo) -> dict[str, Any]:
    copied: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(event_info))
    return copied
