"""What a stranger meets before anybody asks who he is: time, size, number; and nothing of it is logged."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import aiohttp
import pytest
import trustme
from structlog.testing import capture_logs

from consumers.dashboard.server import application
from consumers.dashboard.server.connection import MAX_FIELD_BYTES, Connection
from consumers.dashboard.stream.cursor import spelt
from schemas.topics import TOPICS
from tests.consumers.writing import LogWriter

from ..serving import add_token, serving, settings_for

MARK = "zqxjk"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """An empty log."""
    LogWriter(tmp_path / "log").close()
    return tmp_path / "log"


async def opened(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def test_a_head_that_does_not_end_ends_the_connection(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever opens enough of them keeps everybody out; one that says nothing at all likewise."""
    monkeypatch.setattr(application, "HEAD_S", 0.2)
    async with serving(log, settings_for(tmp_path)) as served, asyncio.timeout(60):
        for said in (b"", b"GET / HTTP/1.1\r\nHost"):
            reader, writer = await opened(served.url)
            writer.write(said)
            assert await reader.read() == b""
            writer.close()


async def test_a_head_without_an_end_is_not_kept(log: Path, tmp_path: Path) -> None:
    """However many headers each of which is small enough; also behind a request that was answered."""
    header = b"X: " + b"x" * 60_000 + b"\r\n"
    for before in (b"", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"):
        async with serving(log, settings_for(tmp_path)) as served, asyncio.timeout(60):
            reader, writer = await opened(served.url)
            if before:
                writer.write(before)
                await reader.readuntil(b"</html>")
            writer.write(b"GET / HTTP/1.1\r\n" + header + header)
            with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
                await reader.readexactly(1_000_000)
            writer.close()


async def test_more_connections_than_admitted_are_closed(log: Path, tmp_path: Path) -> None:
    """And when one ends another may come."""
    async with serving(log, settings_for(tmp_path, max_readers=1)) as served, asyncio.timeout(60):
        first, second = await opened(served.url), await opened(served.url)
        reader, writer = await opened(served.url)
        refused = await reader.read()
        writer.close()
        first[1].write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await first[0].read()
        first[1].close()
        async with aiohttp.ClientSession(served.url) as client, client.get("/") as answer:
            then = answer.status
        second[1].close()

    assert (refused, then) == (b"", 200)


async def test_over_tls_they_are_counted_before_the_handshake(log: Path, tmp_path: Path) -> None:
    """Who says nothing is one of those admitted, and ends with the server."""
    certificate = trustme.CA().issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    both = str(tmp_path / "both.pem")
    settings = settings_for(tmp_path, max_readers=1, tls_certificate_file=both, tls_key_file=both)
    async with asyncio.timeout(60):
        async with serving(log, settings) as served:
            first, second, third = [await opened(served.url) for _ in range(3)]
            refused = await third[0].read()
            still_there = not first[0].at_eof()
        ended = await first[0].read(), await second[0].read()
    for _, writer in (first, second, third):
        writer.close()

    assert (refused, still_there, ended) == (b"", True, (b"", b""))


async def test_what_is_no_request_is_said_and_not_quoted(
    log: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A token in a header that is too long is in no answer, and in no log."""
    caplog.set_level(logging.DEBUG)
    with capture_logs() as lines:
        async with serving(log, settings_for(tmp_path)) as served, asyncio.timeout(60):
            reader, writer = await opened(served.url)
            token = MARK.encode() * (MAX_FIELD_BYTES // 4)
            writer.write(b"GET / HTTP/1.1\r\nAuthorization: Bearer " + token + b"\r\n\r\n")
            content = await reader.read()
            writer.close()

    assert content.startswith(b"HTTP/1.0 400") or content.startswith(b"HTTP/1.1 400")
    assert b"aiohttp" not in content
    assert MARK not in content.decode() + str(lines) + caplog.text


async def test_a_cursor_of_a_thousand_partitions_is_taken(log: Path, tmp_path: Path) -> None:
    """In the header and in the address: a reader of a large cluster comes back as any other."""
    token = await asyncio.to_thread(add_token, tmp_path)
    cursor = spelt("c", {(topic, number): 2**31 + number for topic in TOPICS for number in range(1_024)})
    bearer = {"Authorization": f"Bearer {token}"}
    async with serving(log, settings_for(tmp_path)) as served, aiohttp.ClientSession(served.url) as client:
        for query, more in (("", {"Last-Event-ID": cursor}), (f"?cursor={cursor}", {})):
            async with client.get(f"/api/v1/stream{query}", headers=bearer | more) as answer, asyncio.timeout(60):
                assert (answer.status, await answer.content.readline()) == (200, b"event: missed\n")


async def test_a_fault_in_aiohttp_is_said_by_its_kind(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And answered as one of ours."""
    started = Connection.start

    async def failing(self: Connection) -> None:
        self.log_exception("said", exc_info=KeyError(MARK))
        self.log_exception("said without one")
        await started(self)

    monkeypatch.setattr(Connection, "start", failing)
    with capture_logs() as lines:
        async with (
            serving(log, settings_for(tmp_path)) as served,
            aiohttp.ClientSession(served.url) as client,
            client.get("/") as answer,
        ):
            status = answer.status

    said = [(line["kind"], line["where"]) for line in lines if line["event"] == "service.failed"]
    assert (status, said) == (200, [("KeyError", "?")])
    assert MARK not in str(lines)


async def test_who_says_nothing_more_is_let_go_of(log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was answered has its place for as long as browsers need: else a few thousand would have all of them."""
    monkeypatch.setattr(application, "IDLE_S", 0.2)
    async with serving(log, settings_for(tmp_path)) as served, asyncio.timeout(60):
        reader, writer = await opened(served.url)
        writer.write(b"GET /page/icon.svg HTTP/1.1\r\nHost: x\r\n\r\n")
        content = await reader.read()
        writer.close()

    assert content.endswith(b"</svg>\n")
