"""The dashboard beside the receiver: what is pushed is seen, and what it cannot do is said at the start."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest
import structlog

from consumers.qos.alerts import alerting
from deploy.dashboard import address_of, parts_of
from deploy.meters import PrometheusMeters
from deploy.standalone import say_welcome, started
from deploy.starting import CannotStart
from schemas.secret import Secret
from schemas.settings import Dashboard, Qos, Root
from tests.consumers.dashboard.serving import add_token
from tests.consumers.handling import ListSink

from .cli.pushes import push
from .parts import post, settings


def dashboard(folder: Path, **others: str | Secret) -> Dashboard:
    """Return settings on a port of the system's choice."""
    return Dashboard(**{"listen": "127.0.0.1:0", "users_file": str(folder / "users.json"), **others})  # type: ignore[arg-type]  # texts


async def test_what_is_pushed_is_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Within moments, by who has a token; and the first administrator's link is printed, for people alone."""
    token = await asyncio.to_thread(add_token, tmp_path)
    async with started(settings(tmp_path, dashboard=dashboard(tmp_path))) as parts:
        assert parts.dashboard is not None
        assert await post(parts, push()) == 200
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(parts.dashboard.address, headers=headers) as client, asyncio.timeout(60):
            meetings: list[object] = []
            while not meetings:
                async with client.get("/api/v1/meetings") as answer:
                    meetings = (await answer.json())["meetings"]
        say_welcome(parts.dashboard.welcome)
        say_welcome(None)
        shown = repr(parts.dashboard)

    assert len(meetings) == 1
    assert str(parts.dashboard.welcome).startswith(f"{parts.dashboard.address}/first?link=")
    assert capsys.readouterr().err.count("/first?link=") == 1
    assert "link" not in shown


async def test_a_taken_port_is_named(tmp_path: Path) -> None:
    """And the receiver does not run either: half a program is none."""
    async with started(settings(tmp_path / "a", dashboard=dashboard(tmp_path))) as first:
        assert first.dashboard is not None
        taken = first.dashboard.address.removeprefix("http://")
        with pytest.raises(CannotStart) as refused:
            async with started(settings(tmp_path / "b", dashboard=dashboard(tmp_path, listen=taken))):
                pytest.fail("it started")

    assert str(refused.value) == f"dashboard.listen {taken}: Address already in use"


async def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """The users file, and the certificate."""
    (tmp_path / "damaged.json").write_text("{")
    nowhere = str(tmp_path / "nowhere.pem")
    told = []
    for wrong in (
        {"users_file": str(tmp_path / "damaged.json")},
        {"tls_certificate_file": nowhere, "tls_key_file": nowhere},
    ):
        with pytest.raises(CannotStart) as refused:
            async with started(settings(tmp_path / "a", dashboard=dashboard(tmp_path, **wrong))):
                pytest.fail("it started")
        told.append(str(refused.value).replace(f"{tmp_path}/", ""))

    assert told == [
        "dashboard.users_file damaged.json: is no users file",
        "dashboard.tls_certificate_file nowhere.pem: No such file or directory",
    ]


async def test_people_type_what_the_settings_say(tmp_path: Path) -> None:
    """Where a proxy stands before it that is another address."""
    public = dashboard(tmp_path, public_url="https://meetings.example.com")
    async with started(settings(tmp_path, dashboard=public)) as parts:
        assert parts.dashboard is not None
        assert parts.dashboard.address == "https://meetings.example.com"


def test_an_ipv6_address_is_spelt_in_brackets(tmp_path: Path) -> None:
    """As browsers want it."""

    class Made:
        address = ("::1", 8090)

    assert address_of(dashboard(tmp_path), Made()) == "http://[::1]:8090"  # type: ignore[arg-type]  # its address is all


async def test_alerts_are_acted_on_where_they_are_decided(tmp_path: Path) -> None:
    """On this machine by the table [qos], on another by its address; where neither is said nobody is asked."""
    token = Secret("a long random word")
    deciding = alerting(
        Qos(state_folder=str(tmp_path / "qos"), listen="127.0.0.1:0", tokens=(token,)),
        ListSink(),
        partitions=12,
        meters=PrometheusMeters(),
        logger=structlog.get_logger(),
    )
    async with deciding as alerts:
        assert alerts.address is not None
        port = alerts.address[1]
        roots = (
            Root(dashboard=dashboard(tmp_path), qos=Qos(listen=f"127.0.0.1:{port}", tokens=(token,))),
            Root(dashboard=dashboard(tmp_path), qos=Qos(listen=f":{port}", tokens=(token,))),
            Root(dashboard=dashboard(tmp_path, alerts_url=f"http://127.0.0.1:{port}", alerts_token=token)),
            Root(dashboard=dashboard(tmp_path), qos=Qos()),
        )
        found = []
        for root in roots:
            async with parts_of(root, PrometheusMeters(), use_log=True).desks() as desks:
                found.append(None if desks.alerts is None else await desks.alerts.silences())

    assert found == [[], [], [], None]


def test_an_address_for_alerts_needs_its_token(tmp_path: Path) -> None:
    """Either without the other is a slip."""
    for half in ({"alerts_url": "http://alerts:9466"}, {"alerts_token": Secret("t")}):
        with pytest.raises(ValueError, match="alerts_url and alerts_token"):
            dashboard(tmp_path, **half)
