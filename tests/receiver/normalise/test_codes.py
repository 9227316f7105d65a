"""Every code that is documented has its word; every other has none, and is never taken for nought."""

from __future__ import annotations

import json
from typing import Any

import pytest

from receiver.frames import Push, read_frame
from receiver.normalise.meeting import events_of
from tests.frames import framed


def event(action: str, **members: Any) -> dict[str, Any]:
    """Return the one event of a frame, as readers have it."""
    frame = framed(json.dumps({"action": action, "msgMode": 1, **members}).encode())
    read = read_frame(frame)
    assert isinstance(read, Push)
    (found,) = events_of(frame, read, mask=False)
    return {name: getattr(found, name) for name in found.__struct_fields__}


@pytest.mark.parametrize(
    ("member", "field", "words"),
    [
        ("media", "media", {1: "voice", 2: "video", 3: None}),
        ("recType", "recording", {0: "off", 1: "recording", 2: "recording_and_live", 3: "live", 4: None}),
        ("callInRestriction", "call_in", {0: "everyone", 1: None, 2: "enterprise", 3: "invited"}),
        ("confMode", "hosting", {"COMMON": "COMMON", "RTC": "RTC", "": None}),
        ("realTimeSubtitle", "captions_supported", {0: False, 1: True, 7: True, "": None}),
        ("webinar", "is_webinar", {0: False, 1: True, 2: None}),
        ("startTime", "started_at", {0: None, "": None}),
    ],
)
def test_codes_of_a_description(member: str, field: str, words: dict[Any, Any]) -> None:
    """As numbers and as text alike."""
    spelt = {code: event("ConfBasicInfoNotify", title="t", **{member: code})[field] for code in words}
    as_text = {code: event("ConfBasicInfoNotify", title="t", **{member: str(code)})[field] for code in words}

    assert (spelt, as_text) == (words, words)


@pytest.mark.parametrize(
    ("state", "ours"),
    [
        ("Schedule", "scheduled"),
        ("Creating", "creating"),
        ("Created", "running"),
        ("Destroyed", "closed"),
        ("Suspended", "Suspended"),
        ("", None),
        (None, None),
    ],
)
def test_states_of_a_meeting(state: str | None, ours: str | None) -> None:
    """A word that nobody documented is shown as it is: state is what everything waits for."""
    assert event("ConfDynamicInfoNotify", vas=1, state=state)["state"] == ours


@pytest.mark.parametrize(
    ("action", "member", "field", "words"),
    [
        ("ParticipantsNotify", "ROLE", "role", {"0": "participant", "1": "host", "2": "audience", "3": None}),
        ("ParticipantsNotify", "STATE", "state", {"0": "in_meeting", "1": "calling", "2": None}),
        ("ParticipantsNotify", "VIEW_TYPE", "viewing", {"0": "nothing", "1": "all", "2": "one", "3": None}),
        ("ParticipantsNotify", "WAITINGSTATE", "state", {"0": None}),
        ("WaitingListNotify", "WAITINGSTATE", "state", {"0": "waiting", "1": "admitted", "2": None}),
        ("WaitingListNotify", "STATE", "state", {"0": None}),
    ],
)
def test_codes_of_a_person(action: str, member: str, field: str, words: dict[str, str | None]) -> None:
    """Each roster reads its own state."""
    found = {
        code: getattr(event(action, data=[{"pid": "p", "pinfoMap": {member: code}}])["person"], field) for code in words
    }

    assert found == words


