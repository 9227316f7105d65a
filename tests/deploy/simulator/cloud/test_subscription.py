"""The cloud's sockets: tokens that open one, Subscribe, HeartBeat, ConfControl, and every way they end."""

from __future__ import annotations

from deploy.simulator.cloud import PUSH_TYPES

from .client import cloud_and_client

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
