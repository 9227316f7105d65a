"""meeting.participants.v1: who is in a meeting, who is invited, who waits. Personal data throughout.

Three rosters of one shape: `participants` (ParticipantsNotify), `invited` (AttendeesNotify) and `waiting`
(WaitingListNotify). A full frame replaces a roster; changes then tell of one person each.
"""

from typing import Literal

import msgspec

from .lifecycle import Instant
from .pushed import OfAPush

Roster = Literal["participants", "invited", "waiting"]


class Person(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the service says of one person; null is "not said". In a change what is not said stays as it was.

    The service's values are strings; here numbers are numbers, times are times and "0"/"1" are booleans.
    """

    participant_id: str | None
    """`pid` or `participantID`: the key within a meeting. Of those who are only invited it may be missing."""
    user_uuid: str | None = None
    name: str | None = None
    call_number: str | None = None
    """`TEL` or `phone`; several people may share one. Masked where `subscriber.mask_contacts` says so."""
    email: str | None = None
    account: str | None = None
    account_id: str | None = None
    third_account: str | None = None
    organisation_id: str | None = None
    department: str | None = None
    department_id: str | None = None
    kind: str | None = None
    """normal, terminal, outside, anonymous, telepresence, mobile, telephone …, as the service spells it."""
    role: str | None = None
    """host, participant, audience."""
    co_host: bool | None = None
    state: str | None = None
    """in_meeting, calling, waiting, admitted."""
    client_type: str | None = None
    """Desktop, Mobile, Pad, OtherType, as the service spells it."""
    joined_at: Instant | None = None
    anonymous: bool | None = None
    hand_raised: bool | None = None
    muted: bool | None = None
    video: bool | None = None
    camera_on: bool | None = None
    sharing: bool | None = None
    broadcast: bool | None = None
    called_upon: bool | None = None
    """`ROLLCALL`."""
    recording: bool | None = None
    invited_automatically: bool | None = None
    viewing: str | None = None
    """nothing, all, one."""

    def __repr__(self) -> str:
        """Show no one's name or number."""
        return "<Person>"


class RosterReplaced(OfAPush, frozen=True, kw_only=True, tag=True):
    """All who are on a roster, or a part of them: who is not among all parts is not on it."""

    roster: str
    """One of `Roster`; later versions may have more."""
    snapshot_id: str
    """Of all parts the same, and of no other snapshot."""
    part: int
    """From 1 to `parts`; the roster is whole when all are there."""
    parts: int
    people: list[Person]


class ParticipantChanged(OfAPush, frozen=True, kw_only=True, tag=True):
    """Somebody is new on a roster, or something about them changed; what is not said stays as it was."""

    roster: str
    person: Person


class ParticipantGone(OfAPush, frozen=True, kw_only=True, tag=True):
    """Somebody is on a roster no more. Who is meant is `person.participant_id`, or without one `call_number`."""

    roster: str
    person: Person


ParticipantsEvent = RosterReplaced | ParticipantChanged | ParticipantGone
