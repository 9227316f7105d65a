"""Each witness gets the newest checkpoint: now, when it is back, or after the next start."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import shutil
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
import trustme
from aiohttp import web
from aiohttp.test_utils import TestServer

from consumers.captions.errors import Misconfigured
from consumers.captions.stores import Store
from consumers.captions.stores.folder import open_folder
from consumers.captions.witness.copying import Copying, witnessing
from consumers.captions.witness.place import Place
from consumers.captions.witness.webhook import Webhook, trusted
from deploy.meters import PrometheusMeters
from schemas.settings import Captions

from ....kafka.configuration import free_port
from ....receiver.lines import Lines, lines_caught
from ..stores.contract import listed
from .notes import NAME, note, signed


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[Store]:
    """Give the store that the ledger lies in, with some checkpoints."""
    async with open_folder(f"file:{tmp_path}/archive") as store:
        await signed(store, 1, 2, 3, 4)
        yield store


@pytest.fixture
def lines() -> Any:
    """Give what is said."""
    with lines_caught() as caught:
        yield caught


@dataclass
class Hook:
    """A web address that takes checkpoints, or what it is told to answer first."""

    answers: list[int] = field(default_factory=list)
    got: list[tuple[bytes, str]] = field(default_factory=list)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        """Take one."""
        body = await request.read()
        status = self.answers.pop(0) if self.answers else 204
        if status == 302:
            return web.Response(status=302, headers={"Location": "/elsewhere"})
        if 200 <= status < 300:
            self.got.append((body, request.content_type))
        return web.Response(status=status)


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    """Give one that answers on loopback; its path is a secret."""
    hook = Hook()
    app = web.Application()
    app.router.add_post("/secret", hook.take)
    async with TestServer(app) as server:
        hook.url = str(server.make_url("/secret?token=secret"))
        yield hook


def options(*witnesses: str, **more: Any) -> Captions:
    """Return settings with these witnesses."""
    return Captions(name=NAME, witness=witnesses, request_timeout_s=5.0, **more)


async def value(meters: PrometheusMeters, name: str, number: int = 1) -> float | None:
    """Return a figure of one witness."""
    return await asyncio.to_thread(meters.value, f"meetwire_captions_witness_{name}", witness=str(number))


async def test_every_witness_gets_the_newest(own: Store, hook: Hook, lines: Lines, tmp_path: Path) -> None:
    """A folder and a web address; the note as it is signed."""
    meters = PrometheusMeters()
    given = options(f"file:{tmp_path}/witness", hook.url.replace("localhost", "127.0.0.1"))
    async with witnessing(given, own, meters=meters, logger=structlog.get_logger()) as copy:
        await copy(note(3))
        for number in (1, 2):
            await lines.said("witness.copied", witness=number, entries=3)
        await copy(note(4))
        for number in (1, 2):
            await lines.said("witness.copied", witness=number, entries=4)

    async with open_folder(given.witness[0]) as place:
        assert await listed(place) == [f"{NAME}/000000000003", f"{NAME}/000000000004"]
    assert hook.got == [(note(3), "text/plain"), (note(4), "text/plain")]
    assert [await value(meters, "behind_entries", number) for number in (1, 2)] == [0, 0]
    assert {line["event"] for line in lines} == {"witness.copied"}


async def test_an_older_one_is_not_copied(own: Store, hook: Hook, lines: Lines) -> None:
    """Who offers late offers nothing."""
    async with witnessing(options(hook.url), own, meters=PrometheusMeters(), logger=structlog.get_logger()) as copy:
        await copy(note(4))
        await copy(note(2))
        await lines.said("witness.copied")

    assert hook.got == [(note(4), "text/plain")]


async def test_no_witness_is_no_trouble(own: Store) -> None:
    """As the settings have it by default."""
    async with witnessing(options(), own, meters=PrometheusMeters(), logger=structlog.get_logger()) as copy:
        await copy(note(4))


@pytest.fixture
async def impatient(own: Store, tmp_path: Path) -> AsyncIterator[Callable[[str, PrometheusMeters], Copying]]:
    """Give what makes the way to a witness that is tried again at once."""
    async with aiohttp.ClientSession() as session, open_folder(f"file:{tmp_path}/witness") as folder:
        trust = await trusted(None)

        def made(address: str, meters: PrometheusMeters) -> Copying:
            witness = Webhook(session, address, trust) if address.startswith("http") else Place(folder, own, NAME)
            return Copying(
                witness, 1, meters=meters, logger=structlog.get_logger(), delays=lambda: itertools.repeat(0.0)
            )

        yield made


Impatient = Callable[[str, PrometheusMeters], Copying]


async def test_one_that_refuses_is_asked_again(impatient: Impatient, hook: Hook, lines: Lines) -> None:
    """Said once, counted each time, said again when it is over; a redirect is no answer. Its path is its own."""
    hook.answers += [503, 302, 403]
    meters = PrometheusMeters()
    copying = impatient(hook.url, meters)
    copying.offer(note(4))

    async with running(copying):
        await lines.said("witness.recovered", witness=1)

    host = hook.url.partition("/secret")[0]
    failed, copied, recovered = lines
    assert failed == {
        "event": "witness.failed",
        "log_level": "warning",
        "witness": 1,
        "reason": f"{host}: it answers 503",
    }
    assert copied == {"event": "witness.copied", "log_level": "debug", "witness": 1, "entries": 4}
    assert recovered == {"event": "witness.recovered", "log_level": "info", "witness": 1}
    assert await value(meters, "failures_total") == 3
    assert hook.got == [(note(4), "text/plain")]


async def test_one_that_is_not_there_gets_the_newest_later(impatient: Impatient, hook: Hook, lines: Lines) -> None:
    """What was offered meanwhile, and not what it missed."""
    meters, port = PrometheusMeters(), free_port()
    copying = impatient(f"http://127.0.0.1:{port}/secret", meters)
    copying.offer(note(2))
    async with running(copying):
        failed = await lines.said("witness.failed")
        copying.offer(note(4))
        app = web.Application()
        app.router.add_post("/secret", hook.take)
        async with TestServer(app, port=port, host="127.0.0.1"):
            await lines.said("witness.recovered")

    assert failed["reason"] == f"http://127.0.0.1:{port}: ClientConnectorError"
    assert hook.got[-1] == (note(4), "text/plain")


@contextlib.asynccontextmanager
async def running(copying: Copying) -> AsyncIterator[None]:
    """Have it copy meanwhile."""
    task = asyncio.create_task(copying.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("address", ["file:", "http"])
async def test_a_contradiction_is_said_loudly(
    impatient: Impatient, own: Store, hook: Hook, lines: Lines, tmp_path: Path, address: str
) -> None:
    """With each checkpoint anew, and nothing is tried again: no time heals it."""
    meters = PrometheusMeters()
    async with open_folder(f"file:{tmp_path}/witness") as folder:
        await folder.put(f"{NAME}/000000000007", note(7, of="the past"))
    hook.answers += [409, 409]
    copying = impatient(hook.url if address == "http" else address, meters)

    levels = []
    async with running(copying):
        for size in (3, 4):
            copying.offer(note(size))
            levels.append((await lines.said("witness.contradicted", witness=1))["log_level"])
            lines.clear()

    assert levels == ["error", "error"]
    assert await value(meters, "contradictions_total") == 2
    assert await value(meters, "failures_total") == 0
    assert await value(meters, "behind_entries") == 4
    assert lines == []


async def test_one_that_was_away_gets_it_after_a_restart(own: Store, lines: Lines, tmp_path: Path) -> None:
    """What is not copied at the end is not lost: the ledger has it."""
    (tmp_path / "mount").mkdir()
    given = options(f"file:{tmp_path}/mount/witness")
    async with witnessing(given, own, meters=PrometheusMeters(), logger=structlog.get_logger()) as copy:
        shutil.rmtree(tmp_path / "mount")
        await copy(note(3))
        await lines.said("witness.failed")

    (tmp_path / "mount").mkdir()
    async with witnessing(given, own, meters=PrometheusMeters(), logger=structlog.get_logger()) as copy:
        await copy(note(3))
        await lines.said("witness.copied", entries=3)


async def test_a_certificate_of_ones_own_authority_is_trusted(
    own: Store, hook: Hook, lines: Lines, tmp_path: Path
) -> None:
    """Where the settings name the authority."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    secured = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(secured)
    app = web.Application()
    app.router.add_post("/secret", hook.take)
    server = TestServer(app, scheme="https", host="127.0.0.1")
    await server.start_server(ssl=secured)
    async with server:
        url = str(server.make_url("/secret"))
        for ca_file, said in ((None, "witness.failed"), (str(tmp_path / "ca.pem"), "witness.copied")):
            given = options(url, ca_file=ca_file)
            async with witnessing(given, own, meters=PrometheusMeters(), logger=structlog.get_logger()) as copy:
                await copy(note(3))
                await lines.said(said)

    assert hook.got == [(note(3), "text/plain")]


REFUSED = {
    "a name that is no folder's": (
        {"name": "a//b"},
        "file:witness",
        "captions.name: a witness keeps checkpoints under",
    ),
    "a name that leads out": ({"name": "a/../../b"}, "file:witness", "captions.name: "),
    "no authority": ({"ca_file": "/nonexistent"}, "https://127.0.0.1/", "captions.ca_file: /nonexistent: No such file"),
}


@pytest.mark.parametrize(("more", "witness", "why"), REFUSED.values(), ids=REFUSED)
async def test_what_cannot_be_a_witness_is_refused(own: Store, more: dict[str, str], witness: str, why: str) -> None:
    """At the start."""
    given = Captions(**{"name": NAME, "witness": (witness,), **more})  # type: ignore[arg-type]  # of several types

    with pytest.raises(Misconfigured, match=f"^{re.escape(why)}"):
        async with witnessing(given, own, meters=PrometheusMeters(), logger=structlog.get_logger()):
            pass
