"""What goes on while a line is open: it ends with the right to it; and what happens when something of ours breaks."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
import trustme
from msgspec.structs import replace
from structlog.testing import capture_logs

from consumers.dashboard.access import roll
from consumers.dashboard.access.door import Door
from consumers.dashboard.access.roll import RollUnreadable
from consumers.dashboard.errors import NotNow, TooMany
from consumers.dashboard.server import telling
from consumers.dashboard.service import Desks
from schemas.desk_archive import ArchiveDesk
from tests.consumers.records import record, started
from tests.consumers.writing import LogWriter

from ..serving import PASSWORD, add_token, add_user, serving, settings_for

MARK = "zqxjk"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """An empty log."""
    LogWriter(tmp_path / "log").close()
    return tmp_path / "log"


async def test_a_line_ends_with_the_right_to_it(log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that was taken out reads no more; and until then a quiet line shows that it is alive."""
    monkeypatch.setattr(telling, "_QUIET_S", 0.05)
    monkeypatch.setattr(telling, "_LOOK_EVERY_S", 0.0)
    token = await asyncio.to_thread(add_token, tmp_path)
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        serving(log, settings_for(tmp_path)) as served,
        aiohttp.ClientSession(served.url, headers=headers) as client,
        client.get("/api/v1/stream") as answer,
        asyncio.timeout(60),
    ):
        await answer.content.readuntil(b"\n:\n\n")
        await asyncio.to_thread(roll.change, tmp_path / "users.json", lambda known: known.without("wall"))
        rest = await answer.content.read()

    assert rest.replace(b":\n\n", b"") == b""


async def test_whoever_was_let_in_is_looked_at_again(tmp_path: Path) -> None:
    """A session, a token, somebody of the proxy's: each by what stands in the users file now."""
    clock = [1_000_000.0]
    await asyncio.to_thread(add_user, tmp_path, "ann", "admin")
    ends = datetime.fromtimestamp(clock[0], UTC) + timedelta(hours=1)
    token = await asyncio.to_thread(add_token, tmp_path, ends_at=ends)
    settings = settings_for(tmp_path, proxy_from=("127.0.0.1",), proxy_header="X-User", proxy_role="none")
    door = Door(settings, logger=structlog.get_logger(), now_s=lambda: clock[0])
    assert await door.open() is None
    none: dict[str, Any] = {"authorization": None, "cookie": None, "proxied": None, "peer": "127.0.0.1"}
    cookie = await door.login("ann", PASSWORD, "1.1.1.1")
    entered = [
        await door.who(**{**none, "cookie": cookie}),
        await door.who(**{**none, "authorization": f"Bearer {token}"}),
        await door.who(**{**none, "proxied": "ann"}),
    ]

    first = [await door.still(one) for one in entered]
    clock[0] += 3_600
    later = [await door.still(one) for one in entered]
    await asyncio.to_thread(roll.change, tmp_path / "users.json", lambda known: known.without("ann"))
    clock[0] += 2
    last = [await door.still(one) for one in entered]

    assert (first, later, last) == ([True] * 3, [True, False, True], [False] * 3)


async def test_the_link_ends_after_a_day_and_an_unwritable_file_is_said(tmp_path: Path) -> None:
    """Nobody becomes administrator of what cannot be kept."""
    clock = [1_000_000.0]
    (tmp_path / "file").touch()
    door = Door(settings_for(tmp_path / "file"), logger=structlog.get_logger(), now_s=lambda: clock[0])
    with pytest.raises(RollUnreadable):
        await door.open()
    door = Door(settings_for(tmp_path), logger=structlog.get_logger(), now_s=lambda: clock[0])
    link = await door.open()
    assert link is not None
    (tmp_path / "users.json").mkdir()
    with pytest.raises((NotNow, RollUnreadable)):
        await door.first(link, "ann", PASSWORD, "1.1.1.1")
    (tmp_path / "users.json").rmdir()
    clock[0] += 86_400
    for _ in range(5):
        with pytest.raises(Exception, match="this link was used"):
            await door.first(link, "ann", PASSWORD, "1.1.1.1")
    with pytest.raises(TooMany):
        await door.first(link, "ann", PASSWORD, "1.1.1.1")


class Broken:
    """A desk with a fault of ours in it; nothing else of it is asked."""

    async def meetings(self, *_: object) -> None:
        """Fail, and say what was asked."""
        raise RuntimeError(MARK)


