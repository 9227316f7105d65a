"""The documented frames: what the samples of the reference have, and a simulated frame must have too."""

from __future__ import annotations

import json
from typing import Any, Final

SAMPLES: Final[dict[str, Any]] = {
    "ConfBasicInfoNotify": json.loads("""
{"displayID":"900487914","title":"Weekly sync","startTime":"1611988484164","guestJoinUri":"https://meeting.example.com",
"pwds":[{"role":"chair","pwd":"******"}],"recType":1,"media":2,"owner":"User A","orgID":"44252","aiRecType":0,
"callInRestriction":0,"audienceCallInRestriction":0,"confMode":"COMMON","webinar":false,"realTimeSubtitle":0,
"bignumMultiPicSwitch":true,"partViewSwitch":true,"simultaneousInterpretation":0,"supportWatermark":1,"userType":2,
"ownerID":"271682cfdbe14fa9ae3a8b25f7502627","scheduledStartTime":"1611988483700","supportCohost":1,
"supportClientRecord":1,"inviteShareSwitch":true,"confPortalCapabilities":"1","supportWaitingRoom":false}"""),
    "ConfDynamicInfoNotify": json.loads("""
{"state":"Created","endTime":"1611994784164","mode":"FREE","vas":1,"picNum":16,"lock":0,"mute":1,"lockSharing":0,
"canUnmute":1,"chairView":0,"recState":0,"aiRecState":0,"enableShareSetting":1,"callInRestriction":0,
"audienceCallInRestriction":0,"forbiddenChat":0,"realTimeSubtitle":0,"audienceTotalCount":0,
"simultaneousInterpretation":0,"lanChannels":[],"allowAudience":false,"pause":false,"partViewNum":0,"maxPartViewNum":8,
"audienceVideoLayout":"speakerVideoLayout","recOccurred":0,"clientRecState":0,"clientRecMode":0,"waitingRoomState":0,
"showAudienceMode":0,"audienceCountMultiple":0,"audienceCountReal":0}"""),
    "ParticipantsNotify": json.loads("""
{"data":[{"pid":"u","mode":0,"pinfoMap":{"CAMERASTATE":"1","ORG_ID":"44252","LOCKED_VIEW":"0","MUTE":"1",
"ACCOUNT_ID":"2","LOCALREC":"0","TEL":"+8657100000001","ALLOW_CLIENT_REC":"0","STATE":"0","SHARE":"0","ANONYMOUS":"0",
"ADDTIME":"1611988486336","NAME":"User A","CLIENT_REC_STATE":"0","CLIENT_CAPABILITIES":"1,3","ROLE_SWITCH_OVER":"0",
"RTC_USER_ID":"u","CLIENT_LOGIN_TYPE":"Desktop","T":"1","ACCOUNT":"usera","BROADCAST":"0","IS_COHOST":"0","HAND":"0",
"IS_SVC":"1","ROLLCALL":"0","M":"1","VIDEO":"1","ROLE":"1","THIRDACCOUNT":"usera","INVITE_SHARE_STATE":"0"}}]}"""),
    "AttendeesNotify": json.loads("""
{"data":[{"mode":0,"orgID":"44252","thirdAccount":"usera","phone":"+86571********","accountId":"usera",
"userUUID":"271682cfdbe14fa9ae3a8b25f7502627","name":"User A","role":1,"isMute":0,"isAutoInvite":0,"type":"normal",
"deptUUID":"ff808081689de0d901689df549fe0009","deptName":"department2","hidePhone":false,
"isNotOverlayPidName":false}]}"""),
    "SpeakerChangeNotify": json.loads("""{"data":[{"pid":"w","name":"User A","speakingVolume":45}]}"""),
    "NetConditionNotify": json.loads("""
{"data":[{"mode":0,"participantID":"u","netInfo":"good","lostPacketRate":"0","delay":"37","jitter":"0","fluxIn":"2",
"fluxOut":"2","audioOutLossPacketRate":"0","videoInLossPacketRate":"0","videoOutLossPacketRate":"0",
"assistVideoInLossPacketRate":"0","assistVideoOutLossPacketRate":"0","outJitter":"0","videoFluxIn":"0",
"videoFluxOut":"0","assistVideoFluxIn":"0","assistVideoFluxOut":"0","bandwidth":61440,"audioCodecType":"AACLD",
"videoCodecType":"H264HP"}]}"""),
    "InviteResultNotify": json.loads("""{"data":[{"callNumber":"+8657100000001","resultCode":"0"}]}"""),
    "WaitingListNotify": json.loads("""
{"data":[{"pid":"e","mode":0,"delType":0,"pinfoMap":{"NAME":"User B","ORG_ID":"44252","ACCOUNT_ID":"3","ANONYMOUS":"0",
"ACCOUNT":"userb","CLIENT_LOGIN_TYPE":"Desktop","TEL":"+8657100000002","THIRDACCOUNT":"userb",
"ADDTIME":"1668754928397"}}]}"""),
    "InterpreterGroupNotify": json.loads("""
{"interpreterGroups":[{"groupID":"f","firstLanguage":"en","secondLanguage":"zh",
"interpreters":[{"userID":"a","callNumber":"+99","name":"Interpreter A"}]}]}"""),
}
"""Documented examples, names and numbers neutralised, without the envelope."""


def lacks(sample: Any, frame: Any, path: str = "") -> list[str]:
    """Return which members of a sample a frame does not have, or has of another type."""
    if type(sample) is not type(frame):
        return [f"{path}: {type(frame).__name__}"]
    if isinstance(sample, dict):
        return [
            lack
            for key, member in sample.items()
            for lack in (lacks(member, frame[key], f"{path}.{key}") if key in frame else [f"{path}.{key}"])
        ]
    if isinstance(sample, list):
        return [lack for item in frame for lack in lacks(sample[0], item, f"{path}[]")] if sample else []
    return []
