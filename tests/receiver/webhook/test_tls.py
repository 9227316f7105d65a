"""TLS in the process: the same answers, and the same limits, from the first byte of the handshake on."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Iterator
from typing import Final

import pytest
import trustme

from schemas.tls import server_context

from ..lines import Lines, lines_caught
from .serving import Serving, fresh, serving
from .test_answers import ACCEPTED, HEAD_TOO_LARGE, answer
from .test_stop import LAST, stoppable
from .wire import ENDED, LONG_S, PATH, NoAnswer, ask, connected, request

# Soon, and long enough for a handshake on a machine that is busy.
SOON_S: Final = 1.0
HEAD: Final = f"POST {PATH} HTTP/1.1\r\nHost: meet.example.com\r\n".encode()
CLIENT_HELLO: Final = bytes.fromhex("16030100a5010000a10303")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return who signs the certificate."""
    return trustme.CA()


@pytest.fixture
def server_side(authority: trustme.CA) -> ssl.SSLContext:
    """Return what the listener shows."""
    context = server_context()
    authority.issue_cert("meet.example.com").configure_cert(context)
    return context


@pytest.fixture
def client_side(authority: trustme.CA) -> ssl.SSLContext:
    """Return what a client believes."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Yield what the receiver says."""
    with lines_caught() as caught:
        yield caught


async def test_a_push_over_tls_is_taken(server_side: ssl.SSLContext, client_side: ssl.SSLContext) -> None:
    """As without, the connection being kept for the next one."""
    async with serving(tls=server_side) as server, connected(server.address, client_side) as wire:
        await wire.send(request(fresh()))
        first = await wire.answer()
        await wire.send(request(fresh(), {"Connection": "close"}))

        assert (first, await wire.answer(), await wire.rest()) == (ACCEPTED, LAST, ENDED)


async def test_a_client_that_trusts_others_is_not_served(server_side: ssl.SSLContext) -> None:
    """It goes away in the handshake; the next one is served."""
    async with serving(tls=server_side) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            await ask(server.address, request(fresh()), ssl.create_default_context())

        assert server.log.records == []


@pytest.mark.parametrize("begun", [pytest.param(b"P", id="a letter"), pytest.param(HEAD, id="a head without its end")])
async def test_a_slow_head_over_tls_is_refused(
    begun: bytes, server_side: ssl.SSLContext, client_side: ssl.SSLContext
) -> None:
    """Though its first bytes may come with the end of the handshake."""
    async with (
        serving(tls=server_side, head_timeout_s=SOON_S) as server,
        connected(server.address, client_side) as wire,
    ):
        await wire.send(begun)

        assert (await wire.answer(), await wire.rest()) == (answer(408, connection="close"), ENDED)


async def test_a_large_head_over_tls_is_refused(server_side: ssl.SSLContext, client_side: ssl.SSLContext) -> None:
    """In whatever pieces TLS cuts it."""
    async with serving(tls=server_side) as server, connected(server.address, client_side) as wire:
        await wire.send(HEAD + (b"X: " + b"x" * 1_000 + b"\r\n") * 40)

        assert (await wire.answer(), await wire.rest()) == (HEAD_TOO_LARGE, ENDED)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="silence"),
        pytest.param(CLIENT_HELLO, id="half a hello"),
        pytest.param(request(b""), id="HTTP without TLS"),
        pytest.param(b"\x00" * 1_000, id="garbage"),
    ],
)
async def test_a_handshake_that_does_not_end_is_closed(
    sent: bytes, server_side: ssl.SSLContext, client_side: ssl.SSLContext
) -> None:
    """A stranger may be as slow with it as with a head."""
    async with serving(tls=server_side, head_timeout_s=SOON_S) as server:
        async with connected(server.address) as wire:
            await wire.send(sent)
            came = await wire.rest()

        await open_are(server, 0)
        # An alert of TLS at most (RFC 8446, section 6): type 21, and nothing of HTTP.
        assert came == ENDED or came[0] == 21
        assert await ask(server.address, request(fresh()), client_side) == ACCEPTED


async def open_are(server: Serving, count: int) -> None:
    """Return once so many connections are counted; what a client does reaches the listener a moment later."""
    async with asyncio.timeout(LONG_S):
        while True:
            server.listener.observe()
            if server.count("meetwire_connections") == count:
                return
            await asyncio.sleep(0.001)


