"""What a test in another process does to the cloud, over the same port."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deploy.simulator import NotLoopback
from deploy.simulator.cloud import CloudOptions, running_cloud

from .client import Client, cloud_and_client

ID = "900000001"


async def act(client: Client, name: str, **body: Any) -> Any:
    """Do something, and return what it gave."""
    answer = await client.ask("POST", f"/simulator/{name}", json=body)
    assert answer.status == 200
    return answer.body["done"]


async def test_meeting_is_played_from_outside() -> None:
    """Begun, filled, pushed to, emptied, ended; and what was sent can be read."""
    async with cloud_and_client() as (cloud, client):
        assert await act(client, "start", meeting_id=ID, subject="季度复盘") == ID
        async with client.subscribed(ID, "ParticipantsNotify") as wire:
            frames = [await wire.frame()]
            pid = await act(client, "join", meeting_id=ID)
            await act(client, "push", meeting_id=ID, frame="by hand")
            await act(client, "leave", meeting_id=ID, pid=pid)
            frames += [await wire.frame(), await wire.response.receive_str(), await wire.frame()]
            state = await client.ask("GET", "/simulator/state")
            await act(client, "end", meeting_id=ID)
            code = await wire.end()
        sent = await client.ask("GET", "/simulator/sent")

    assert (frames[2], code, cloud.on) == ("by hand", 1000, {})
    assert state.body == {
        "meetings": 1,
        "sockets": 1,
        "subscribed": 1,
        "opened": 1,
        "frames": 4,
        "actions": {"ParticipantsNotify": 3, "": 1},
    }
    assert [json.loads(line)["number"] for line in sent.body.splitlines()][:4] == [1, 2, 3, 4]


async def test_faults_are_asked_for_from_outside() -> None:
    """Of frames, of requests, of Subscribe, of tokens, and of sockets."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting(ID)
        await act(client, "frames", fault="gap", times=2, meeting_id=ID)
        await act(client, "subscribes")
        await act(client, "requests", fault={"status": 500, "code": "MMC.1"}, path="/online")
        async with client.socket(ID) as wire:
            refused = await wire.subscribe("ParticipantsNotify")
            await wire.subscribe("ParticipantsNotify")
            await wire.frame()
            cloud.join(ID)
            cloud.join(ID)
            answer = await client.ask("GET", "/v1/mmc/management/conferences/online")
            await act(client, "freeze")
            frozen = [socket.frozen for socket in cloud.sockets()]
            assert await act(client, "cut", meeting_id=ID) == 1
            code = await wire.end()
        await act(client, "expire", tokens="access")
        expired = await client.ask("GET", "/v1/mmc/management/conferences/online")

    assert (refused["data"]["returnCode"], answer.status, frozen, code) == (111072065, 500, [True], 1006)
    assert [frame.what for frame in cloud.unsent if frame.socket] == ["gap", "gap"]
    assert expired.body["error_code"] == "USG.000000004"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("dance", {}),
        ("end", {}),
        ("end", {"meeting_id": "none"}),
        ("start", {"color": "red"}),
        ("frames", {"fault": "smell"}),
        ("requests", {"fault": {"status": "x"}}),
        ("expire", {"tokens": "all"}),
    ],
)
async def test_act_that_is_none_is_refused(name: str, body: dict[str, Any]) -> None:
    """With an error body."""
    async with cloud_and_client() as (_, client):
        assert (await client.ask("POST", f"/simulator/{name}", json=body)).status == 400


async def test_cloud_listens_on_this_machine_alone() -> None:
    """Unless it is told otherwise; and then there is no way backstage."""
    with pytest.raises(NotLoopback):
        async with running_cloud(CloudOptions(host="0.0.0.0")):  # noqa: S104 -- what must not be
            pass
    async with cloud_and_client(options=CloudOptions(host="0.0.0.0", allow_remote=True)) as (cloud, client):  # noqa: S104 -- asked for
        cloud.url = cloud.url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104 -- the same
        assert (await client.ask("GET", "/simulator/state")).status == 404
        assert (await client.log_in()).status == 200
