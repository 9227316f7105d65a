"""The client against the simulated cloud: two readings of the reference, written apart, that have to agree."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from deploy.meters import PrometheusMeters
from deploy.simulator import ManualClock
from deploy.simulator.cloud import THROTTLED, TOKEN_REFUSED, CloudOptions, running_cloud
from deploy.simulator.cloud import Cloud as Simulated
from receiver.cloud import ClockSkew, Cloud, MeasuredKind, NotFound, PushUnaddressed
from schemas.settings import Secret
from tests.deploy.simulator.cloud.passing import pass_time

from .asking import NOON, Clock, app

KEY = Secret("simulated-app-key")


@asynccontextmanager
async def both(
    *, options: CloudOptions | None = None, ours: Clock | None = None, **settings: Any
) -> AsyncIterator[tuple[Cloud, Simulated, Clock]]:
    """Yield a client and the cloud that it asks, whose clocks both stand at noon."""
    clock = ours or Clock()
    async with running_cloud(options, clock=ManualClock(NOON)) as simulated:
        chosen = app(simulated.url, **{"id": simulated.app_id, "keys": (KEY,), **settings})
        async with Cloud.opened(
            chosen,
            enterprise="acme",
            meters=PrometheusMeters(),
            now=clock,
            sleep=clock.sleep,
            uniform=lambda: 0.5,
        ) as cloud:
            yield cloud, simulated, clock


CORP = {"service_provider": True, "corp_id": CloudOptions().corp_id}


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"user_id": "u1"}, id="one enterprise, a user"),
        pytest.param({}, id="one enterprise, its default administrator"),
        pytest.param({"service_provider": True}, id="a service provider's administrator"),
        pytest.param(CORP, id="a provider's enterprise, its administrator"),
        pytest.param({**CORP, "user_id": "u1"}, id="a provider's enterprise, a user"),
    ],
)
@pytest.mark.parametrize("upper", [False, True], ids=["lower case", "upper case"])
async def test_each_signature_is_taken(monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], upper: bool) -> None:
    """All five cases, in both spellings of hexadecimal."""
    monkeypatch.setattr("receiver.cloud.auth.UPPER_CASE_HEX", upper)
    options = CloudOptions(service_provider="service_provider" in settings)
    async with both(options=options, **settings) as (cloud, simulated, _):
        simulated.start_meeting("900000001")

        found = await cloud.online_meetings()

        # A user sees meetings of their own, of which there are none.
        assert [meeting.meeting_id for meeting in found] == ([] if "user_id" in settings else ["900000001"])


async def test_a_wrong_key_and_a_wrong_clock_are_refused() -> None:
    """The next key is tried; a clock that is an hour behind is told."""
    async with both(keys=(Secret("old"), KEY)) as (cloud, *_):
        assert await cloud.online_meetings() == []

    late = Clock()
    late.forward(-3_600)
    async with both(ours=late) as (cloud, *_):
        with pytest.raises(ClockSkew) as raised:
            await cloud.online_meetings()
        assert raised.value.ahead_s == -3_600


async def test_every_meeting_is_found_and_described() -> None:
    """Over three pages; each with its room and, in detail, its host's password."""
    async with both() as (cloud, simulated, _):
        for number in range(1_203):
            simulated.start_meeting(str(900_000_000 + number), room_id="room-1" if number == 7 else None)

        found = await cloud.online_meetings()

        assert sorted(meeting.meeting_id for meeting in found) == sorted(simulated.on)
        meeting = simulated.meeting("900000007")
        detail = await cloud.meeting("900000007")
        assert (detail.meeting_uuid, detail.room_id, detail.subject) == (
            meeting.meeting_uuid,
            "room-1",
            meeting.subject,
        )
        assert detail.host_password == Secret(meeting.host_password)
        with pytest.raises(NotFound):
            await cloud.meeting("1")


async def test_tokens_are_had_kept_and_used() -> None:
    """A control token by the host's password, kept alive without it; a socket token opens one socket, once."""
    async with both() as (cloud, simulated, _):
        meeting = simulated.start_meeting("900000001")
        with pytest.raises(NotFound):
            await cloud.control_token("900000001", Secret("wrong"))

        control = await cloud.control_token("900000001", Secret(meeting.host_password))
        kept = await cloud.control_token("900000001", None, keep=control)
        token = await cloud.socket_token("900000001", kept)

        assert control.expires_at == NOON + timedelta(minutes=30)
        assert control.push_types == CloudOptions().push_types
        address = f"{kept.ws_url}/cms/open/websocket/confctl/increment/conn"
        query = {"confID": "900000001", "tmpToken": token.reveal()}
        async with cloud.session.ws_connect(address, params=query) as socket:
            assert not socket.closed
        simulated.end_meeting("900000001")
        with pytest.raises(NotFound):
            await cloud.control_token("900000001", Secret(meeting.host_password))


async def test_faults_on_demand_are_survived() -> None:
    """A dropped token, and a service that wants to be asked less."""
    async with both() as (cloud, simulated, clock):
        simulated.faults.next_requests(TOKEN_REFUSED, path="conferences/online")
        assert await cloud.online_meetings() == []
        simulated.faults.next_requests(THROTTLED, path="conferences/online")
        assert await cloud.online_meetings() == []

        assert clock.slept == [2.5]


async def test_quality_is_read() -> None:
    """Meetings, people, figures and limits, of a meeting in which somebody fares badly."""
    async with both() as (cloud, simulated, _):
        meeting = simulated.start_meeting("900000001")
        pid = simulated.join("900000001")
        simulated.rate("900000001", pid, poor=True)
        assert isinstance(simulated.clock, ManualClock)
        await pass_time(simulated.clock, 120)

        (measured,) = await cloud.measured_meetings()
        (participant,) = await cloud.measured_participants(measured.meeting_uuid)
        assert (measured.meeting_uuid, measured.alarm, measured.participants) == (meeting.meeting_uuid, True, 1)
        assert participant.participant_id == pid
        assert participant.has_measurements
        kinds: tuple[MeasuredKind, ...] = ("audio", "video", "screen")
        for kind in kinds:
            found = await cloud.measurements(measured.meeting_uuid, pid, kind)
            assert found.kind == kind
            assert found.sent.bitrate_kbps
            assert found.received.latency_ms
        assert (await cloud.measurements(measured.meeting_uuid, pid, "cpu")).client_cpu_percent
        assert (await cloud.thresholds()).latency_ms.received is not None


async def test_the_push_is_configured() -> None:
    """Registered, asked for and disabled; enabling fails where nobody answers the handshake."""
    async with both() as (cloud, *_):
        assert (await cloud.push_status()).state == "absent"
        with pytest.raises(PushUnaddressed):
            await cloud.enable_push(subscriber_id="s-1", password=KEY, url=None)
        with pytest.raises(Exception, match=r"^BadRequest"):
            await cloud.enable_push(subscriber_id="s-1", password=KEY, url="http://127.0.0.1:1/")

        found = await cloud.push_status()
        assert (found.state, found.subscriber_id, found.url) == ("disabled", "s-1", "http://127.0.0.1:1/")
        assert (await cloud.disable_push()).state == "disabled"
