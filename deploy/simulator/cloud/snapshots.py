"""The full frame of each push: what a meeting looks like, in the words of the samples. Pure."""

from collections.abc import Callable
from typing import Final

from .meeting import Meeting
from .quality import net_condition

_HOUR_MS: Final = 3_600_000


def snapshot(meeting: Meeting, action: str, now_ms: int) -> dict[str, object] | None:
    """Return the members of a full frame beside the envelope; None for an action that has none to begin with."""
    build = _SNAPSHOTS.get(action)
    return None if build is None else build(meeting, now_ms)


def _basic(meeting: Meeting, now_ms: int) -> dict[str, object]:
    return {
        "displayID": meeting.told_id,
        "title": meeting.subject,
        "startTime": str(meeting.began_ms),
        "guestJoinUri": f"https://meeting.example.com:443/#/j/{meeting.meeting_id}/{'0' * 50}",
        "pwds": [
            {"role": "chair", "pwd": meeting.host_password},
            {"role": "general", "pwd": meeting.guest_password},
        ],
        "recType": 1,
        "media": 2,
        "owner": meeting.scheduler,
        "orgID": "44252",
        "aiRecType": 0,
        "callInRestriction": 0,
        "audienceCallInRestriction": 0,
        "confMode": "COMMON" if meeting.mixed else "RTC",
        "webinar": meeting.webinar,
        "realTimeSubtitle": 1,
        "bignumMultiPicSwitch": True,
        "partViewSwitch": True,
        "simultaneousInterpretation": int(bool(meeting.interpreters)),
        "supportWatermark": 1,
        "userType": 2,
        "ownerID": meeting.scheduler_uuid,
        "scheduledStartTime": str(meeting.began_ms - 700),
        "supportCohost": 1,
        "supportClientRecord": 1,
        "inviteShareSwitch": True,
        "confPortalCapabilities": "1",
        "supportWaitingRoom": True,
    }


def _dynamic(meeting: Meeting, now_ms: int) -> dict[str, object]:
    end_ms = meeting.began_ms + _HOUR_MS if meeting.on else now_ms
    zero = ("lock", "lockSharing", "chairView", "recState", "aiRecState", "callInRestriction", "forbiddenChat")
    more = ("audienceCallInRestriction", "audienceTotalCount", "simultaneousInterpretation", "partViewNum")
    rest = ("recOccurred", "clientRecState", "clientRecMode", "waitingRoomState", "showAudienceMode")
    last = ("audienceCountMultiple", "audienceCountReal")
    return {
        "state": "Created" if meeting.on else "Destroyed",
        "endTime": str(end_ms),
        "mode": "FREE",
        "vas": 1,
        "picNum": 16,
        "mute": 1,
        "canUnmute": 1,
        **dict.fromkeys((*zero, *more, *rest, *last), 0),
        "enableShareSetting": 1,
        "realTimeSubtitle": int(meeting.captions_began_ms is not None),
        "lanChannels": [],
        "allowAudience": meeting.webinar,
        "pause": False,
        "maxPartViewNum": 8,
        "audienceVideoLayout": "speakerVideoLayout",
        **meeting.controls,
    }


def _participants(meeting: Meeting, now_ms: int) -> dict[str, object]:
    return {"data": [person.participant() for person in meeting.people.values()]}


def _attendees(meeting: Meeting, now_ms: int) -> dict[str, object]:
    return {"data": [person.attendee() for person in meeting.people.values()]}


def _speakers(meeting: Meeting, now_ms: int) -> dict[str, object]:
    """Return the speakers; where nobody speaks there is no `data`, says the reference."""
    speaking = [
        {"pid": pid, "name": meeting.people[pid].name, "speakingVolume": volume}
        for pid, volume in meeting.speakers
        if pid in meeting.people
    ]
    return {"data": speaking} if speaking else {}


def _net_conditions(meeting: Meeting, now_ms: int) -> dict[str, object]:
    return {"data": [net_condition(person, now_ms) for person in meeting.people.values()]}


def _invites(meeting: Meeting, now_ms: int) -> dict[str, object]:
    return {"data": [{"callNumber": number, "resultCode": code} for number, code in meeting.invited]}


def _waiting(meeting: Meeting, now_ms: int) -> dict[str, object]:
    return {"data": [person.waiting() for person in meeting.waiting.values()]}


def _interpreters(meeting: Meeting, now_ms: int) -> dict[str, object]:
    return {"interpreterGroups": meeting.interpreters}


def _layout(meeting: Meeting, now_ms: int) -> dict[str, object]:
    """Return the pictures on the screen. No reference has this push; the members are those that a client parses."""
    pictures = [
        {"index": index, "id": [person.number], "picUserList": [{"userId": person.user_uuid}], "share": 0}
        for index, person in enumerate(meeting.people.values(), 1)
    ]
    return {
        "mode": "FREE",
        "picInfos": pictures,
        "userPicInfos": [],
        "picLayout": {"x": 4, "y": 4, "subPicLayoutInfoList": []},
        "picMode": 0,
        "picNum": 16,
        "activeIndex": 0,
        "period": 10,
        "vas": 1,
        "isChairViewMultiPic": 0,
        "skipEmptyPic": False,
    }


_SNAPSHOTS: Final[dict[str, Callable[[Meeting, int], dict[str, object]]]] = {
    "ConfBasicInfoNotify": _basic,
    "ConfDynamicInfoNotify": _dynamic,
    "ParticipantsNotify": _participants,
    "AttendeesNotify": _attendees,
    "SpeakerChangeNotify": _speakers,
    "NetConditionNotify": _net_conditions,
    "InviteResultNotify": _invites,
    "WaitingListNotify": _waiting,
    "InterpreterGroupNotify": _interpreters,
    "CustomMultiPicNotify": _layout,
}
