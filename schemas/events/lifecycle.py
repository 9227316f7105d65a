"""meeting.lifecycle.v1: what the enterprise push says of a meeting as a whole, and who came and went.

Times are aware and UTC. `meeting_uuid` tells one holding of a meeting from the next under the same `meeting_id`;
what the service left out or left empty is null here, never "" or 0.
"""

from datetime import datetime
from typing import Annotated

import msgspec

from ..base import Event

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class _OfAMeeting(Event, frozen=True, kw_only=True):
    enterprise: str
    meeting_id: str
    meeting_uuid: str | None
    meeting_cycle_sub_id: str | None
    """The sub-meeting of a recurring series."""
    occurred_at: Instant
    """`eventInfo.timestamp`: order by it, deliveries overtake each other."""
    sent_at: Instant
    """The envelope's `timestamp`; differs from `occurred_at` where the service signs a retry anew."""
    received_at: Instant
    """When the receiver first had it."""
    original: str | None
    """The push as it came, byte for byte, with nonce, timestamp and signature. Null where it was too large: then it
    stands in meeting.unrecognised.v1, in parts, under `original_sha256`."""
    original_sha256: str


class MeetingStarted(_OfAMeeting, frozen=True, kw_only=True, tag=True):
    """A meeting is on."""


class MeetingEnded(_OfAMeeting, frozen=True, kw_only=True, tag=True):
    """A meeting ended; until its scheduled end it can be entered again, and then starts anew."""


class MeetingClosed(_OfAMeeting, frozen=True, kw_only=True, tag=True):
    """A meeting is over for good (`meeting.conclude`). It need not come: recurring meetings only end."""


class MeetingScheduled(_OfAMeeting, frozen=True, kw_only=True, tag=True):
    """Somebody of the enterprise scheduled a meeting."""


class MeetingRescheduled(_OfAMeeting, frozen=True, kw_only=True, tag=True):
    """A scheduled meeting was edited; the push does not say what changed."""


class MeetingCancelled(_OfAMeeting, frozen=True, kw_only=True, tag=True):
    """A scheduled meeting was cancelled."""


class RecordingFinished(_OfAMeeting, frozen=True, kw_only=True, tag=True):
    """The recording of a meeting is complete; sent only if it was recorded."""


class Participant(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who joined or left, as far as the service says. Personal data."""

    participant_id: str | None
    user_uuid: str | None
    account: str | None
    display_name: str | None
    client_type: str | None
    """`userAgent`, such as WeLink-desktop; not a list that is known."""
    role: str | None
    """As the service spells it; CHAIR is the one value that its reference shows."""
    call_number: str | None
    joined_at: Instant | None
    left_at: Instant | None

    def __repr__(self) -> str:
        """Show no one's name or number."""
        return "<Participant>"


class _OfAParticipant(_OfAMeeting, frozen=True, kw_only=True):
    participant: Participant


class ParticipantJoined(_OfAParticipant, frozen=True, kw_only=True, tag=True):
    """Somebody entered a meeting."""


class ParticipantLeft(_OfAParticipant, frozen=True, kw_only=True, tag=True):
    """Somebody left a meeting."""


MeetingEvent = (
    MeetingStarted
    | MeetingEnded
    | MeetingClosed
    | MeetingScheduled
    | MeetingRescheduled
    | MeetingCancelled
    | RecordingFinished
)
LifecycleEvent = MeetingEvent | ParticipantJoined | ParticipantLeft
