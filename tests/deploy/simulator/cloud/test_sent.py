"""What was sent: frames by hand, and the ledger that a topic is compared with."""

from __future__ import annotations

import hashlib
import json

import pytest

from deploy.simulator import ManualClock
from deploy.simulator.cloud import Cloud, CloudOptions
from deploy.simulator.cloud.sent import Made

from .client import START, cloud_and_client
from .test_meetings import ID, fill


@pytest.mark.parametrize("as_text", [False, True])
async def test_frame_is_pushed_as_it_is_given(as_text: bool) -> None:
    """By hand: whatever is to be tried on a receiver."""
    frame = {"action": "SpeakerChangeNotify", "msgID": "m1", "msgMode": 1, "version": 7, "data": []}
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting(ID)
        async with client.subscribed(ID, "SpeakerChangeNotify") as wire:
            await wire.frame()
            await cloud.push(ID, json.dumps(frame) if as_text else frame)

            assert await wire.frame() == frame
    sent = cloud.sent[-1]
    assert (sent.action, sent.message_id, sent.mode, sent.version) == ("SpeakerChangeNotify", "m1", "incremental", 7)


@pytest.mark.parametrize(
    "text", ["no JSON", "[]", '{"action":7,"msgID":[],"msgMode":"0","version":"1"}', '{"msgMode":0}']
)
async def test_whatever_is_no_frame_is_pushed_too(text: str) -> None:
    """To all who subscribed to anything, for nobody can tell what it is."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting(ID)
        async with client.subscribed(ID, "SpeakerChangeNotify") as wire:
            await wire.frame()
            await cloud.push(ID, text)

            assert await wire.response.receive_str() == text
    assert (cloud.sent[-1].action, cloud.sent[-1].message_id, cloud.sent[-1].version) == (None, None, None)


async def test_ledger_has_each_frame_that_was_sent() -> None:
    """Numbered, with meeting, socket and the text's hash; what nobody was subscribed to stands apart."""
    async with cloud_and_client() as (cloud, client):
        meeting = cloud.start_meeting(ID)
        cloud.speak(ID)
        async with client.subscribed(ID, "SpeakerChangeNotify") as wire:
            texts = [await wire.response.receive_str()]
            cloud.speak(ID)
            texts.append(await wire.response.receive_str())

    assert [frame.number for frame in cloud.sent] == [1, 2]
    assert [frame.sha256 for frame in cloud.sent] == [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    assert [frame.message_id for frame in cloud.sent] == [json.loads(text)["msgID"] for text in texts]
    assert {(f.meeting_id, f.meeting_uuid, f.socket) for f in cloud.sent} == {(ID, meeting.meeting_uuid, 1)}
    assert [(frame.action, frame.socket, frame.what) for frame in cloud.unsent] == [
        ("SpeakerChangeNotify", 0, "nobody")
    ]
    assert cloud.ledger.of_meeting(ID) == cloud.sent
    assert [json.loads(line)["number"] for line in cloud.ledger.lines().splitlines()] == [1, 2, 0]


async def test_same_seed_says_the_same() -> None:
    """Byte for byte, for the clock stands."""
    runs = []
    for _ in range(2):
        async with cloud_and_client() as (cloud, client):
            fill(cloud)
            async with client.subscribed(ID) as wire:
                await wire.frames(9)
        runs.append(cloud.ledger.lines())

    assert runs[0] == runs[1] != b""


def test_nothing_shows_a_name() -> None:
    """What is printed of a meeting and its people says which, not who."""
    cloud = Cloud(CloudOptions(), ManualClock(START))
    (pid, *_) = fill(cloud)
    meeting = cloud.meeting(ID)
    made = Made(meeting_id=ID, meeting_uuid="", action="A", message_id="m", mode=None, version=None, text="说话")
    shown = repr((meeting, meeting.people[pid], cloud.control_tokens.give("h", 1), made))

    assert [word in shown for word in (meeting.people[pid].name, meeting.host_password, "说话")] == [False] * 3
    assert shown.startswith(f"(<Meeting {ID} {meeting.meeting_uuid}>, <Attender {pid}>, <Held until")
