"""A place whose way out is bad: everyone there is heard badly, hears well, and is told of by where they sit."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.simulator import ManualClock
from deploy.simulator.cloud import Cloud, CloudOptions, running_cloud
from deploy.simulator.cloud.sites import SiteStory

from .client import START, Client, cloud_and_client
from .passing import pass_time

ID = "900000001"
METRICS = "/v1/metrics"
STORY = SiteStory(site="上海", meetings=2, there=2, elsewhere=1, on_for_s=60, poor_from_s=-30, poor_until_s=20)


async def losses(client: Client, pid: str, *, kind: str = "audio", way: str = "send") -> list[bool]:
    """Return of each sample whether it loses more than a fifth."""
    asked = {"confUUID": client.cloud.meeting(ID).meeting_uuid, "confType": "online", "participantID": pid}
    answer = await client.ask("GET", f"{METRICS}/conference/participant/qos", **asked, qosType=kind)
    return [one["value"] > 20 for one in answer.body["qos"][way]["packet_loss_max"]]


async def people(client: Client) -> list[dict[str, Any]]:
    """Return who is in the meeting, as the dashboard data tell it."""
    held = client.cloud.meeting(ID).meeting_uuid
    path = f"{METRICS}/conference/participants"
    found: list[dict[str, Any]] = (await client.ask("GET", path, confUUID=held, confType="online")).body["data"]
    return found


@pytest.mark.parametrize("kind", ["audio", "video"])
async def test_those_of_the_place_are_heard_badly_while_it_lasts_and_hear_well(kind: str) -> None:
    """Nobody else is, and who comes there meanwhile is too."""
    clock = ManualClock(START)
    async with cloud_and_client(clock) as (cloud, client):
        cloud.start_meeting(ID)
        there, elsewhere = cloud.join(ID, 0, site="上海"), cloud.join(ID, 1)
        await pass_time(clock, 10)
        cloud.set_uplink("上海", poor=True)
        later = cloud.join(ID, 2, site="上海")
        await pass_time(clock, 20)
        cloud.set_uplink("上海", poor=False)
        afterwards = cloud.join(ID, 3, site="上海")
        await pass_time(clock, 20)

        sent = [await losses(client, pid, kind=kind) for pid in (there, elsewhere, later, afterwards)]
        received = await losses(client, there, kind=kind, way="receive")

    assert sent == [[True, True, False, False, False], [False] * 5, [True, False, False, False], [False, False]]
    assert received == [False] * 5


async def test_the_dashboard_data_say_where_people_sit_and_which_way_is_bad() -> None:
    """A place beyond those that are known has no province; the meeting is in alarm."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting(ID)
        for site in ("上海", "杭州", "Lyon"):
            cloud.join(ID, site=site)
        cloud.set_uplink("上海", poor=True)
        told = await people(client)
        (meeting,) = (await client.ask("GET", f"{METRICS}/conferences/online")).body["data"]

    assert [(one["province"], one["city"]) for one in told] == [("上海", "上海"), ("浙江", "杭州"), ("", "Lyon")]
    assert [(one["alarm"], one["audioAlarmSend"], one["audioAlarmRec"]) for one in told] == [
        ("YES", "YES", "NO"),
        ("NO", "NO", "NO"),
        ("NO", "NO", "NO"),
    ]
    assert (meeting["alarm"], meeting["audioAlarm"]) == ("YES", "YES")


async def test_where_quality_is_pushed_the_push_tells_of_it() -> None:
    """Of those of the place alone: what they send is lost, what they receive is not."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting(ID)
        there = cloud.join(ID, 0, site="上海")
        cloud.join(ID, 1)
        async with client.subscribed(ID, "NetConditionNotify") as wire:
            await wire.frame()
            cloud.set_uplink("上海", poor=True)
            (item,) = (await wire.frame())["data"]

    assert (item["participantID"], item["netInfo"]) == (there, "bad")
    assert int(item["lostPacketRate"]) > 2_000
    assert int(item["videoInLossPacketRate"]) > 2_000
    assert int(item["audioOutLossPacketRate"]) < 500


async def test_it_can_be_done_from_another_process() -> None:
    """Over the cloud's own port."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting(ID)
        cloud.join(ID, site="上海")
        for poor, alarm in ((True, "YES"), (False, "NO")):
            done = await client.ask("POST", "/simulator/uplink", json={"site": "上海", "poor": poor})
            (one,) = await people(client)
            assert (done.status, one["alarm"]) == (200, alarm)


def stands(cloud: Cloud) -> list[tuple[str, list[str], list[list[tuple[int, int | None]]]]]:
    """Return of each meeting its mode, where people sit, and when their way out was bad, in s from the start."""
    zero = int(START.timestamp() * 1_000)

    def seconds(at_ms: int | None) -> int | None:
        return None if at_ms is None else (at_ms - zero) // 1_000

    return [
        (
            "mixed" if meeting.mixed else "not mixed",
            [person.site for person in meeting.people.values()],
            [
                [(seconds(since) or 0, seconds(until)) for since, until in person.uplink_poor_ms]
                for person in meeting.people.values()
            ],
        )
        for meeting in cloud.on.values()
    ]


async def test_the_story_begins_before_the_cloud_listens_and_ends_by_its_clock() -> None:
    """Meetings that are on already, a line that is bad already, and good again when it is time."""
    clock = ManualClock(START)
    async with running_cloud(CloudOptions(site_story=STORY), clock=clock) as cloud:
        await pass_time(clock, 20)
        healed, began = stands(cloud), {meeting.began_ms for meeting in cloud.on.values()}
        pushed = {push for meeting in cloud.on.values() for push in meeting.push_types}
        by_themselves = [bool(one.poor_since_ms) for meeting in cloud.on.values() for one in meeting.people.values()]

    assert healed == [("not mixed", ["上海", "上海", "杭州"], [[(-30, 20)], [(-30, 20)], []])] * 2
    assert began == {int(START.timestamp() * 1_000) - 60_000}
    assert "NetConditionNotify" not in pushed
    assert by_themselves == [False, False, True, False, False, False]


async def test_without_a_story_nothing_is_on() -> None:
    """A cloud is empty until somebody plays it."""
    async with running_cloud(CloudOptions()) as cloud:
        assert (cloud.on, CloudOptions().site_story) == ({}, None)
