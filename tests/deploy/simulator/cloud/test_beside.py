"""The cloud beside the webhook sender: `simulate` with the same meetings on both sides."""

from __future__ import annotations

import argparse
import asyncio
import json

import aiohttp
import pytest

from deploy.simulator import SimulateOptions, Subscriber, add_simulate_arguments, run_simulate, simulate
from deploy.simulator.cloud import Cloud, CloudOptions, running_cloud
from deploy.simulator.simulate_command import options_from

from ..commands import run_command
from ..scripted import receiving
from ..signatures import PASSWORD
from .client import Client

SUBSCRIBER = Subscriber(app_id="100", password=PASSWORD)


async def test_simulation_holds_what_it_pushes() -> None:
    """The meeting that a receiver is told of is on in the cloud, with its people, before the push is sent."""
    stop, clouds = asyncio.Event(), list[Cloud]()
    async with receiving() as receiver, aiohttp.ClientSession() as session:
        options = SimulateOptions(
            url=receiver.url,
            subscriber=SUBSCRIBER,
            paced=True,
            cloud=CloudOptions(lively=True),
        )
        simulating = asyncio.create_task(simulate(options, stop=stop, listening=clouds.append))
        while len(receiver.bodies) < 3:
            receiver.came.clear()
            await receiver.came.wait()
        (cloud,) = clouds
        client = Client(cloud, session)
        await client.log_in()
        listed = (await client.ask("GET", "/v1/mmc/management/conferences/online", queryAll="true")).body["data"]
        stop.set()
        await simulating

    told = [json.loads(body)["eventInfo"] for body in receiver.bodies[1:]]
    started = [e["payload"]["meetingInfo"]["meetingUUID"] for e in told if e["event"] == "meeting.started"]
    assert started
    assert {meeting["confUUID"] for meeting in listed} >= set(started[:1])


async def test_simulation_need_not_show_its_cloud() -> None:
    """It is there all the same, for as long as there is something to send."""
    async with receiving() as receiver:
        options = SimulateOptions(url=receiver.url, subscriber=SUBSCRIBER, total=30, cloud=CloudOptions())
        report = await simulate(options, stop=asyncio.Event())

    assert report.fates == {"accepted": 30}


async def test_simulate_says_what_a_receiver_is_to_be_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The settings of the App ID, before anything is sent."""
    monkeypatch.setenv("MEETWIRE_SEND_PASSWORD", PASSWORD)
    async with receiving() as receiver:
        words = ["--url", receiver.url, "--app-id", "100", "--total", "5", "--cloud", "127.0.0.1:0"]
        status = await run_command(add_simulate_arguments, run_simulate, *words)
    lines = capsys.readouterr().out.splitlines()

    assert status == 0
    assert lines[0].startswith("The meeting cloud listens at http://127.0.0.1:")
    assert lines[2:5] == [
        "[enterprises.app]",
        f'id = "{CloudOptions().app_id}"',
        f'keys = ["{CloudOptions().app_key}"]',
    ]
    assert lines[5].startswith('api = "http://127.0.0.1:')


async def test_cloud_that_runs_already_is_played() -> None:
    """A receiver that is told where the cloud is before it starts needs one that is there before the pushes."""
    async with receiving() as receiver, running_cloud(CloudOptions()) as cloud:
        options = SimulateOptions(url=receiver.url, subscriber=SUBSCRIBER, total=300)
        await simulate(options, stop=asyncio.Event(), cloud=cloud)
        held = {*cloud.past, *(meeting.meeting_uuid for meeting in cloud.on.values())}

    told = [json.loads(body)["eventInfo"] for body in receiver.bodies[1:]]
    started = {e["payload"]["meetingInfo"]["meetingUUID"] for e in told if e["event"] == "meeting.started"}
    assert held == started != set()


@pytest.mark.parametrize(("words", "cloud"), [([], None), (["--cloud", "[::1]:8443", "--seed", "7"], ("::1", 8443, 7))])
def test_simulate_has_a_cloud_where_it_is_asked_for(
    words: list[str], cloud: tuple[str, int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And none otherwise."""
    monkeypatch.setenv("MEETWIRE_SEND_PASSWORD", PASSWORD)
    parser = argparse.ArgumentParser()
    add_simulate_arguments(parser)
    chosen = options_from(parser.parse_args(["--app-id", "100", *words])).cloud

    assert (chosen and (chosen.host, chosen.port, chosen.seed)) == cloud


def test_wrong_address_of_the_cloud_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """As any other wrong argument."""
    parser = argparse.ArgumentParser()
    add_simulate_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["--app-id", "100", "--cloud", "8080"])

    assert "not HOST:PORT: '8080'" in capsys.readouterr().err
