"""Enterprise pushes into lifecycle events. Pure: no I/O, no clock.

Times become aware and UTC; what the service left empty becomes null; the push itself goes along as evidence. The id of
an event is derived from what the push says, so that a retry is the same event through whatever replica.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from schemas.events import (
    LifecycleEvent,
    MeetingCancelled,
    MeetingClosed,
    MeetingEnded,
    MeetingRescheduled,
    MeetingScheduled,
    MeetingStarted,
    Participant,
    ParticipantJoined,
    ParticipantLeft,
    RecordingFinished,
)
from schemas.push.enterprise import AttendeeInfo, Payload
from schemas.record import content_id

from ..decode import EnterprisePush
from ..verify import compact

_MEETING_EVENTS: Final[Mapping[str, Callable[..., LifecycleEvent]]] = {
    "meeting.started": MeetingStarted,
    "meeting.end": MeetingEnded,
    "meeting.conclude": MeetingClosed,
    "record.finish": RecordingFinished,
    "meeting.create": MeetingScheduled,
    "meeting.modify": MeetingRescheduled,
    "meeting.cancel": MeetingCancelled,
}
_PARTICIPANT_EVENTS: Final[Mapping[str, Callable[..., LifecycleEvent]]] = {
    "meeting.join": ParticipantJoined,
    "meeting.left": ParticipantLeft,
}

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

# A body beyond this is published in parts beside its event: escaped into a JSON string it grows, up to six-fold, and a
# record stays below Kafka's limit of 1 MiB.
MAX_ORIGINAL_BYTES: Final = 131_072


def normalise(push: EnterprisePush) -> LifecycleEvent:
    """Return the event that this push tells of."""
    payload = _payload(push)
    common = _common(push, payload)
    make = _MEETING_EVENTS.get(push.info.event)
    if make is not None:
        return make(**common)
    attendee = payload.attendeeInfo or AttendeeInfo()
    return _PARTICIPANT_EVENTS[push.info.event](**common, participant=_participant(attendee))


def push_id(push: EnterprisePush) -> str:
    """Return the id that every retry of this push has: 32 hexadecimal digits. Frozen.

    From the members that enterprise-push.md section 5 names. A participant event without participantID takes the whole
    compact eventInfo instead: two telephones that join in one millisecond are two events.
    """
    payload, info = _payload(push), push.info
    meeting, attendee = payload.meetingInfo, payload.attendeeInfo
    participant = attendee.participantID if attendee else None
    if info.event in _PARTICIPANT_EVENTS and not participant:
        return bytes_id(push.verified.subscriber_id, push.verified.event_info)
    return content_id(
        "enterprise",
        push.verified.subscriber_id,
        info.event,
        info.timestamp,
        meeting.meetingID,
        meeting.meetingUUID or None,
        meeting.meetingCycleSubID or None,
        participant or None,
    )


def bytes_id(subscriber_id: str, event_info: bytes) -> str:
    """Return the id of a push by its compact eventInfo, for those that are not understood. Frozen."""
    return content_id("enterprise-bytes", subscriber_id, hashlib.sha256(compact(event_info)).hexdigest())


def instant(milliseconds: int) -> datetime:
    """Return the aware UTC time of a wire timestamp, exactly: a float of seconds is not, from the year 2242 on."""
    return _EPOCH + milliseconds * _MILLISECOND


def milliseconds(at: datetime) -> int:
    """Return an aware time as the wire has it, rounded down."""
    return (at - _EPOCH) // _MILLISECOND


def original(body: bytes) -> str | None:
    """Return the push as text for its event, or None where it has to go in parts."""
    return body.decode() if len(body) <= MAX_ORIGINAL_BYTES else None


def _payload(push: EnterprisePush) -> Payload:
    if push.info.payload is None:  # pragma: no cover -- decode lets no push through without one
        raise TypeError("a push without payload is no EnterprisePush")
    return push.info.payload


def _common(push: EnterprisePush, payload: Payload) -> dict[str, Any]:
    verified, meeting = push.verified, payload.meetingInfo
    occurred_at = instant(push.info.timestamp)
    return {
        "enterprise": verified.enterprise,
        "meeting_id": meeting.meetingID,
        "meeting_uuid": meeting.meetingUUID or None,
        "meeting_cycle_sub_id": meeting.meetingCycleSubID or None,
        "occurred_at": occurred_at,
        # As a rule the same number, and made once then.
        "sent_at": occurred_at if verified.sent_ms == push.info.timestamp else instant(verified.sent_ms),
        "received_at": verified.received_at,
        "original": original(verified.body),
        "original_sha256": hashlib.sha256(verified.body).hexdigest(),
    }


def _participant(attendee: AttendeeInfo) -> Participant:
    return Participant(
        participant_id=attendee.participantID or None,
        user_uuid=attendee.userUUID or None,
        account=attendee.account or None,
        display_name=attendee.displayName or None,
        client_type=attendee.userAgent or None,
        role=attendee.role or None,
        call_number=attendee.callNumber or None,
        joined_at=instant(attendee.joinTime) if attendee.joinTime else None,
        left_at=instant(attendee.leftTime) if attendee.leftTime else None,
    )
