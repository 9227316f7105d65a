"""Requests that are answered wrongly, late or not at all, as often as asked."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from deploy.simulator import ManualClock
from deploy.simulator.cloud import BROKEN_DOWN, THROTTLED, TOKEN_REFUSED, RestFault

from .client import START, Client, cloud_and_client

ID = "900000001"
ONLINE = "/v1/mmc/management/conferences/online"


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        pytest.param(TOKEN_REFUSED, 401, "USG.000000004", id="401"),
        pytest.param(THROTTLED, 429, "MMC.100000429", id="429"),
        pytest.param(BROKEN_DOWN, 500, "MMC.100000500", id="500"),
    ],
)
async def test_request_is_answered_wrongly_as_often_as_asked(fault: RestFault, status: int, code: str) -> None:
    """And rightly after that; other paths are left alone."""
    async with cloud_and_client() as (cloud, client):
        cloud.faults.next_requests(fault, 2, path="/online")
        other = await client.ask("GET", "/v1/metrics/conference/threshold")
        answers = [await client.ask("GET", ONLINE) for _ in range(3)]

    assert (other.status, [answer.status for answer in answers]) == (200, [status, status, 200])
    assert answers[0].body["error_code"] == code


async def test_throttled_answer_says_when_to_come_again() -> None:
    """In seconds."""
    async with cloud_and_client() as (cloud, client):
        cloud.faults.next_requests(THROTTLED)
        async with client.session.get(cloud.url + ONLINE) as response:
            assert (response.status, response.headers["Retry-After"]) == (429, "2")


async def test_answer_can_be_anything() -> None:
    """A gateway's page, for example."""
    async with cloud_and_client() as (cloud, client):
        cloud.faults.next_requests(RestFault(status=502, body=b"<html>Bad Gateway</html>"))

        assert await client.ask("GET", ONLINE) == (502, "<html>Bad Gateway</html>")


async def test_slow_answer_takes_its_time_by_the_clock() -> None:
    """And is right then."""
    clock = ManualClock(START)
    async with cloud_and_client(clock) as (cloud, client):
        cloud.faults.next_requests(RestFault(delay_s=30))
        asked = asyncio.create_task(client.ask("GET", ONLINE))
        passed = await clock.advance()

        assert (passed.total_seconds(), (await asked).status) == (30, 200)


async def test_connection_ends_without_an_answer() -> None:
    """On demand."""
    async with cloud_and_client() as (cloud, client):
        cloud.faults.next_requests(RestFault(cut=True))
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await client.ask("POST", "/v2/usg/acs/auth/appauth")


async def test_fault_can_befall_a_socket_before_it_opens() -> None:
    """The upgrade is a request too."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting(ID)
        cloud.faults.next_requests(RestFault(status=503), path="/cms/open/websocket")
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await _opened(client)

    assert refused.value.status == 503


async def _opened(client: Client) -> None:
    async with client.socket(ID) as wire:
        await wire.send({})
