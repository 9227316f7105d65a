"""The ten events in the service's words, as plain dicts in the member order that it signs. Pure.

Enterprise push reference, "eventInfo", "payload", "meetingInfo", "attendeeInfo" (tables 2 to 5) and the examples.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

VERIFY: Final = "meeting.verify"
BUSINESS_EVENTS: Final = (
    "meeting.started",
    "meeting.end",
    "meeting.conclude",
    "record.finish",
    "meeting.create",
    "meeting.modify",
    "meeting.cancel",
    "meeting.join",
    "meeting.left",
)
EVENT_NAMES: Final = (VERIFY, *BUSINESS_EVENTS)
ATTENDED: Final = frozenset({"meeting.join", "meeting.left"})

# The examples print meetingCycleSubID for these four and not for create, modify, join and left.
_WITH_SUB_MEETING: Final = frozenset({"meeting.started", "meeting.end", "meeting.conclude", "record.finish"})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def milliseconds(at: datetime) -> int:
    """Return an aware instant as the service writes it."""
    return (at - _EPOCH) // _MILLISECOND


def instant(at_ms: int) -> datetime:
    """Return the service's milliseconds as an aware instant."""
    return _EPOCH + at_ms * _MILLISECOND


def verify_event(at_ms: int) -> dict[str, object]:
    """Return the handshake's eventInfo: no payload, not even an empty one."""
    return {"event": VERIFY, "timestamp": at_ms}


def meeting_event(
    name: str, at_ms: int, meeting: Mapping[str, object], attendee: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Return an eventInfo; a sub-meeting's ID is left out where the examples have none."""
    shown = {key: value for key, value in meeting.items() if key != "meetingCycleSubID" or name in _WITH_SUB_MEETING}
    payload: dict[str, object] = {"meetingInfo": shown}
    if attendee is not None:
        payload["attendeeInfo"] = dict(attendee)
    return {"event": name, "timestamp": at_ms, "payload": payload}
