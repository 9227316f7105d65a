"""Meeting pushes into events of ours: state, people, speakers, quality, captions. Pure: no I/O, no clock.

Strings of numbers become numbers, codes words, times aware and UTC; directions are the participant's. What the service
left out, left empty, or says in a code that nobody has documented is null, never 0.
"""

from collections.abc import Sequence
from typing import Any

from schemas.events import AnyEvent, CaptionSpoken, RosterReplaced
from schemas.push.meeting import (
    ConfBasicInfo,
    ConfDynamicInfo,
    CustomMultiPic,
    InterpreterGroups,
    InviteResult,
    NetCondition,
    RealTimeSubtitle,
    SpeakerChange,
)
from schemas.push.roster import Attendees, Participants, WaitingList

from ...frames import Frame, Push, UnreadableFrame, frame_id
from ..set_aside import set_frame_aside
from .mask import masked
from .parts import parted
from .people import invited, participants, waiting
from .quality import sampled
from .speech import speaking, spoken
from .state import answered, arranged, changed, described, interpreted


def events_of(frame: Frame, push: Push | UnreadableFrame, *, mask: bool) -> list[AnyEvent]:
    """Return what one frame tells, in its order; of what was not understood the frame itself, in parts.

    `mask`: phone numbers and e-mail addresses are masked. A caption whose frame is too large for its own record has the
    frame beside it.
    """
    if isinstance(push, UnreadableFrame):
        return [*set_frame_aside(frame, push, push.reason, push.where, mask=mask)]
    told = _events(frame, push)
    if mask:
        told = [masked(event) for event in told]
    events: list[AnyEvent] = []
    for event in told:
        events += parted(event) if isinstance(event, RosterReplaced) else [event]
        if isinstance(event, CaptionSpoken) and event.original is None:
            events += set_frame_aside(frame, push, "too_large", None, mask=mask)
    return events


def _events(frame: Frame, push: Push) -> Sequence[AnyEvent]:
    common = _common(frame, push)
    match push.payload:
        case SpeakerChange() as payload:
            return [speaking(payload, common)]
        case RealTimeSubtitle() as payload:
            return [spoken(payload, common, frame.body)]
        case NetCondition() as payload:
            return sampled(payload, common)
        case Participants() as payload:
            return participants(payload, common, frame_id(frame, push))
        case Attendees() as payload:
            return invited(payload, common, frame_id(frame, push))
        case WaitingList() as payload:
            return waiting(payload, common, frame_id(frame, push))
        case ConfBasicInfo() as payload:
            return [described(payload, common)]
        case ConfDynamicInfo() as payload:
            return changed(payload, common)
        case CustomMultiPic() as payload:
            return [arranged(payload, common)]
        case InviteResult() as payload:
            return answered(payload, common)
        case InterpreterGroups() as payload:
            return [interpreted(payload, common)]
        case payload:  # pragma: no cover -- the contract's table of pushes has no other
            raise TypeError(f"no events of {type(payload).__name__}")


def _common(frame: Frame, push: Push) -> dict[str, Any]:
    return {
        "enterprise": frame.enterprise,
        "meeting_id": frame.meeting_id,
        "meeting_uuid": frame.meeting_uuid,
        "occurred_at": push.created_at or frame.received_at,
        "received_at": frame.received_at,
        "message_id": push.message_id,
    }
