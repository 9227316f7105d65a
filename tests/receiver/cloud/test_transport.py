"""The way to the service: its time, its size, its certificate and the proxy before it."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

import aiohttp
import pytest
import trustme

from deploy.meters import PrometheusMeters
from receiver.cloud import Cloud, Faulty, Unreachable
from receiver.cloud.ask import Ask
from receiver.cloud.transport import Transport, session_of

from .asking import app, asking, client
from .proxy import proxying
from .service import APPAUTH, ONLINE, Reply, Service, serving

EMPTY = Reply(200, {"count": 0, "data": []})


@asynccontextmanager
async def secured(folder: Path, name: str = "127.0.0.1") -> AsyncIterator[tuple[Service, str]]:
    """Yield a service with a certificate for `name`, and the file of its authority."""
    authority = trustme.CA()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(tls)
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    async with serving(tls) as service:
        service.answers(ONLINE, EMPTY)
        yield service, str(ca_file)


async def test_who_asks_is_said_and_nothing_else() -> None:
    """Our name and version; no cookie is kept, and no answer in another form is asked for."""
    async with asking() as parts:
        parts.service.answers(ONLINE, Reply(200, {"count": 0}, {"Set-Cookie": "a=b"}))
        for _ in range(2):
            await parts.cloud.online_meetings()

        first, *_, last = parts.service.asked
        assert last.headers["User-Agent"] == f"meetwire/{version('meetwire')}"
        assert last.headers["Accept"] == "application/json"
        assert "Cookie" not in last.headers
        assert "Content-Type" not in last.headers
        assert first.headers["Content-Type"] == "application/json; charset=UTF-8"


async def test_a_redirection_is_not_followed() -> None:
    """The token would go to whoever it leads to."""
    async with asking() as parts, serving() as stranger:
        parts.service.answers(ONLINE, Reply(302, b"", {"Location": stranger.address + ONLINE}))
        with pytest.raises(Faulty):
            await parts.cloud.online_meetings()

        assert stranger.asked == []


async def sent(service: Service, *, most: int) -> bytes:
    """Return the body of one answer, read by a transport that takes so much."""
    settings = app(service.address)
    async with session_of(settings, None) as session:
        transport = Transport(session, settings, max_body_bytes=most)
        return (await transport.send(Ask(name="meeting", path="/"), {})).body


async def test_an_answer_that_is_too_large_is_not_read_on() -> None:
    """Counted as it is after unpacking: a small one that unpacks to a large one is large."""
    async with serving() as service:
        service.answers("/", Reply(200, b"x" * 100_000))
        assert len(await sent(service, most=100_000)) == 100_000
        with pytest.raises(Faulty):
            await sent(service, most=99_999)

        service.answers("/", Reply(200, gzip.compress(bytes(10_000_000)), {"Content-Encoding": "gzip"}))
        with pytest.raises(Faulty):
            await sent(service, most=1_000_000)


async def test_an_answer_that_is_broken_off_is_a_fault() -> None:
    """And one that is no HTTP, or not packed as it says."""
    async with serving() as service:
        service.answers("/", Reply(200, b"not gzip", {"Content-Encoding": "gzip"}))
        with pytest.raises(Faulty):
            await sent(service, most=1_000)

    async def spoken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(words.pop(0))
        writer.close()

    words = [b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive", b"SMTP?\r\n\r\n"]
    server = await asyncio.start_server(spoken, "127.0.0.1", 0)
    service = Service()
    service.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        for _ in range(2):
            with pytest.raises(Faulty):
                await sent(service, most=1_000)
    assert words == []


async def test_a_connection_that_is_cut_is_unreachable() -> None:
    """Nothing was answered."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    service = Service()
    service.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        with pytest.raises(Unreachable) as raised:
            await sent(service, most=1_000)
    assert raised.value.reason == "connect"


async def test_a_name_that_nobody_knows_is_told_as_one() -> None:
    """.invalid is never given (RFC 6761)."""
    async with asking(address="http://meeting.invalid") as parts:
        with pytest.raises(Unreachable) as raised:
            await parts.cloud.online_meetings()

        assert raised.value.reason == "dns"


async def test_a_certificate_is_trusted_by_its_authority_in_the_settings(tmp_path: Path) -> None:
    """Beside the system's; sockets are checked with the same."""
    async with secured(tmp_path) as (service, ca_file), client(service, ca_file=ca_file, server_name="cms") as parts:
        assert await parts.cloud.online_meetings() == []

        context = parts.cloud.socket_context()
        assert context is not None
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
        assert parts.cloud.server_name == "cms"