@pytest.mark.parametrize(
    ("member", "field"),
    [
        ("HAND", "hand_raised"),
        ("BROADCAST", "broadcast"),
        ("ROLLCALL", "called_upon"),
        ("SHARE", "sharing"),
        ("MUTE", "muted"),
        ("LOCALREC", "recording"),
        ("ANONYMOUS", "anonymous"),
        ("VIDEO", "video"),
        ("CAMERASTATE", "camera_on"),
        ("IS_COHOST", "co_host"),
    ],
)
def test_switches_of_a_person(member: str, field: str) -> None:
    """On, off, or not known; in all the spellings that JSON has for it."""
    spelt = ["0", 0, False, "false", "1", 1, True, "true", "2", "", None]

    found = [
        getattr(event("ParticipantsNotify", data=[{"pid": "p", "pinfoMap": {member: code}}])["person"], field)
        for code in spelt
    ]

    assert found == [False] * 4 + [True] * 4 + [None] * 3


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("0", "connected"),
        ("11111001", "no_media_received"),
        ("11111002", "no_media_at_site"),
        ("11111003", "signalling_lost"),
        ("11111004", "socket_lost"),
        ("11076001", "hung_up_by_host"),
        ("11076002", "hung_up_by_host"),
        ("11076003", "room_full"),
        ("11076004", "enterprise_full"),
        ("11076005", "no_answer"),
        ("11076006", "not_found"),
        ("11076007", "offline"),
        ("11076008", "busy"),
        ("11076009", "rejected"),
        ("11076010", "hung_up"),
        ("11076011", "no_resources"),
        ("11076012", "telephone_not_enabled"),
        ("11076013", "directory_refused"),
        ("11076014", "timed_out"),
        ("11076016", "hung_up_in_portal"),
        ("4711", None),
    ],
)
def test_answers_to_an_invitation(code: str, result: str | None) -> None:
    """The code stays beside the word."""
    found = event("InviteResultNotify", data=[{"callNumber": "+1", "resultCode": code}])

    assert (found["result_code"], found["result"]) == (code, result)


@pytest.mark.parametrize(
    ("member", "modality", "direction", "field", "told", "value"),
    [
        ("lostPacketRate", "audio", "sent", "packet_loss_ratio", "1000", 0.1),
        ("audioOutLossPacketRate", "audio", "received", "packet_loss_ratio", "1", 0.0001),
        ("videoInLossPacketRate", "video", "sent", "packet_loss_ratio", "10000", 1.0),
        ("videoOutLossPacketRate", "video", "received", "packet_loss_ratio", "0", 0.0),
        ("assistVideoInLossPacketRate", "screen", "sent", "packet_loss_ratio", "250", 0.025),
        ("assistVideoOutLossPacketRate", "screen", "received", "packet_loss_ratio", "250", 0.025),
        ("fluxOut", "audio", "sent", "bitrate_bps", "2", 200),
        ("fluxIn", "audio", "received", "bitrate_bps", "3", 300),
        ("videoFluxOut", "video", "sent", "bitrate_bps", "0", 0),
        ("videoFluxIn", "video", "received", "bitrate_bps", "20010", 2_001_000),
        ("assistVideoFluxOut", "screen", "sent", "bitrate_bps", "4", 400),
        ("assistVideoFluxIn", "screen", "received", "bitrate_bps", "5", 500),
        ("jitter", "audio", "sent", "jitter_ms", "11", 11.0),
        ("outJitter", "audio", "received", "jitter_ms", "22", 22.0),
    ],
)
def test_each_figure_of_quality(
    member: str, modality: str, direction: str, field: str, told: str, value: float
) -> None:
    """Its modality, its direction as the participant sees it, its unit; and nothing is made up beside it."""
    (flow,) = event("NetConditionNotify", data=[{"participantID": "p", member: told}])["flows"]

    figures = {name: getattr(flow, name) for name in ("bitrate_bps", "packet_loss_ratio", "jitter_ms")}
    assert (flow.modality, flow.direction) == (modality, direction)
    assert {name: figure for name, figure in figures.items() if figure is not None} == {field: value}


@pytest.mark.parametrize(
    ("member", "told"),
    [("lostPacketRate", "10001"), ("lostPacketRate", "-1"), ("fluxIn", "-1"), ("jitter", "-1"), ("jitter", "")],
)
def test_a_figure_that_none_can_be_is_not_known(member: str, told: str) -> None:
    """Below nought, or a loss of more than all: no measurement."""
    assert event("NetConditionNotify", data=[{"participantID": "p", member: told}])["flows"] == []
