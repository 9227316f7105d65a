"""Frames in the service's words: nothing fails, what drifts is read all the same, and nothing shows what it says."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.frames import Frame, Push, Reply, UnreadableFrame, frame_id, read_frame
from schemas.push.answers import Renewed
from schemas.push.meeting import SpeakerChange, Speaking
from tests.frames import framed

ENVELOPE = {
    "confID": "900487914",
    "msgID": "4252aa67647f11ebb104b533eb9cd8a1",
    "msgMode": 0,
    "version": 1_612_178_330_127,
    "createTime": 1_612_178_330_127,
}
SPEAKERS = [{"pid": "p-1", "name": "User A", "speakingVolume": 45}]
CREATED_AT = datetime(2021, 2, 1, 11, 18, 50, 127_000, tzinfo=UTC)


def frame(**members: Any) -> Frame:
    """Return a frame of these members."""
    return framed(json.dumps(members, ensure_ascii=False).encode())


def spoken(**changes: Any) -> Frame:
    """Return a frame of one speaker, with some members changed."""
    return frame(**{"action": "SpeakerChangeNotify", **ENVELOPE, "data": SPEAKERS, **changes})


def test_a_push_is_its_envelope_and_its_payload() -> None:
    """Our types for what the subscription decides by, the service's words for the rest."""
    assert read_frame(spoken()) == Push(
        action="SpeakerChangeNotify",
        message_id="4252aa67647f11ebb104b533eb9cd8a1",
        mode="full",
        version=1_612_178_330_127,
        created_at=CREATED_AT,
        payload=SpeakerChange(
            msgID="4252aa67647f11ebb104b533eb9cd8a1",
            msgMode=0,
            version=1_612_178_330_127,
            createTime=1_612_178_330_127,
            data=[Speaking(pid="p-1", name="User A", speakingVolume=45)],
        ),
    )


@pytest.mark.parametrize(
    "key",
    ["{}", "{} ", " {}", "\t{}", "{}\r\n", "\u3000{}", "{}\u00a0", "\ufeff{}".replace("\ufeff", "\u2003")],
    ids=["as it is", "behind", "before", "tab", "line end", "ideographic", "no-break", "em space"],
)
@pytest.mark.parametrize("ascii_only", [True, False], ids=["escaped", "as bytes"])
@pytest.mark.parametrize("indent", [None, 2], ids=["on one line", "on many"])
def test_white_space_around_keys_means_nothing(key: str, *, ascii_only: bool, indent: int | None) -> None:
    """At every level, in whatever spelling: the reference has keys with a space behind them."""
    members: dict[str, Any] = {"action": "SpeakerChangeNotify", **ENVELOPE}
    members["data"] = [{key.format(name): value for name, value in SPEAKERS[0].items()}]
    spaced = {key.format(name): value for name, value in members.items()}

    read = read_frame(framed(json.dumps(spaced, ensure_ascii=ascii_only, indent=indent).encode()))

    assert read == read_frame(spoken())


@pytest.mark.parametrize(
    ("members", "reply"),
    [
        pytest.param(
            {"action": "Subscribe", "sequence": "0017", "data": {"returnCode": 0, "returnDesc ": "SUCCESS"}},
            Reply(action="Subscribe", sequence="0017", code=0),
            id="subscribed",
        ),
        pytest.param(
            {"action": "Subscribe", "sequence": 17, "data": {"returnCode": "111072065"}},
            Reply(action="Subscribe", sequence="17", code=111_072_065),
            id="refused, in other types",
        ),
        pytest.param(
            {"action": "HeartBeat", "sequence": "0017"},
            Reply(action="HeartBeat", sequence="0017", code=None),
            id="an echo of a heartbeat",
        ),
        pytest.param(
            {"action": "ConfControl", "data": {"returnCode": 0}},
            Reply(action="ConfControl", sequence=None, code=0),
            id="captions switched on",
        ),
        pytest.param(
            {
                "action": "ConfControl",
                "sequence": "0017",
                "data": {"data": {"token": "t", "wsURL": "wss://192.0.2.10", "confTokenExpireTime": "1800"}},
            },
            Reply(
                action="ConfControl",
                sequence="0017",
                code=None,
                renewed=Renewed(token="t", wsURL="wss://192.0.2.10", confTokenExpireTime=1800),
            ),
            id="a new token",
        ),
    ],
)
def test_an_answer_is_told_from_a_push(members: dict[str, Any], reply: Reply) -> None:
    """By its action; its sequence is the request's."""
    assert read_frame(frame(**members)) == reply


