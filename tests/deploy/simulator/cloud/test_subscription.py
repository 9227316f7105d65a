"""The cloud's sockets: tokens that open one, Subscribe, HeartBeat, ConfControl, and every way they end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deploy.simulator.cloud import PUSH_TYPES

from .client import SUCCESS, cloud_and_client

SNAPSHOTS = [kind for kind in PUSH_TYPES if kind != "RealTimeSubtitleNotify"]
HEARTBEAT = {"sequence": "000000000000000001611993655770", "action": "HeartBeat"}


async def test_subscribing_brings_a_full_frame_of_each_type() -> None:
    """At once, in one order, stamped by the cloud's clock; captions come when spoken."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        cloud.join("900000001")
        async with client.subscribed("900000001") as wire:
            frames = await wire.frames(len(SNAPSHOTS))

    assert [frame["action"] for frame in frames] == SNAPSHOTS
    assert {frame["msgMode"] for frame in frames} == {0}
    assert {frame["version"] for frame in frames} == {cloud.now_ms()}
    assert {frame["confID"] for frame in frames} == {"900000001"}
    assert len({frame["msgID"] for frame in frames}) == len(SNAPSHOTS)


async def test_changes_come_with_numbers_without_a_hole() -> None:
    """Incremental frames are numbered per type and meeting, from 1 on."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        async with client.subscribed("900000001", "ParticipantsNotify", "WaitingListNotify") as wire:
            await wire.frames(2)
            pid = cloud.join("900000001")
            cloud.change("900000001", pid, HAND="1")
            waiting = cloud.wait("900000001")
            cloud.leave("900000001", pid)
            frames = await wire.frames(4)

    people, waits = "ParticipantsNotify", "WaitingListNotify"
    assert [(frame["action"], frame["version"]) for frame in frames] == [
        (people, 1),
        (people, 2),
        (waits, 1),
        (people, 3),
    ]
    assert frames[1]["data"] == [{"pid": pid, "mode": 0, "pinfoMap": {"HAND": "1"}}]
    assert frames[2]["data"][0]["pid"] == waiting
    assert frames[3]["data"] == [{"pid": pid, "mode": 1}]


async def test_heartbeat_is_echoed() -> None:
    """Sequence and all."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        async with client.socket("900000001") as wire:
            await wire.send(HEARTBEAT)

            assert await wire.frame() == HEARTBEAT


@pytest.mark.parametrize("spelt", ["raw", "basic"])
async def test_control_token_is_taken_raw_and_in_base64(spelt: str) -> None:
    """Public clients send both."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        async with client.socket("900000001") as wire:
            reply = await wire.subscribe(token=wire.control if spelt == "raw" else None)

    assert reply == {"action": "Subscribe", "sequence": "1", "data": SUCCESS}


async def test_data_is_taken_as_an_object_too() -> None:
    """The table says object, every example string."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        async with client.socket("900000001") as wire:
            data = {"subscribeType": ["SpeakerChangeNotify"], "confToken": wire.control}
            await wire.send({"action": "Subscribe", "sequence": "1", "data": data})

            assert (await wire.frame())["data"] == SUCCESS


@pytest.mark.parametrize("data", [None, 7, "no JSON", "[]", '{"subscribeType":[]}', '{"subscribeType":"All"}'])
async def test_wrong_subscribe_is_refused(data: Any) -> None:
    """With a returnCode, and nothing is pushed; the socket stays."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        async with client.socket("900000001") as wire:
            await wire.send({"action": "Subscribe", "sequence": "1", "data": data})
            refused = await wire.frame()
            cloud.join("900000001")

            assert refused["data"] == {"returnCode": 111072065, "returnDesc ": "AUTH_FAILED"}
            assert (await wire.subscribe("SpeakerChangeNotify"))["data"] == SUCCESS


async def test_wrong_token_is_refused_on_the_socket() -> None:
    """By Subscribe and by ConfControl."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        async with client.socket("900000001") as wire:
            subscribed = await wire.subscribe(token="Basic %%%")
            controlled = await wire.control_conference("REALTIMESUBTITLE", confToken="none")

    assert subscribed["data"]["returnCode"] == 111072065
    assert controlled == {"action": "ConfControl", "sequence": "3", "data": {"returnCode": 111072065}}


async def test_subscribe_can_be_refused_on_demand() -> None:
    """Once, with a good token."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        cloud.faults.next_subscribes(code=7)
        async with client.socket("900000001") as wire:
            replies = [await wire.subscribe("SpeakerChangeNotify") for _ in range(2)]

    assert [reply["data"]["returnCode"] for reply in replies] == [7, 0]


async def test_unknown_control_says_nothing() -> None:
    """What other controls answer is not known."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        async with client.socket("900000001") as wire:
            data = json.dumps({"confToken": wire.control})
            await wire.send({"action": "ConfControl", "type": "DANCE", "data": data})
            await wire.send(HEARTBEAT)

            assert await wire.frame() == HEARTBEAT


async def test_captions_are_switched_on_by_the_socket() -> None:
    """The meeting says so, sentences come, and they stop when switched off."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        pid = cloud.join("900000001")
        async with client.subscribed("900000001", "ConfDynamicInfoNotify", "RealTimeSubtitleNotify") as wire:
            frames = [await wire.frame()]
            cloud.caption("900000001", pid, {"English": "unheard"}, sentence="s1", final=True)
            await wire.control_conference("REALTIMESUBTITLE", isSubtitle="1", subtitleType="0")
            cloud.caption("900000001", pid, {"English": "heard"}, sentence="s2", final=True)
            frames += await wire.frames(2)
            await wire.control_conference("REALTIMESUBTITLE", isSubtitle="0")
            frames.append(await wire.frame())

    assert [frame.get("realTimeSubtitle", frame.get("data")) for frame in frames] == [
        0,
        1,
        {
            "msgs": [{"subtitleLang": "English", "translateText": "heard", "id": "s2"}],
            "isFinal": True,
            "timestamp": cloud.now_ms(),
            "beginTime": 0,
            "endTime": 0,
            "participantID": pid,
        },
        0,
    ]
    assert (frames[2]["version"], frames[2]["createTime"]) == (str(cloud.now_ms()), str(cloud.now_ms()))


async def test_frames_go_to_each_socket_of_their_meeting_alone() -> None:
    """The same frame to all of them, to none of another's, and each only what it subscribed to."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        cloud.start_meeting("900000002")
        async with (
            client.subscribed("900000001", "ParticipantsNotify") as one,
            client.subscribed("900000001", "ParticipantsNotify", "AttendeesNotify") as two,
            client.subscribed("900000002", "SpeakerChangeNotify") as other,
        ):
            for wire, snapshots in ((one, 1), (two, 2), (other, 1)):
                await wire.frames(snapshots)
            cloud.join("900000001")
            cloud.speak("900000002")
            frames = [await one.frame(), *await two.frames(2), await other.frame()]

    actions = ["ParticipantsNotify", "ParticipantsNotify", "AttendeesNotify", "SpeakerChangeNotify"]
    assert [frame["action"] for frame in frames] == actions
    assert frames[0] == frames[1]
