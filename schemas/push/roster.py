"""Meeting pushes that tell of people: in the meeting, in the waiting room, invited. The service's words."""

from ..base import Wire
from .pushed import Flag, Id, MeetingPush, Milliseconds, Removal, Text


class Pinfo(Wire, frozen=True, kw_only=True):
    """`pinfoMap`, a map of strings: of a participant, or of somebody who waits."""

    NAME: Text = None
    TEL: Text = None
    ACCOUNT: Text = None
    ACCOUNT_ID: Text = None
    THIRDACCOUNT: Text = None
    ORG_ID: Text = None
    ROLE: Text = None
    STATE: Text = None
    WAITINGSTATE: Text = None
    CLIENT_LOGIN_TYPE: Text = None
    CLICENT_LOGIN_TYPE: Text = None
    """The table's spelling."""
    ADDTIME: Milliseconds | None = None
    VIEW_TYPE: Text = None
    IS_COHOST: Flag = None
    ANONYMOUS: Flag = None
    HAND: Flag = None
    MUTE: Flag = None
    VIDEO: Flag = None
    CAMERASTATE: Flag = None
    SHARE: Flag = None
    BROADCAST: Flag = None
    ROLLCALL: Flag = None
    LOCALREC: Flag = None


class InMeeting(Wire, frozen=True, kw_only=True):
    """An item of ParticipantsNotify and of WaitingListNotify. Of one that is gone, `pinfoMap` may be missing."""

    pid: Id
    mode: Removal | None = None
    pinfoMap: Pinfo | None = None


class Participants(MeetingPush, frozen=True, kw_only=True):
    """ParticipantsNotify, and ChannelAndParticipantsNotify, which one client reads in the same shape."""

    data: list[InMeeting] | None = None


class WaitingList(MeetingPush, frozen=True, kw_only=True):
    """WaitingListNotify."""

    data: list[InMeeting] | None = None


class Attendee(Wire, frozen=True, kw_only=True):
    """An item of AttendeesNotify. Which member identifies it is not documented; one client removes by `phone`."""

    mode: Removal | None = None
    participantID: Text = None
    userUUID: Text = None
    name: Text = None
    phone: Text = None
    email: Text = None
    accountId: Text = None
    thirdAccount: Text = None
    orgId: Text = None
    orgID: Text = None
    """The example's spelling."""
    deptUUID: Text = None
    deptName: Text = None
    type: Text = None
    role: Text = None
    isMute: Flag = None
    isAutoInvite: Flag = None


class Attendees(MeetingPush, frozen=True, kw_only=True):
    """AttendeesNotify."""

    data: list[Attendee] | None = None
