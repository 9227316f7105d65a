"""The enterprise push beside the sockets: configured by REST calls, shaken hands with, told of the same meetings."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from deploy.simulator import ManualClock, Subscriber
from deploy.simulator.cloud import CloudOptions, WebhookTarget, running_cloud

from ..scripted import ScriptedReceiver, receiving
from ..signatures import PASSWORD, is_signed
from .client import START, Answer, Client, cloud_and_client

CONFIG = "/v1/mmc/management/webhook/link-config"
STATUS = "/v1/mmc/management/webhook/change-status"
ID = "900000001"


def events(receiver: ScriptedReceiver) -> list[str]:
    """Return the names of what came."""
    return [json.loads(body)["eventInfo"]["event"] for body in receiver.bodies]


async def configured(client: Client, receiver: ScriptedReceiver) -> Any:
    """Configure the push, and return what is shown of it."""
    given = {"subscriberId": "100", "subscriberKey": PASSWORD, "url": receiver.url}
    assert (await client.ask("POST", CONFIG, json=given)).status == 200
    return (await client.ask("GET", CONFIG)).body


async def told(*script: Any) -> ScriptedReceiver:
    """Return a receiver that was told of one short meeting."""
    async with receiving(*script) as receiver:
        target = WebhookTarget(url=receiver.url, subscriber=Subscriber(app_id="100", password=PASSWORD))
        async with running_cloud(CloudOptions(webhook=target), clock=ManualClock(START)) as cloud:
            cloud.start_meeting(room_id=ID, cycle_sub_id="c1")
            (meeting_id,) = cloud.on
            pid = cloud.join(meeting_id, 0)
            cloud.leave(meeting_id, pid)
            cloud.end_meeting(meeting_id)
        return receiver


async def test_meeting_is_told_while_it_is_on() -> None:
    """Started, joined, left, ended, closed: each once, signed, under the room's ID."""
    receiver = await told()
    bodies = {name: json.loads(body) for name, body in zip(events(receiver), receiver.bodies, strict=True)}
    meetings = [body["eventInfo"]["payload"]["meetingInfo"] for body in bodies.values()]
    left = bodies["meeting.left"]["eventInfo"]["payload"]["attendeeInfo"]

    names = ["meeting.conclude", "meeting.end", "meeting.join", "meeting.left", "meeting.started"]
    assert (sorted(bodies), len(receiver.bodies)) == (names, 5)
    assert [is_signed(body) for body in receiver.bodies] == [True] * 5
    assert {meeting["meetingID"] for meeting in meetings} == {ID}
    assert {meeting.get("meetingCycleSubID") for meeting in meetings} == {"c1", None}
    assert (left["displayName"], left["role"], left["leftTime"]) == ("王小明", "CHAIR", 1_772_438_400_000)


async def test_push_is_configured_shown_and_enabled() -> None:
    """Enabling shakes hands first; events come from then on, and not before."""
    async with receiving() as receiver, cloud_and_client() as (cloud, client):
        nothing = (await client.ask("GET", CONFIG)).body
        shown = await configured(client, receiver)
        cloud.start_meeting(ID)
        enabled = await client.ask("PUT", STATUS, id=shown["id"], status="0")
        after = (await client.ask("GET", CONFIG)).body
        cloud.end_meeting(ID, conclude=False)
    came = events(receiver)

    assert nothing == {"returnCode": 0, "returnDesc": "SUCCESS"}
    assert shown == nothing | {"id": shown["id"], "subscriberId": "100", "url": receiver.url, "status": 1}
    assert (enabled, after["status"], came) == (Answer(200, ""), 0, ["meeting.verify", "meeting.end"])


@pytest.mark.parametrize("status", ["1", "2"])
async def test_push_is_disabled_and_locked(status: str) -> None:
    """Then nothing is told."""
    async with receiving() as receiver, cloud_and_client() as (cloud, client):
        shown = await configured(client, receiver)
        await client.ask("PUT", STATUS, id=shown["id"], status="0")
        await client.ask("PUT", STATUS, id=shown["id"], status=status)
        cloud.start_meeting(ID)
        after = (await client.ask("GET", CONFIG)).body

    assert (after["status"], events(receiver)) == (int(status), ["meeting.verify"])


async def test_push_that_shakes_no_hands_is_not_enabled() -> None:
    """As the reference says."""
    async with receiving(401) as receiver, cloud_and_client() as (_, client):
        shown = await configured(client, receiver)
        enabled = await client.ask("PUT", STATUS, id=shown["id"], status="0")
        after = (await client.ask("GET", CONFIG)).body

    assert (enabled.status, after["status"]) == (400, 1)


async def test_push_is_deleted() -> None:
    """And its ID means nothing any more."""
    async with receiving() as receiver, cloud_and_client() as (_, client):
        shown = await configured(client, receiver)
        deleted = [(await client.ask("DELETE", CONFIG, id=shown["id"])).status for _ in range(2)]
        changed = await client.ask("PUT", STATUS, id=shown["id"], status="0")

    assert (deleted, changed.status) == ([200, 400], 400)


async def test_push_is_configured_again() -> None:
    """The last one counts, and the ID is another."""
    async with receiving() as receiver, cloud_and_client() as (_, client):
        first, second = [await configured(client, receiver) for _ in range(2)]

    assert first["id"] != second["id"]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"subscriberId": "", "subscriberKey": "k", "url": "http://127.0.0.1/"},
        {"subscriberId": "1", "subscriberKey": "k", "url": "ftp://127.0.0.1/"},
        {"subscriberId": "1", "subscriberKey": "k", "url": "https://192.0.2.7/"},
    ],
)
async def test_wrong_configuration_is_refused(given: dict[str, str]) -> None:
    """Something missing, no address, or one beyond this machine."""
    async with cloud_and_client() as (_, client):
        assert (await client.ask("POST", CONFIG, json=given)).status == 400


@pytest.mark.parametrize("query", [{"status": "0"}, {"id": "none", "status": "0"}, {"status": "3"}])
async def test_wrong_change_is_refused(query: dict[str, str]) -> None:
    """Another ID, or a status that is none."""
    async with receiving() as receiver, cloud_and_client() as (_, client):
        shown = await configured(client, receiver)
        asked = {"id": shown["id"]} | query if query == {"status": "3"} else query

        assert (await client.ask("PUT", STATUS, **asked)).status == 400


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_configuration_needs_an_access_token(method: str) -> None:
    """As every call of an administrator's."""
    async with cloud_and_client() as (_, client):
        client.token = "none"

        assert (await client.ask(method, CONFIG, json={})).status == 401


async def test_unanswered_event_is_tried_again_by_the_clock() -> None:
    """By the service's schedule; stopping gives up."""
    clock = ManualClock(START)
    async with receiving(503, 503) as receiver:
        target = WebhookTarget(url=receiver.url, subscriber=Subscriber(app_id="100", password=PASSWORD))
        async with running_cloud(CloudOptions(webhook=target), clock=clock) as cloud:
            cloud.start_meeting(ID)
            waits = [(await clock.advance()).total_seconds() for _ in range(2)]
            while len(receiver.bodies) < 3:
                receiver.came.clear()
                await receiver.came.wait()

    assert (waits, len(set(receiver.bodies))) == ([30, 30], 1)


async def test_stopping_gives_up_what_is_to_be_tried_again() -> None:
    """And leaves no task behind."""
    receiver = await told(*[503] * 5)

    assert len(receiver.bodies) == 5
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []
