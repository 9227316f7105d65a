"""The calls that asking for quality makes. Pure."""

from typing import Literal

import msgspec

from .port import Kind, MeasuredMeeting, MeasuredParticipant

Quality = Literal["auto", "push", "rest", "off"]
LookKey = tuple[str, str, Kind]
"""Meeting UUID, participant ID and kind."""


class ListMeetings(msgspec.Struct, frozen=True):
    """Ask which meetings are measured."""


class ListParticipants(msgspec.Struct, frozen=True):
    """Ask who is in a meeting."""

    meeting: MeasuredMeeting

    def __repr__(self) -> str:
        """Show no content."""
        return "<ListParticipants>"


class Look(msgspec.Struct, frozen=True):
    """Ask for one kind of figures of one participant."""

    meeting: MeasuredMeeting
    participant: MeasuredParticipant
    kind: Kind
    late_s: float
    """How long ago it was due."""

    @property
    def key(self) -> LookKey:
        """What is looked at."""
        return self.meeting.meeting_uuid, self.participant.participant_id, self.kind

    def __repr__(self) -> str:
        """Show no one's name."""
        return f"<Look {self.kind}>"


Call = ListMeetings | ListParticipants | Look


class Wait(msgspec.Struct, frozen=True):
    """Make no call for so long, then see again."""

    seconds: float


def asks(quality: Quality) -> bool:
    """Return whether a setting wants any calls at all."""
    return quality in ("auto", "rest")