@pytest.mark.parametrize("trusted", [True, False], ids=["another name", "another authority"])
async def test_a_certificate_that_does_not_fit_is_refused(tmp_path: Path, trusted: bool) -> None:
    """Nothing is sent: no check is ever switched off."""
    async with (
        secured(tmp_path, name="meeting.example.com" if trusted else "127.0.0.1") as (service, ca_file),
        client(service, ca_file=ca_file if trusted else None) as parts,
    ):
        with pytest.raises(Unreachable) as raised:
            await parts.cloud.online_meetings()

        assert (raised.value.reason, service.asked) == ("tls", [])
        assert (parts.cloud.socket_context() is None) is not trusted


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_a_ca_file_that_cannot_be_used_is_an_error_at_start(tmp_path: Path, content: str | None) -> None:
    """Of the system's kind, for the one who names the setting."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    async with serving() as service:
        with pytest.raises(OSError):  # noqa: PT011 -- ssl's is one, the file's another
            async with client(service, ca_file=str(path)):
                pytest.fail("was opened")


async def test_calls_go_through_the_proxy() -> None:
    """With the login in its address; the service's address is named whole."""
    async with serving() as service, proxying() as proxy:
        service.answers(ONLINE, EMPTY)
        login = proxy.address.replace("http://", "http://user:marker@")
        async with client(service, proxy=login) as parts:
            assert await parts.cloud.online_meetings() == []

    assert proxy.asked == [f"POST {service.address}{APPAUTH} HTTP/1.1"]
    assert proxy.logins == ["Proxy-Authorization: Basic dXNlcjptYXJrZXI="]


async def test_an_encrypted_call_goes_through_a_tunnel(tmp_path: Path) -> None:
    """The proxy sees where to, and nothing else; the certificate is checked behind it."""
    async with secured(tmp_path) as (service, ca_file), proxying() as proxy:
        async with client(service, ca_file=ca_file, proxy=proxy.address) as parts:
            assert await parts.cloud.online_meetings() == []
        async with client(service, proxy=proxy.address) as parts:
            with pytest.raises(Unreachable) as raised:
                await parts.cloud.online_meetings()
            assert raised.value.reason == "tls"

    host = service.address.removeprefix("https://")
    assert set(proxy.asked) == {f"CONNECT {host} HTTP/1.1"}


@pytest.mark.parametrize("tls", [True, False])
async def test_a_proxy_that_refuses_is_told_as_one(tmp_path: Path, tls: bool) -> None:
    """407: it wants a login; the service was not asked."""
    async with secured(tmp_path) as (service, ca_file), serving() as plain, proxying(407) as proxy:
        asked = service if tls else plain
        async with client(asked, ca_file=ca_file, proxy=proxy.address) as parts:
            with pytest.raises(Unreachable) as raised:
                await parts.cloud.online_meetings()

            assert str(raised.value) == "Unreachable (407): the proxy refuses or does not answer"
            assert asked.asked == []


async def test_a_proxy_that_is_not_there_is_told_as_one() -> None:
    """Not as the service's being away."""
    async with asking(proxy="http://127.0.0.1:1") as parts:
        with pytest.raises(Unreachable) as raised:
            await parts.cloud.online_meetings()

        assert (raised.value.reason, raised.value.status) == ("proxy", None)


async def test_the_environment_sets_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings alone do."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with asking() as parts:
        parts.service.answers(ONLINE, EMPTY)

        assert await parts.cloud.online_meetings() == []


async def test_sockets_go_the_same_way() -> None:
    """The session is for them too: its proxy, and no limit of connections that open sockets would use up."""
    async with serving() as service, proxying() as proxy, client(service, proxy=proxy.address) as parts:
        service.answers("/socket", Reply(404))
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await parts.cloud.session.ws_connect(service.address.replace("http", "ws") + "/socket")

        connector = parts.cloud.session.connector
        assert connector is not None
        assert (connector.limit, connector.limit_per_host) == (0, 0)
    assert any("/socket" in line for line in proxy.asked)


async def test_requests_on_their_way_are_limited() -> None:
    """A hundred calls at once are 32 requests at once."""
    async with asking() as parts:
        parts.service.answers(ONLINE, EMPTY)
        await parts.cloud.online_meetings()
        parts.service.hold.clear()
        calls = [asyncio.create_task(parts.cloud.online_meetings()) for _ in range(100)]
        await parts.service.was_asked(ONLINE, 1 + 32)
        for _ in range(20):
            await asyncio.sleep(0)
        under_way = len(parts.service.of(ONLINE)) - 1
        parts.service.hold.set()

        assert (under_way, await asyncio.gather(*calls)) == (32, [[]] * 100)


async def test_the_real_clock_is_the_default() -> None:
    """Outside of tests nobody hands one in."""
    async with serving() as service:
        service.answers(ONLINE, EMPTY)
        async with Cloud.opened(app(service.address), enterprise="acme", meters=PrometheusMeters()) as cloud:
            assert await cloud.online_meetings() == []
