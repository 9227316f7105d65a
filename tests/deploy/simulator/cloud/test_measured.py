"""Quality that is asked for: which meetings, who, how well, and above which limits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from deploy.simulator import ManualClock

from .client import START, Client, cloud_and_client
from .passing import pass_time

ID = "900000001"
METRICS = "/v1/metrics"


async def series(client: Client, pid: str, kind: str, **more: str) -> Any:
    """Return one series of a participant."""
    asked = {"confUUID": client.cloud.meeting(ID).meeting_uuid, "confType": "online", "participantID": pid}
    path = f"{METRICS}/conference/participant/qos"
    return await client.ask("GET", path, **(asked | {"qosType": kind} | more))


async def test_meetings_say_whether_something_is_wrong() -> None:
    """By kind; none where nobody fares badly."""
    async with cloud_and_client() as (cloud, client):
        meeting = cloud.start_meeting(ID, subject="周会")
        pid = cloud.join(ID)
        good = await client.ask("GET", f"{METRICS}/conferences/online")
        cloud.rate(ID, pid, poor=True)
        poor = await client.ask("GET", f"{METRICS}/conferences/online")

    no, yes = {"alarm": "NO", "audioAlarm": "NO", "videoAlarm": "NO"}, {"alarm": "YES", "audioAlarm": "YES"}
    told = {
        "confUUID": meeting.meeting_uuid,
        "conferenceID": ID,
        "subject": "周会",
        **no,
        "screenAlarm": "NO",
        "cpuAlarm": "NO",
        "startTime": meeting.began_ms,
        "endTime": 0,
        "duration": 0,
        "participants": 1,
        "webinar": False,
    }
    assert good.body["data"] == [told]
    assert poor.body["data"] == [told | yes | {"videoAlarm": "YES"}]


async def test_participants_are_those_who_are_there_and_those_who_left() -> None:
    """leftTime is 0 for who is there; a meeting that is over has them in its history."""
    async with cloud_and_client() as (cloud, client):
        meeting = cloud.start_meeting(ID)
        pids = [cloud.join(ID, person) for person in range(2)]
        cloud.leave(ID, pids[0])
        path, held = f"{METRICS}/conference/participants", meeting.meeting_uuid
        online = await client.ask("GET", path, confUUID=held, confType="online")
        cloud.end_meeting(ID)
        history = await client.ask("GET", path, confUUID=held, confType="history")
        over = await client.ask("GET", path, confUUID=held, confType="online")

    now_ms = cloud.now_ms()
    told = [[(one["participantID"], one["leftTime"]) for one in page.body["data"]] for page in (online, history)]
    assert told == [[(pids[1], 0), (pids[0], now_ms)], [(pids[0], now_ms), (pids[1], now_ms)]]
    assert {one["role"] for one in online.body["data"]} == {"host", "guest"}
    assert {one["existQos"] for one in online.body["data"]} == {True}
    assert over.status == 400


async def test_series_is_the_same_however_often_one_asks() -> None:
    """Samples lie ten seconds apart, from the joining on; the older ones come again unchanged."""
    clock = ManualClock(START)
    async with cloud_and_client(clock) as (cloud, client):
        cloud.start_meeting(ID)
        pid = cloud.join(ID)
        await pass_time(clock, 30)
        first = (await series(client, pid, "audio")).body["qos"]
        cloud.rate(ID, pid, poor=True)
        await pass_time(clock, 30)
        second = (await series(client, pid, "audio")).body["qos"]

    times = [sample["time"] for sample in second["send"]["latency"]]
    assert times == [f"2026-03-02T08:00:{second:02}.000Z" for second in (10, 20, 30, 40, 50)] + [
        "2026-03-02T08:01:00.000Z"
    ]
    assert second["send"]["latency"][:2] == first["send"]["latency"][:2]
    assert [sample["alarm"] for sample in second["send"]["packet_loss_max"]] == [False] * 2 + [True] * 4
    assert {datetime.fromisoformat(time).tzname() for time in times} == {"UTC"}


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("audio", {"bitrate", "latency", "jitter", "packet_loss_max"}),
        ("video", {"bitrate", "latency", "jitter", "packet_loss_max", "resolution", "frame"}),
        ("screen", {"bitrate", "latency", "jitter", "packet_loss_max", "resolution", "frame"}),
    ],
)
async def test_series_of_each_kind_has_both_ways(kind: str, members: set[str]) -> None:
    """Bit rates as text, the rest as numbers with their limit."""
    clock = ManualClock(START)
    async with cloud_and_client(clock) as (cloud, client):
        cloud.start_meeting(ID)
        pid = cloud.join(ID)
        cloud.change(ID, pid, SHARE="1")
        await pass_time(clock, 10)
        qos = (await series(client, pid, kind)).body["qos"]

    assert (qos["type"], qos["send"].keys(), qos["receive"].keys()) == (kind, members, members)
    assert qos["send"]["latency"][0].keys() == {"time", "value", "alarm", "threshold"}
    assert qos["send"]["bitrate"][0]["value"].isdigit()


async def test_cpu_has_no_way() -> None:
    """The client's and the system's, in per cent."""
    clock = ManualClock(START)
    async with cloud_and_client(clock) as (cloud, client):
        cloud.start_meeting(ID)
        pid = cloud.join(ID)
        await pass_time(clock, 10)
        cloud.leave(ID, pid)
        answer = (await series(client, pid, "cpu")).body

    assert answer["qos"].keys() == {"type", "cpu"}
    assert answer["qos"]["cpu"].keys() == {"client_cpu_max", "system_cpu_max"}
    assert answer["user"]["leftTime"] == cloud.now_ms()


async def test_long_series_is_cut_at_its_old_end() -> None:
    """An hour of samples at most."""
    clock = ManualClock(START)
    async with cloud_and_client(clock) as (cloud, client):
        cloud.start_meeting(ID)
        pid = cloud.join(ID)
        await pass_time(clock, 7_200)
        latency = (await series(client, pid, "audio")).body["qos"]["send"]["latency"]

    assert (len(latency), latency[-1]["time"]) == (360, "2026-03-02T10:00:00.000Z")


async def test_limits_can_be_asked_for() -> None:
    """Each way, with the default."""
    async with cloud_and_client() as (_, client):
        body = (await client.ask("GET", f"{METRICS}/conference/threshold")).body

    ways = {"receiving", "receivingDefault", "sending", "sendingDefault"}
    assert [body[name].keys() for name in ("latency", "jitter", "packetLoss")] == [ways] * 3
    assert (body["clientCpuMax"], body["systemCpuMax"]) == (80, 90)


@pytest.mark.parametrize(
    "more", [{"qosType": "smell"}, {"participantID": "none"}, {"confType": "dream"}, {"confUUID": "none"}]
)
async def test_wrong_question_is_refused(more: dict[str, str]) -> None:
    """Whatever part of it is wrong."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting(ID)
        assert (await series(client, cloud.join(ID), "audio", **more)).status == 400


@pytest.mark.parametrize(("user", "status"), [("u1", 403), (None, 401)])
async def test_quality_is_the_administrators(user: str | None, status: int) -> None:
    """No user's, and nobody's without a token."""
    async with cloud_and_client() as (_, client):
        if user is None:
            client.token = ""
        else:
            await client.log_in(userId=user)

        assert (await client.ask("GET", f"{METRICS}/conferences/online")).status == status
