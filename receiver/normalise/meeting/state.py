"""What a meeting is and how it stands: its description, its state, its layout. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from schemas.events import (
    Interpreter,
    InterpreterGroup,
    InterpretersChanged,
    InvitationAnswered,
    LayoutChanged,
    MeetingDescribed,
    MeetingStateChanged,
    Picture,
)
from schemas.push.meeting import (
    AiDigitalInfo,
    ConfBasicInfo,
    ConfDynamicInfo,
    CustomMultiPic,
    InterpreterGroupInfo,
    InterpreterGroups,
    InterpreterInfo,
    InviteResult,
    PicInfo,
)

from .codes import CALL_IN, MEDIA, RECORDING, RESULTS, STATES
from .values import at, either, flag, other_than_nought, text, word

Common = Mapping[str, Any]
"""What every event of one frame has."""

_NOBODY: Final = AiDigitalInfo()


def described(push: ConfBasicInfo, common: Common) -> MeetingDescribed:
    """Return what stays as it is, without what lets people in."""
    return MeetingDescribed(
        **common,
        display_id=text(push.displayID),
        subject=text(push.title),
        started_at=at(push.startTime),
        scheduled_at=at(push.scheduledStartTime),
        owner_name=text(push.owner),
        owner_id=text(push.ownerID),
        organisation_id=either(push.orgId, push.orgID),
        media=word(push.media, MEDIA),
        recording=word(push.recType, RECORDING),
        hosting=text(push.confMode),
        call_in=word(push.callInRestriction, CALL_IN),
        is_webinar=flag(push.webinar),
        captions_supported=other_than_nought(push.realTimeSubtitle),
        waiting_room_supported=flag(push.supportWaitingRoom),
        interpretation=flag(push.simultaneousInterpretation),
    )


def changed(push: ConfDynamicInfo, common: Common) -> list[MeetingStateChanged | LayoutChanged]:
    """Return how the meeting stands, and its layout where the frame has one."""
    state = text(push.state)
    now = MeetingStateChanged(
        **common,
        state=None if state is None else STATES.get(state, state),
        ends_at=at(push.endTime),
        layout=text(push.mode),
        picture_count=push.picNum,
        voice_activation=flag(push.vas),
        locked=flag(push.lock),
        muted_on_entry=flag(push.mute),
        may_unmute=flag(push.canUnmute),
        sharing_locked=flag(push.lockSharing),
        host_polling=flag(push.chairView),
        recording_now=flag(push.recState),
        recorded=flag(push.recOccurred),
        chat_forbidden=flag(push.forbiddenChat),
        captions_on=other_than_nought(push.realTimeSubtitle),
        waiting_room_on=flag(push.waitingRoomState),
        interpretation_on=flag(push.simultaneousInterpretation),
        paused=flag(push.pause),
        audience_count=push.audienceTotalCount,
    )
    if push.multiPic is None:
        return [now]
    shown = push.multiPic
    layout = LayoutChanged(
        **common,
        layout=text(push.mode),
        picture_count=shown.picNum,
        polling_interval_s=shown.period,
        voice_activation=flag(push.vas),
        pictures=_pictures(shown.picInfos),
    )
    return [now, layout]


def arranged(push: CustomMultiPic, common: Common) -> LayoutChanged:
    """Return how the pictures are arranged."""
    return LayoutChanged(
        **common,
        layout=text(push.mode),
        picture_count=push.picNum,
        polling_interval_s=push.period,
        voice_activation=flag(push.vas),
        pictures=_pictures(push.picInfos),
    )


def answered(push: InviteResult, common: Common) -> list[InvitationAnswered]:
    """Return what became of each call."""
    found = ((text(item.callNumber), either(item.resultCode, item.errorCode) or "") for item in push.data or ())
    return [
        InvitationAnswered(**common, call_number=number, result_code=code, result=RESULTS.get(code))
        for number, code in found
    ]


def interpreted(push: InterpreterGroups, common: Common) -> InterpretersChanged:
    """Return all groups of interpreters."""
    found = push.data if push.interpreterGroups is None else push.interpreterGroups
    return InterpretersChanged(**common, groups=[_group(item) for item in found or ()])


def _pictures(found: list[PicInfo] | None) -> list[Picture]:
    return [
        Picture(index=item.index, call_numbers=[str(number) for number in item.id or ()], sharing=flag(item.share))
        for item in found or ()
    ]


def _group(item: InterpreterGroupInfo) -> InterpreterGroup:
    return InterpreterGroup(
        group_id=either(item.groupId, item.groupID),
        name=text(item.groupName),
        first_language=text(item.firstLanguage),
        second_language=text(item.secondLanguage),
        kind=text(item.groupType),
        interpreters=[_interpreter(one) for one in item.interpreters or ()],
    )


def _interpreter(item: InterpreterInfo) -> Interpreter:
    machine = item.aiDigitalInfo or _NOBODY
    return Interpreter(
        interpreter_id=text(item.interpreterId),
        user_id=text(item.userID),
        account=either(item.loginAccount, machine.digitalAccount),
        call_number=text(item.callNumber),
        name=either(item.name, machine.digitalName),
        kind=text(item.interpreterType),
    )