async def test_who_says_nothing_is_counted_before_the_handshake(
    server_side: ssl.SSLContext, client_side: ssl.SSLContext
) -> None:
    """Else a stranger holds as many connections as he likes, and takes all the files that can be open."""
    async with serving(tls=server_side, max_connections=2, head_timeout_s=LONG_S) as server:
        async with connected(server.address), connected(server.address):
            await open_are(server, 2)
            async with connected(server.address) as third:
                refused = await third.rest()
            with pytest.raises((NoAnswer, OSError)):
                await ask(server.address, request(fresh()), client_side)
            await open_are(server, 2)
        await open_are(server, 0)

        assert (refused, await ask(server.address, request(fresh()), client_side)) == (ENDED, ACCEPTED)


async def test_a_connection_over_tls_is_counted_once(server_side: ssl.SSLContext, client_side: ssl.SSLContext) -> None:
    """The place that it had in the handshake is its own until it ends."""
    async with serving(tls=server_side, max_connections=1) as server:
        async with connected(server.address, client_side) as wire:
            await wire.send(request(fresh()))
            answered = await wire.answer()
            await open_are(server, 1)
            async with connected(server.address) as second:
                refused = await second.rest()
            await wire.send(request(fresh(), {"Connection": "close"}))

            assert (answered, refused, await wire.answer()) == (ACCEPTED, ENDED, LAST)
        await open_are(server, 0)


async def test_a_handshake_without_a_file_for_it_is_closed(
    server_side: ssl.SSLContext, client_side: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That one alone: the next is served."""

    def no_more(*_: object) -> socket.socket:
        raise OSError(errno.EMFILE, "Too many open files")

    async with serving(tls=server_side) as server:
        with monkeypatch.context() as full:
            full.setattr("schemas.door.socket.fromfd", no_more)
            async with connected(server.address) as wire:
                ended = await wire.rest()

        assert (ended, await ask(server.address, request(fresh()), client_side)) == (ENDED, ACCEPTED)


async def test_what_fails_for_a_fault_of_ours_in_a_handshake_is_told(server_side: ssl.SSLContext, lines: Lines) -> None:
    """By its kind; the connection is closed, and counted no more."""
    # No settings file can say so: the event loop refuses it.
    async with serving(tls=server_side, head_timeout_s=0.0) as server:
        async with connected(server.address) as wire:
            ended = await wire.rest()
        await open_are(server, 0)

    assert (ended, [line["kind"] for line in lines.named("service.failed")]) == (ENDED, ["ValueError"])


@pytest.mark.parametrize("sent", [pytest.param(b"", id="silence"), pytest.param(CLIENT_HELLO, id="half a hello")])
async def test_a_handshake_ends_with_the_listener(sent: bytes, server_side: ssl.SSLContext) -> None:
    """At once: nobody waits for who has said nothing yet."""
    async with (
        stoppable(tls=server_side, head_timeout_s=2 * LONG_S) as listener,
        connected(listener.server.address) as shaking,
    ):
        await shaking.send(sent)
        await open_are(listener.server, 1)
        await listener.told()

        assert await shaking.rest() == ENDED
        await asyncio.wait_for(listener.stopped.wait(), 30)


async def test_a_connection_over_tls_ends_with_the_listener(
    server_side: ssl.SSLContext, client_side: ssl.SSLContext
) -> None:
    """What is in flight is answered, and a client that does not say farewell holds nothing up."""
    async with (
        stoppable(tls=server_side, head_timeout_s=SOON_S) as listener,
        connected(listener.server.address, client_side) as busy,
        connected(listener.server.address, client_side) as idle,
    ):
        listener.server.log.hold()
        await busy.send(request(fresh()))
        await listener.server.log.holds(1)
        await listener.told()
        listener.server.log.release()

        assert (await busy.answer(), await busy.rest(), await idle.rest()) == (LAST, ENDED, ENDED)
        await asyncio.wait_for(listener.stopped.wait(), 30)


async def test_what_fails_in_a_handshake_fills_no_log(
    server_side: ssl.SSLContext, lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    """Scanners come by the thousand: no line of ours, and none of the event loop's that is a warning or worse."""
    async with serving(tls=server_side, head_timeout_s=SOON_S) as server:
        for sent in (CLIENT_HELLO, request(b""), b"\x00" * 100):
            async with connected(server.address) as wire:
                await wire.send(sent)
                await wire.rest()

    grave = [record.getMessage() for record in caplog.records if record.levelname not in {"DEBUG", "INFO"}]
    # In its debug mode the loop says of each step how long it took where the machine is busy.
    assert (list(lines), [said for said in grave if not said.startswith("Executing ")]) == ([], [])
