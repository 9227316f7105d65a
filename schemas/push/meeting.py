"""The meeting push (会议级事件推送) in the service's words: a struct for each frame that it sends.

Member names are the wire's own, both spellings where the reference has one in its table and another in its examples.
"""

from typing import Final

from ..base import Wire
from .pushed import Figure, Flag, Id, Long, MeetingPush, Milliseconds, Removal, Text
from .roster import Attendees, Participants, WaitingList


class ConfBasicInfo(MeetingPush, frozen=True, kw_only=True):
    """ConfBasicInfoNotify. There is no member for `pwds` and `guestJoinUri`: what lets people in is not read."""

    displayID: Text = None
    title: Text = None
    startTime: Milliseconds | None = None
    scheduledStartTime: Milliseconds | None = None
    owner: Text = None
    ownerID: Text = None
    orgID: Text = None
    orgId: Text = None
    media: Text = None
    recType: Text = None
    confMode: Text = None
    callInRestriction: Text = None
    webinar: Flag = None
    realTimeSubtitle: Flag = None
    supportWaitingRoom: Flag = None
    simultaneousInterpretation: Flag = None


class PicInfo(Wire, frozen=True, kw_only=True):
    """One place of a layout."""

    index: Long | None = None
    id: list[str | Long] | None = None
    """SIP numbers."""
    share: Flag = None


class MultiPic(Wire, frozen=True, kw_only=True):
    """`multiPic`."""

    picNum: Long | None = None
    period: Long | None = None
    picInfos: list[PicInfo] | None = None


class ConfDynamicInfo(MeetingPush, frozen=True, kw_only=True):
    """ConfDynamicInfoNotify."""

    state: Text = None
    endTime: Milliseconds | None = None
    mode: Text = None
    picNum: Long | None = None
    vas: Flag = None
    lock: Flag = None
    mute: Flag = None
    canUnmute: Flag = None
    lockSharing: Flag = None
    chairView: Flag = None
    recState: Flag = None
    recOccurred: Flag = None
    forbiddenChat: Flag = None
    realTimeSubtitle: Flag = None
    waitingRoomState: Flag = None
    simultaneousInterpretation: Flag = None
    pause: Flag = None
    audienceTotalCount: Long | None = None
    multiPic: MultiPic | None = None


class CustomMultiPic(MeetingPush, frozen=True, kw_only=True):
    """CustomMultiPicNotify: no page of the reference has it; the members are those that one client reads."""

    mode: Text = None
    picNum: Long | None = None
    period: Long | None = None
    vas: Flag = None
    picInfos: list[PicInfo] | None = None


class Speaking(Wire, frozen=True, kw_only=True):
    """One who speaks."""

    pid: Text = None
    name: Text = None
    speakingVolume: Long | None = None


class SpeakerChange(MeetingPush, frozen=True, kw_only=True):
    """SpeakerChangeNotify. Without `data`: nobody speaks."""

    data: list[Speaking] | None = None


class NetInfo(Wire, frozen=True, kw_only=True):
    """An item of NetConditionNotify. The reference turns In and Out between the losses and the fluxes.

    Losses in 0.01 %, `…In…` from the terminal to the service; fluxes in 100 bit/s, `…In` the other way.
    """

    participantID: Id
    mode: Removal | None = None
    netInfo: Text = None
    delay: Figure | None = None
    """Round trip, ms."""
    jitter: Figure | None = None
    """ms, from the terminal to the service."""
    outJitter: Figure | None = None
    """ms, from the service to the terminal."""
    bandwidth: Long | None = None
    """The unit is not documented."""
    lostPacketRate: Figure | None = None
    """Audio, from the terminal to the service."""
    audioOutLossPacketRate: Figure | None = None
    fluxIn: Figure | None = None
    """Audio."""
    fluxOut: Figure | None = None
    audioCodecType: Text = None
    videoInLossPacketRate: Figure | None = None
    videoOutLossPacketRate: Figure | None = None
    videoFluxIn: Figure | None = None
    videoFluxOut: Figure | None = None
    videoCodecType: Text = None
    assistVideoInLossPacketRate: Figure | None = None
    assistVideoOutLossPacketRate: Figure | None = None
    assistVideoFluxIn: Figure | None = None
    assistVideoFluxOut: Figure | None = None


class NetCondition(MeetingPush, frozen=True, kw_only=True):
    """NetConditionNotify; the reference of 2025 lists it no more."""

    data: list[NetInfo] | None = None


class Called(Wire, frozen=True, kw_only=True):
    """An item of InviteResultNotify."""

    callNumber: Text = None
    resultCode: Text = None
    errorCode: Text = None
    """The table's spelling."""


class InviteResult(MeetingPush, frozen=True, kw_only=True):
    """InviteResultNotify."""

    data: list[Called] | None = None


class SubtitleMsg(Wire, frozen=True, kw_only=True):
    """One text of a caption."""

    translateText: Text
    subtitleLang: Text = None
    id: Text = None


class Subtitle(Wire, frozen=True, kw_only=True):
    """`data` of RealTimeSubtitleNotify."""

    msgs: list[SubtitleMsg]
    isFinal: Flag = None
    timestamp: Milliseconds | None = None
    beginTime: Long | None = None
    endTime: Long | None = None
    participantID: Text = None


class RealTimeSubtitle(MeetingPush, frozen=True, kw_only=True):
    """RealTimeSubtitleNotify, whose `version` and `createTime` are text."""

    data: Subtitle


class AiDigitalInfo(Wire, frozen=True, kw_only=True):
    """An interpreter that is a machine."""

    digitalAccount: Text = None
    digitalName: Text = None


class InterpreterInfo(Wire, frozen=True, kw_only=True):
    """One interpreter."""

    loginAccount: Text = None
    userID: Text = None
    callNumber: Text = None
    name: Text = None
    interpreterType: Text = None
    interpreterId: Text = None
    aiDigitalInfo: AiDigitalInfo | None = None


class InterpreterGroupInfo(Wire, frozen=True, kw_only=True):
    """One group of interpreters."""

    groupID: Text = None
    groupId: Text = None
    """The table's spelling."""
    groupName: Text = None
    firstLanguage: Text = None
    secondLanguage: Text = None
    groupType: Text = None
    interpreters: list[InterpreterInfo] | None = None


class InterpreterGroups(MeetingPush, frozen=True, kw_only=True):
    """InterpreterGroupNotify."""

    interpreterGroups: list[InterpreterGroupInfo] | None = None
    data: list[InterpreterGroupInfo] | None = None
    """The table's spelling."""


PUSHES: Final[dict[str, type[MeetingPush]]] = {
    "ConfBasicInfoNotify": ConfBasicInfo,
    "ConfDynamicInfoNotify": ConfDynamicInfo,
    "ParticipantsNotify": Participants,
    "ChannelAndParticipantsNotify": Participants,
    "AttendeesNotify": Attendees,
    "SpeakerChangeNotify": SpeakerChange,
    "NetConditionNotify": NetCondition,
    "InviteResultNotify": InviteResult,
    "RealTimeSubtitleNotify": RealTimeSubtitle,
    "WaitingListNotify": WaitingList,
    "InterpreterGroupNotify": InterpreterGroups,
    "CustomMultiPicNotify": CustomMultiPic,
}
"""By `action`. What NetworkQualityNotify holds is not known: it is none of these."""
