"""The life of the cloud's sockets: what opens one, what keeps it open, and every way it ends."""

from __future__ import annotations

import asyncio

import pytest

from deploy.simulator import ManualClock
from deploy.simulator.cloud import CloudOptions

from .client import START, cloud_and_client
from .passing import pass_time

HEARTBEAT = {"sequence": "000000000000000001611993655770", "action": "HeartBeat"}


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


async def test_meetings_end_is_the_last_frame() -> None:
    """Destroyed, then the socket is closed."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        async with client.subscribed("900000001", "ConfDynamicInfoNotify") as wire:
            await wire.frame()
            cloud.end_meeting("900000001")
            last = await wire.frame()

            assert (last["state"], await wire.end()) == ("Destroyed", 1000)


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
            await cloud.disconnected("900000001")
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


async def test_frames_after_a_cut_go_nowhere() -> None:
    """Nobody waits for them, and the cloud goes on."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        async with client.subscribed("900000001", "SpeakerChangeNotify") as wire:
            (socket,) = cloud.sockets("900000001")
            await wire.frame()
            cloud.cut_sockets()
            cloud.speak("900000001")
            await cloud.flushed()
            await cloud.disconnected("900000001")
            socket.put("too late")
            await socket.written()

            assert await wire.end() == 1006


async def test_test_can_wait_for_a_subscriber() -> None:
    """Until so many sockets have subscribed, not only opened."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        waiting = asyncio.create_task(cloud.subscribed("900000001"))
        async with client.socket("900000001") as wire:
            opened = waiting.done()
            await wire.subscribe()
            await waiting

    assert not opened