async def test_a_fault_of_ours_is_said_without_what_was_asked(log: Path, tmp_path: Path) -> None:
    """A 500 in our form, and the place of the fault in the log; nobody else notices."""
    token = await asyncio.to_thread(add_token, tmp_path, scopes=("archive",))
    headers = {"Authorization": f"Bearer {token}"}
    broken: ArchiveDesk = Broken()  # type: ignore[assignment]  # nothing else of it is asked
    with capture_logs() as lines:
        async with (
            serving(log, settings_for(tmp_path), desks=Desks(archive=broken)) as served,
            aiohttp.ClientSession(served.url, headers=headers) as client,
        ):
            async with client.get("/api/v1/archive/meetings") as answer:
                failed = answer.status, (await answer.json())["error"]
            async with client.get("/api/v1/meetings") as answer:
                then = answer.status

    (line,) = [line for line in lines if line["event"] == "service.failed"]
    assert (failed, then) == ((500, "failed"), 200)
    assert (line["kind"], line["where"].partition(":")[0]) == ("RuntimeError", "test_staying.py")
    assert MARK not in str(lines)


async def test_it_speaks_tls_itself(log: Path, tmp_path: Path) -> None:
    """Then cookies go over it alone, and browsers are told to stay with it."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    await asyncio.to_thread(add_user, tmp_path, "ann", "admin")
    files = {"tls_certificate_file": str(tmp_path / "cert.pem"), "tls_key_file": str(tmp_path / "key.pem")}
    async with serving(log, settings_for(tmp_path, **files)) as served:
        url = served.url.replace("http:", "https:")
        connector = aiohttp.TCPConnector(ssl=trusting)
        async with aiohttp.ClientSession(url, connector=connector, cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
            async with client.post("/api/v1/login", json={"user": "ann", "password": PASSWORD}) as answer:
                cookie = answer.cookies["__Host-meetwire"]
            async with client.get("/api/v1/session") as answer:
                found = answer.status, answer.headers["Strict-Transport-Security"]

    assert (cookie["secure"], cookie["httponly"], found) == (True, True, (200, "max-age=31536000"))


async def test_only_so_many_passwords_are_checked_at_once() -> None:
    """Each costs 64 MiB; who comes when too many wait is told to come again."""
    from consumers.dashboard.access import passwords

    checking = passwords.Passwords()
    checking._waiting = 32

    with pytest.raises(TooMany):
        await checking.fits(None, "x")


async def test_who_reads_too_slowly_learns_it_and_holds_up_nobody(log: Path, tmp_path: Path) -> None:
    """Everybody else gets everything meanwhile; he gets the count of what is gone, and the rest."""
    token = await asyncio.to_thread(add_token, tmp_path)
    large = replace(started(), original="x" * 200_000)
    writer = LogWriter(log)
    async with serving(log, settings_for(tmp_path)) as served:
        slow = await _slow(served.url, token)
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            aiohttp.ClientSession(served.url, headers=headers, read_bufsize=2**20) as client,
            client.get("/api/v1/stream") as answer,
            asyncio.timeout(60),
        ):
            reading = asyncio.create_task(_counted(answer))
            for number in range(RECORDS // 10):
                batch = [record(large, key=f"m-{number}-{each}", received_at=datetime.now(UTC)) for each in range(10)]
                await asyncio.to_thread(writer.append, *batch)
            got = await reading
            told = await _until_missed(slow)
        missed = await asyncio.to_thread(served.meters.value, "meetwire_dashboard_missed_total", kind="stream")
        slow.close()
    writer.close()

    assert got == RECORDS
    assert told == {"count": missed}
    assert 0 < told["count"] < RECORDS


RECORDS = 150


async def _counted(answer: aiohttp.ClientResponse) -> int:
    """Return how many records came, once all did."""
    got, rest = 0, b""
    while got < RECORDS:
        content = rest + await answer.content.readany()
        got += content.count(MARK_OF_A_RECORD)
        # A mark may be cut in two.
        rest = content[-len(MARK_OF_A_RECORD) + 1 :]
    return got


MARK_OF_A_RECORD = b'data: {"specversion"'


async def _slow(url: str, token: str) -> socket.socket:
    """Ask for the stream with a small buffer, and read its beginning alone."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    loop, made = asyncio.get_running_loop(), socket.socket()
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    await loop.sock_connect(made, (host, int(port)))
    head = f"GET /api/v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
    await loop.sock_sendall(made, head.encode())
    content = b""
    while b"id: " not in content:
        content += await loop.sock_recv(made, 1_024)
    return made


async def _until_missed(slow: socket.socket) -> dict[str, int]:
    """Read on until it is told what is missed; return that."""
    loop, content = asyncio.get_running_loop(), b""
    while not (found := re.search(rb"event: missed\ndata: (.*)\n", content)):
        content = content[-200:] + await loop.sock_recv(slow, 65_536)
    told: dict[str, int] = json.loads(found[1])
    return told
