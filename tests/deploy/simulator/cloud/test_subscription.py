"""The cloud's sockets: tokens that open one, Subscribe, HeartBeat, ConfControl, and every way they end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deploy.simulator import ManualClock
from deploy.simulator.cloud import PUSH_TYPES, CloudOptions

from .client import START, SUCCESS, cloud_and_client
from .passing import pass_time

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


async def test_socket_without_heartbeat_is_closed() -> None:
    """After 180 s by the cloud's clock, however much else it sends; one that beats stays."""
    clock = ManualClock(START)
    async with cloud_and_client(clock) as (cloud, client):
        cloud.start_meeting("900000001")
        async with client.socket("900000001") as silent, client.socket("900000001") as beating:
            await pass_time(clock, 100)
            await silent.subscribe("SpeakerChangeNotify")
            await beating.send(HEARTBEAT)
            await beating.frame()
            await pass_time(clock, 80)
            code = await silent.end()
            await beating.send(HEARTBEAT)

            assert (code, await beating.frame()) == (1000, HEARTBEAT)


@pytest.mark.parametrize("sockets_end_with_token", [False, True])
async def test_socket_may_end_with_its_control_token(sockets_end_with_token: bool) -> None:
    """What the service does is not documented, so both can be had."""
    clock = ManualClock(START)
    options = CloudOptions(
        sockets_end_with_token=sockets_end_with_token, heartbeat_limit_s=3_600, control_token_s=1_800
    )
    async with cloud_and_client(clock, options) as (cloud, client):
        cloud.start_meeting("900000001")
        async with client.subscribed("900000001", "SpeakerChangeNotify") as wire:
            await wire.frame()
            await pass_time(clock, 1_800)
            if sockets_end_with_token:
                assert await wire.end() == 1000
            else:
                await wire.send(HEARTBEAT)
                assert await wire.frame() == HEARTBEAT


async def test_refreshed_token_lets_the_socket_live() -> None:
    """REFRESHTOKEN on the socket gives a new token, in the layout that a public client parses."""
    clock = ManualClock(START)
    options = CloudOptions(sockets_end_with_token=True, heartbeat_limit_s=7_200)
    async with cloud_and_client(clock, options) as (cloud, client):
        cloud.start_meeting("900000001")
        async with client.subscribed("900000001", "SpeakerChangeNotify") as wire:
            await wire.frame()
            await pass_time(clock, 1_500)
            reply = await wire.control_conference("REFRESHTOKEN")
            await pass_time(clock, 1_500)
            await wire.send(HEARTBEAT)

            assert await wire.frame() == HEARTBEAT
            given = reply["data"]["data"]
            assert (await client.socket_token("900000001", given["token"])).status == 200
            assert (given["wsURL"], given["confTokenExpireTime"]) == (cloud.socket_url, 1_800)


async def test_socket_token_opens_one_socket() -> None:
    """A second one is closed, and so is one for another meeting."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        cloud.start_meeting("900000002")
        tokens = [
            (await client.socket_token("900000001", await client.token_of("900000001"))).body["webSocketToken"]
            for _ in range(2)
        ]
        async with client.socket("900000001", tokens[0]) as first:
            async with client.socket("900000001", tokens[0]) as second:
                codes = [await second.end()]
            async with client.socket("900000002", tokens[1]) as strange:
                codes.append(await strange.end())
            await first.send(HEARTBEAT)

            assert (codes, await first.frame()) == ([1008, 1008], HEARTBEAT)


async def test_socket_token_is_over_after_a_minute() -> None:
    """Whoever is slow is closed."""
    clock = ManualClock(START)
    async with cloud_and_client(clock) as (cloud, client):
        cloud.start_meeting("900000001")
        token = (await client.socket_token("900000001", await client.token_of("900000001"))).body["webSocketToken"]
        await pass_time(clock, 60)
        async with client.socket("900000001", token) as wire:
            assert await wire.end() == 1008


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


@pytest.mark.parametrize("frame", ["no JSON", "[]", '{"action":"Dance"}', "\ufffd"])
async def test_frame_that_means_nothing_is_passed_over(frame: str) -> None:
    """And the socket goes on."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        async with client.socket("900000001") as wire:
            await wire.response.send_str(frame)
            await wire.response.send_bytes(b"\x00")
            await wire.send(HEARTBEAT)

            assert await wire.frame() == HEARTBEAT


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


async def test_meetings_end_is_the_last_frame() -> None:
    """Destroyed, then the socket is closed."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        async with client.subscribed("900000001", "ConfDynamicInfoNotify") as wire:
            await wire.frame()
            cloud.end_meeting("900000001")
            last = await wire.frame()

            assert (last["state"], await wire.end()) == ("Destroyed", 1000)


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


async def test_reader_that_does_not_read_holds_up_nobody_else() -> None:
    """Its frames wait in line; another's come."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        async with client.socket("900000001") as stuck, client.subscribed("900000001", "SpeakerChangeNotify") as wire:
            await stuck.subscribe("SpeakerChangeNotify")
            for _ in range(20_000):
                cloud.speak("900000001")
            frames = await wire.frames(20_000)

    assert len({frame["msgID"] for frame in frames}) == 20_000


async def test_sockets_are_cut_and_closed_on_demand() -> None:
    """All of them or one meeting's; cut means without a close frame."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        cloud.start_meeting("900000002")
        async with client.socket("900000001") as one, client.socket("900000002") as two:
            assert cloud.cut_sockets("900000001") == 1
            assert await one.end() == 1006
            assert cloud.close_sockets() == 1
            assert await two.end() == 1000
            assert (cloud.sockets("900000001"), cloud.sockets("none"), cloud.sockets_opened) == ([], [], 2)


async def test_meeting_is_held_again_under_its_id() -> None:
    """With another UUID, other passwords, and numbers that begin anew."""
    async with cloud_and_client() as (cloud, client):
        first = cloud.start_meeting("900000001")
        cloud.join("900000001")
        cloud.end_meeting("900000001")
        second = cloud.start_meeting("900000001")
        async with client.subscribed("900000001", "ParticipantsNotify") as wire:
            empty = await wire.frame()
            cloud.join("900000001")
            joined = await wire.frame()

    assert first.meeting_uuid != second.meeting_uuid
    assert (empty["data"], joined["version"]) == ([], 1)
