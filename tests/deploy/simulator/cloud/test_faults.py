"""Everything that can be made to go wrong: on a socket, in a request, by number and by chance."""

from __future__ import annotations

from typing import Any

from deploy.simulator.cloud import (
    Cloud,
    CloudOptions,
    SocketFault,
)

from .client import Wire, cloud_and_client

ID = "900000001"
PEOPLE = "ParticipantsNotify"
ONLINE = "/v1/mmc/management/conferences/online"
HEARTBEAT = {"action": "HeartBeat", "sequence": "9"}


async def frames_of(cloud: Cloud, wire: Wire, joins: int) -> list[Any]:
    """Return what comes of so many who join, of a socket that subscribed to participants."""
    for _ in range(joins):
        cloud.join(ID)
    await wire.send(HEARTBEAT)
    frames = []
    while (frame := await wire.frame()) != HEARTBEAT:
        frames.append(frame)
    return frames


async def befallen(fault: SocketFault, joins: int = 3) -> tuple[Cloud, list[Any]]:
    """Return what comes of three who join, when the fault befalls the first."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting(ID)
        async with client.subscribed(ID, PEOPLE) as wire:
            await wire.frame()
            cloud.faults.next_frames(fault)
            return cloud, await frames_of(cloud, wire, joins)


async def test_gap_is_a_number_that_never_comes() -> None:
    """And the ledger has it apart."""
    cloud, frames = await befallen(SocketFault.GAP)

    assert [frame["version"] for frame in frames] == [2, 3]
    assert [(frame.version, frame.what) for frame in cloud.unsent if frame.socket] == [(1, "gap")]


async def test_duplicate_comes_twice() -> None:
    """In the same bytes; the ledger says so."""
    cloud, frames = await befallen(SocketFault.DUPLICATE)

    assert [frame["version"] for frame in frames] == [1, 1, 2, 3]
    assert frames[0] == frames[1]
    assert [frame.what for frame in cloud.sent[1:]] == ["", "duplicate", "", ""]


async def test_disorder_puts_a_frame_after_the_next() -> None:
    """The ledger has the order in which they came."""
    cloud, frames = await befallen(SocketFault.DISORDER)

    assert [frame["version"] for frame in frames] == [2, 1, 3]
    assert [frame.version for frame in cloud.sent[1:]] == [2, 1, 3]


async def test_disorder_without_a_next_frame_is_unsent() -> None:
    """Once the socket is gone."""
    cloud, frames = await befallen(SocketFault.DISORDER, joins=1)
    await cloud.disconnected()

    assert frames == []
    assert [(frame.version, frame.what) for frame in cloud.unsent if frame.socket] == [(1, "disorder")]


async def test_second_disorder_in_a_row_lets_the_first_go() -> None:
    """One frame at most is held back."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting(ID)
        async with client.subscribed(ID, PEOPLE) as wire:
            await wire.frame()
            cloud.faults.next_frames(SocketFault.DISORDER, 2)

            assert [frame["version"] for frame in await frames_of(cloud, wire, 3)] == [2, 1, 3]


async def test_unknown_action_comes_before_the_frame() -> None:
    """In the envelope of the others."""
    _, frames = await befallen(SocketFault.UNKNOWN_ACTION)

    assert [frame["action"] for frame in frames] == ["HologramNotify", PEOPLE, PEOPLE, PEOPLE]
    assert frames[0].keys() >= {"confID", "msgID", "msgMode", "version", "createTime"}


async def test_odd_keys_end_in_a_space() -> None:
    """At every depth, but for the action."""
    _, frames = await befallen(SocketFault.ODD_KEYS)

    assert frames[0].keys() == {"data ", "confID ", "msgID ", "msgMode ", "version ", "createTime ", "action"}
    assert frames[0]["data "][0]["pinfoMap "]["NAME "] != ""


async def test_wrong_types_are_of_another_kind() -> None:
    """Numbers as text, lists as objects, flags as numbers."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting(ID)
        cloud.faults.next_frames(SocketFault.WRONG_TYPES, 2)
        async with client.subscribed(ID, PEOPLE, "ConfBasicInfoNotify") as wire:
            basic, people = await wire.frames(2)

    assert (basic["media"], basic["webinar"], basic["version"]) == ("2", 0, str(cloud.now_ms()))
    assert people["data"] == {}


async def test_frozen_socket_takes_everything_and_says_nothing() -> None:
    """Not even to a HeartBeat; it stays open."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting(ID)
        async with client.subscribed(ID, PEOPLE) as wire, client.subscribed(ID, PEOPLE) as other:
            await wire.frame()
            await other.frame()
            cloud.faults.next_frames(SocketFault.FREEZE)
            cloud.join(ID)
            cloud.join(ID)
            await wire.send(HEARTBEAT)
            await other.frames(2)
            await other.send(HEARTBEAT)
            await other.frame()

            assert [socket.frozen for socket in cloud.sockets(ID)] == [True, False]
            assert [frame.version for frame in cloud.unsent if frame.what == "freeze"] == [1, 2]
            cloud.cut_sockets()
            assert await wire.end() == 1006


async def test_sockets_can_be_frozen_at_once() -> None:
    """All that are open, of one meeting or of all."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting(ID)
        async with client.subscribed(ID, PEOPLE):
            cloud.freeze_sockets("none")
            before = [socket.frozen for socket in cloud.sockets()]
            cloud.freeze_sockets()

            assert (before, [socket.frozen for socket in cloud.sockets()]) == ([False], [True])


async def test_close_is_without_a_reason() -> None:
    """No close frame, and the push is unsent."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting(ID)
        async with client.subscribed(ID, PEOPLE) as wire:
            await wire.frame()
            cloud.faults.next_frames(SocketFault.CLOSE, meeting_id=ID)
            cloud.join(ID)

            assert await wire.end() == 1006
            assert [frame.what for frame in cloud.unsent] == ["close", "nobody"]


async def test_fault_of_another_meeting_is_left_alone() -> None:
    """And a gap waits for an incremental frame."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting(ID)
        cloud.faults.next_frames(SocketFault.CLOSE, meeting_id="900000002")
        cloud.faults.next_frames(SocketFault.GAP)
        async with client.subscribed(ID, PEOPLE) as wire:
            full = await wire.frame()

            assert (full["msgMode"], await frames_of(cloud, wire, 1)) == (0, [])


async def test_chance_is_the_seeds() -> None:
    """The same faults for the same seed, about as often as asked; gaps among incremental frames alone."""
    rates = {SocketFault.GAP: 0.3, SocketFault.DUPLICATE: 0.3}
    runs = []
    for seed in (5, 5, 6):
        options = CloudOptions(seed=seed, fault_rates=rates)
        async with cloud_and_client(options=options) as (cloud, client):
            cloud.start_meeting(ID)
            async with client.subscribed(ID, PEOPLE) as wire:
                runs.append([frame["version"] for frame in await frames_of(cloud, wire, 40)])

    assert runs[0] == runs[1] != runs[2]
    assert 15 < len(set(runs[0])) < 40 < len(set(runs[0])) + len(runs[0])