def test_what_is_not_understood_keeps_its_place_in_the_sequence() -> None:
    """A frame that nobody could read was seen: its number leaves no hole."""
    assert read_frame(spoken(data=[{"speakingVolume": "loud"}], msgMode=1, version="41")) == UnreadableFrame(
        reason="changed_frame",
        action="SpeakerChangeNotify",
        where="$.data[0].speakingVolume",
        message_id="4252aa67647f11ebb104b533eb9cd8a1",
        mode="incremental",
        version=41,
        created_at=CREATED_AT,
    )


def test_an_action_that_nobody_knows_is_said_so() -> None:
    """Not the same as one that changed: the service has something new."""
    read = read_frame(frame(action="NetworkQualityNotify", msgID="m-1"))

    assert read == UnreadableFrame(
        reason="unknown_action", action="NetworkQualityNotify", where="$.action", message_id="m-1"
    )


@pytest.mark.parametrize(
    ("body", "where"),
    [
        pytest.param(b"", "$", id="nothing"),
        pytest.param(b"[]", "$", id="a list"),
        pytest.param(b"{}", "$.action", id="no action"),
        pytest.param(b'{"action":null}', "$.action", id="an action that is none"),
        pytest.param(b"[" * 5_000, "$", id="broken, and deep"),
        pytest.param(b"[" * 5_000 + b"]" * 5_000, "$", id="deep"),
        pytest.param(b'{"action ":' + b"[" * 100 + b"]" * 100 + b"}", "$.action", id="an action as a list"),
    ],
)
def test_what_is_no_frame_is_said_so(body: bytes, where: str) -> None:
    """Nothing raises, and no value is quoted."""
    read = read_frame(framed(body))

    assert isinstance(read, UnreadableFrame)
    assert (read.reason, read.action, read.where) == ("changed_frame", None, where)


def test_the_action_of_a_frame_that_is_no_unicode_is_known() -> None:
    """It is counted under its name."""
    read = read_frame(framed(b'{"action":"RealTimeSubtitleNotify","x":"\xff"}'))

    assert read == UnreadableFrame(reason="changed_frame", action="RealTimeSubtitleNotify", where="$")


def test_an_id_is_of_the_meeting_the_action_and_the_message() -> None:
    """Frozen: a change of it would make every frame in the topics a new one."""
    given_frame = spoken()
    read = read_frame(given_frame)
    assert isinstance(read, Push)

    assert frame_id(given_frame, read) == "30a6f19610238026c4086c5c0dc68b53"
    assert frame_id(given_frame, read) == frame_id(spoken(data=[]), read)


def test_an_id_without_a_message_id_is_of_the_bytes() -> None:
    """Frozen as well. Two frames that say the same are then one."""
    body = b'{"action":"SpeakerChangeNotify"}'
    sha256 = hashlib.sha256(body).hexdigest()
    derived = hashlib.sha256(f'["meeting-bytes","900487914","{sha256}"]'.encode()).hexdigest()[:32]
    read = read_frame(framed(body))
    assert isinstance(read, Push)

    assert frame_id(framed(body), read) == derived
    assert frame_id(framed(b"pong"), UnreadableFrame(reason="changed_frame", action=None, where="$")) != derived


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_set_aside(body: bytes) -> None:
    """No exception leaves, so none ends a subscription."""
    assert isinstance(read_frame(framed(body)), UnreadableFrame)


@pytest.mark.parametrize(
    "thing",
    [
        framed(b"marker"),
        Push(
            action="SpeakerChangeNotify",
            message_id="marker",
            mode="full",
            version=1,
            created_at=None,
            payload=SpeakerChange(msgID="marker"),
        ),
        Reply(action="ConfControl", sequence="marker", code=0, renewed=Renewed(token="marker")),
        UnreadableFrame(reason="changed_frame", action="marker", where="$.data", message_id="marker"),
        Renewed(token="marker"),
        SpeakerChange(msgID="marker"),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_repr_shows_no_content(thing: object) -> None:
    """Not a word, a name or a token, in whatever log line or traceback."""
    assert "marker" not in repr(thing)
