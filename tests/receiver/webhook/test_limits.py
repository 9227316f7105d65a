"""What a stranger can cost before a push is verified: time, bytes and connections, each with its limit and answer."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack
from typing import Final

import pytest

from receiver.webhook.body import LARGE_AT_ONCE, SMALL
from receiver.webhook.connection import MAX_HEAD_BYTES

from ..lines import lines_caught
from .serving import Serving, fresh, now_ms, serving
from .test_answers import ACCEPTED, HEAD_TOO_LARGE, IN_CHUNKS, MALFORMED, NO_HTTP, answer
from .wire import ENDED, LONG_S, PATH, Answer, Wire, chunked, connected, request

SOON_S: Final = 0.05
TOO_SLOW: Final = answer(408, connection="close")
HEAD: Final = f"POST {PATH} HTTP/1.1\r\nHost: meet.example.com\r\n".encode()
INVITED: Final = Answer(100, {}, b"")


async def a_head_is_too_late(server: Serving) -> bool:
    """Return once a head that began now was refused: so long a time has passed then."""
    return await server.ask(HEAD) == TOO_SLOW


@pytest.mark.parametrize(
    "begun",
    [
        pytest.param(b"P", id="a letter"),
        pytest.param(b"\r\n", id="an empty line"),
        pytest.param(HEAD, id="a head without its end"),
        pytest.param(HEAD + b"X: " + b"x" * 4_000, id="a header without its end"),
        pytest.param(request(b"")[:-1], id="all but the last byte"),
    ],
)
async def test_a_head_that_begins_and_does_not_end_is_too_slow(begun: bytes) -> None:
    """408, and the connection ends."""
    async with serving(head_timeout_s=SOON_S) as server, connected(server.address) as wire:
        await wire.send(begun)

        assert await wire.answer() == TOO_SLOW
        assert await wire.rest() == ENDED
        assert server.count("meetwire_pushes_refused_total", status="408", reason="slow") == 1


async def test_a_head_in_drops_is_too_slow() -> None:
    """A byte now and then renews nothing."""
    async with serving(head_timeout_s=SOON_S) as server, connected(server.address) as wire:
        answered = asyncio.ensure_future(wire.answer())
        drops = 0
        while not answered.done():
            await wire.send(b"x" if drops else HEAD + b"X: ")
            drops += 1
            await asyncio.wait([answered], timeout=SOON_S / 10)

        assert (await answered, drops > 1) == (TOO_SLOW, True)


async def test_a_head_that_comes_in_pieces_is_taken() -> None:
    """As long as it ends in time; and the body may take its own time."""
    raw = request(fresh())

    async with serving() as server, connected(server.address) as wire:
        for byte in raw:
            await wire.send(bytes([byte]))

        assert await wire.answer() == ACCEPTED


async def test_the_second_head_on_a_connection_has_a_time_too() -> None:
    """A connection that was good once is watched all the same."""
    async with serving(head_timeout_s=SOON_S) as server, connected(server.address) as wire:
        await wire.send(request(fresh()))
        first = await wire.answer()
        await wire.send(HEAD)

        assert (first, await wire.answer(), await wire.rest()) == (ACCEPTED, TOO_SLOW, ENDED)


async def test_a_connection_at_rest_is_not_timed_as_a_head() -> None:
    """Between two pushes a connection may be silent for longer than a head may take."""
    async with serving(head_timeout_s=SOON_S) as server, connected(server.address) as wire:
        await wire.send(request(fresh()))
        first = await wire.answer()
        assert await a_head_is_too_late(server)
        await wire.send(request(fresh()))

        assert (first, await wire.answer()) == (ACCEPTED, ACCEPTED)


async def test_a_body_is_not_timed_as_a_head() -> None:
    """It has a limit of its own, however many pieces it comes in."""
    raw = request(fresh())

    async with serving(head_timeout_s=SOON_S) as server, connected(server.address) as wire:
        await wire.send(raw[:-200])
        assert await a_head_is_too_late(server)
        await wire.send(raw[-200:-100])
        assert await a_head_is_too_late(server)
        await wire.send(raw[-100:])

        assert await wire.answer() == ACCEPTED
        assert await a_head_is_too_late(server)
        await wire.send(request(fresh()))
        assert await wire.answer() == ACCEPTED


async def test_a_connection_that_says_nothing_is_closed() -> None:
    """Without an answer: nothing was asked."""
    async with serving(idle_timeout_s=SOON_S) as server, connected(server.address) as wire:
        assert await wire.rest() == ENDED
        assert await server.takes_a_push()


async def test_a_head_behind_another_request_ends_with_the_idle_time() -> None:
    """It began while its predecessor was answered; the connection is closed as one that is idle."""
    # Long enough for what is sent to be there first.
    async with serving(idle_timeout_s=10 * SOON_S) as server, connected(server.address) as wire:
        await wire.send(request(fresh()) + HEAD)

        assert (await wire.answer(), await wire.rest()) == (ACCEPTED, ENDED)


async def test_a_head_is_limited_as_a_whole() -> None:
    """Many headers, each within its limit, must not hold a mebibyte a connection."""
    header = b"X: " + b"x" * 1_000 + b"\r\n"

    async with serving() as server, connected(server.address) as wire:
        await wire.send(HEAD + header * (MAX_HEAD_BYTES // len(header) + 1))

        assert (await wire.answer(), await wire.rest()) == (HEAD_TOO_LARGE, ENDED)
        assert server.count("meetwire_pushes_refused_total", status="431", reason="head_large") == 1


ENDLESS_BODIES: Final = {
    "all but the last byte": request(fresh())[:-1],
    "nothing of it": request(b"", {"Content-Length": "300"}),
    "a chunk without the next": request(b"", IN_CHUNKS) + chunked(fresh()[:50], end=False),
    "a chunk without its end": request(b"", IN_CHUNKS) + b"40\r\nxyz",
    "all chunks but the last": request(b"", IN_CHUNKS) + chunked(fresh(), end=False),
    "an extension of a chunk": request(b"", IN_CHUNKS) + b"2;" + b"x" * 40_000,
    "a trailer": request(b"", IN_CHUNKS) + chunked(fresh())[:-2] + b"X: x",
}


async def test_a_body_that_does_not_end_is_too_slow() -> None:
    """408, and the connection ends: the rest of the body cannot be told from another request."""
    async with serving(body_timeout_s=SOON_S) as server:
        answered = await asyncio.gather(*(to_the_end(server, begun) for begun in ENDLESS_BODIES.values()))

        assert dict(zip(ENDLESS_BODIES, answered, strict=True)) == dict.fromkeys(ENDLESS_BODIES, (TOO_SLOW, ENDED))
        assert await server.takes_a_push()


async def to_the_end(server: Serving, begun: bytes) -> tuple[Answer, bytes]:
    """Return the answer, and what comes behind it until the connection ends."""
    async with connected(server.address) as wire:
        await wire.send(begun)
        return await wire.answer(), await wire.rest()


@pytest.mark.parametrize(
    "begun",
    [
        pytest.param(request(fresh())[:-1], id="half a body"),
        pytest.param(request(b"", IN_CHUNKS) + chunked(fresh()[:50], end=False), id="half of the chunks"),
        pytest.param(request(b"", IN_CHUNKS) + b"40\r\nxyz", id="half a chunk"),
        pytest.param(request(b"", {"Content-Length": "60000"}) + b"x" * (SMALL + 1), id="half of a large body"),
    ],
)
async def test_a_body_that_is_cut_short_is_none(begun: bytes) -> None:
    """Who goes away in the middle is counted, and leaves nothing behind."""
    with lines_caught() as lines:
        async with serving() as server:
            async with connected(server.address) as wire:
                await wire.send(begun)
            await lines.said("push.refused", status=400, reason="cut_short")

            assert server.log.records == []
            assert await server.takes_a_push()


async def test_a_body_whose_half_is_closed_is_none() -> None:
    """Who says that no more comes, in the middle of a body, gets an answer if it still listens."""
    async with serving() as server, connected(server.address) as wire:
        await wire.send(request(fresh())[:-1])
        wire.writer.write_eof()

        assert await wire.rest() == ENDED
        assert await server.takes_a_push()


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"zz\r\n{}\r\n", id="a length that is no number"),
        pytest.param(b"-1\r\n{}\r\n", id="a negative length"),
        pytest.param(b"2\r\n{}}\r\n0\r\n\r\n", id="a chunk longer than it says"),
        pytest.param(b"f" * 17 + b"\r\n{}\r\n", id="a length beyond 64 bits"),
    ],
)
@pytest.mark.parametrize("before", [b"", chunked(b"{", end=False)], ids=["first", "later"])
async def test_a_broken_chunk_is_refused(broken: bytes, before: bytes) -> None:
    """400 at once, rather than 408 after the time for a body."""
    async with serving() as server, connected(server.address) as wire:
        await wire.send(request(b"", IN_CHUNKS) + before)
        await wire.send(broken)
        answered = await wire.answer()

        assert (answered.status, await wire.rest()) == (400, ENDED)
        assert await server.takes_a_push()


async def test_a_client_that_asks_is_told_to_send_its_body() -> None:
    """100 Continue before the body, then the answer (RFC 9110, section 10.1.1)."""
    body = fresh()

    async with serving() as server, connected(server.address) as wire:
        await wire.send(request(b"", {"Content-Length": str(len(body)), "Expect": "100-Continue"}))
        invited = await wire.answer()
        await wire.send(body)

        assert (invited, await wire.answer()) == (INVITED, ACCEPTED)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(request(b"", {"Content-Length": "9", "Expect": "100-continue"}, path="/"), 404, id="another path"),
        pytest.param(request(b"", {"Content-Length": "9", "Expect": "100-continue"}, method="PUT"), 405, id="PUT"),
        pytest.param(request(b"", {"Content-Length": "9999999", "Expect": "100-continue"}), 413, id="too large"),
    ],
)
async def test_a_body_that_nobody_wants_is_not_asked_for(raw: bytes, expected: int) -> None:
    """The refusal comes instead of the invitation, and is the last on its connection."""
    async with serving() as server, connected(server.address) as wire:
        await wire.send(raw)
        answered = await wire.answer()

        assert (answered.status, answered.headers["connection"], await wire.rest()) == (expected, "close", ENDED)


async def test_an_old_client_is_not_told_to_continue() -> None:
    """HTTP/1.0 has no interim answers."""
    raw = request(fresh(), {"Expect": "100-continue"}).replace(b"HTTP/1.1", b"HTTP/1.0", 1)

    async with serving() as server, connected(server.address) as wire:
        await wire.send(raw[:-1])
        await wire.send(raw[-1:])

        assert await wire.answer() == answer(200, connection="close")


async def test_requests_behind_each_other_are_answered_in_their_order() -> None:
    """A client may send without waiting; more than aiohttp queues, accepted and refused among each other."""
    raws = [request(fresh() if number % 3 else b"", {"X-Request-ID": str(number)}) for number in range(100)]

    async with serving() as server, connected(server.address) as wire:
        await wire.send(b"".join(raws))
        answers = [await wire.answer() for _ in raws]

        assert [answered.status for answered in answers] == [200 if number % 3 else 400 for number in range(100)]
        assert [answered.headers["x-request-id"] for answered in answers] == list(map(str, range(100)))


async def test_garbage_behind_an_answer_is_refused() -> None:
    """What was good is answered, then the connection ends."""
    async with serving() as server, connected(server.address) as wire:
        await wire.send(request(fresh()))
        first = await wire.answer()
        await wire.send(b"\x00\x01\x02\r\n\r\n")

        assert (first, await wire.answer(), await wire.rest()) == (ACCEPTED, NO_HTTP, ENDED)


async def test_garbage_in_one_piece_with_a_request_spoils_it() -> None:
    """Neither is taken: who sends such a thing can be asked to send the push again, and nobody is told 200."""
    async with serving() as server, connected(server.address) as wire:
        await wire.send(request(fresh()) + b"\x00\x01\x02\r\n\r\n")

        assert (await wire.answer(), await wire.rest(), server.log.records) == (NO_HTTP, ENDED, [])


async def test_more_connections_than_admitted_are_closed() -> None:
    """Until one of those that are open ends."""
    async with serving(max_connections=2) as server, AsyncExitStack() as stack:
        first, _ = [await admitted(server, stack) for _ in range(2)]
        async with connected(server.address) as third:
            assert await third.rest() == ENDED
        await first.send(request(b"", {"Connection": "close"}))
        await first.answer()
        await first.rest()

        assert await server.takes_a_push()


async def admitted(server: Serving, stack: AsyncExitStack) -> Wire:
    """Return a connection that is open on both sides."""
    wire = await stack.enter_async_context(connected(server.address))
    await wire.send(request(b""))
    assert await wire.answer() == MALFORMED
    return wire


async def test_few_large_bodies_are_read_at_once() -> None:
    """One more is asked for again later; pushes, which are small, go on, and the large ones are taken in the end."""
    announced = request(b"", {"Content-Length": str(60_000)})

    async with serving() as server, AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(connected(server.address)) for _ in range(LARGE_AT_ONCE)]
        for wire in wires:
            await wire.send(announced + b" " * (SMALL + 1))
        one_more = await refused_as_one_more(server, announced)
        small = await server.post(fresh())
        body = fresh()
        for wire in wires:
            await wire.send(b" " * (60_000 - SMALL - 1 - len(body)) + body)

        assert (one_more, small) == (answer(429, retry_after="1", connection="close"), ACCEPTED)
        assert [await wire.answer() for wire in wires] == [ACCEPTED] * LARGE_AT_ONCE


async def refused_as_one_more(server: Serving, announced: bytes) -> Answer:
    """Return the answer to a large body once as many as may be are being read."""
    async with asyncio.timeout(LONG_S):
        while True:
            async with connected(server.address) as wire:
                await wire.send(announced + b" " * (SMALL + 1))
                answered = asyncio.ensure_future(wire.answer())
                done, _ = await asyncio.wait([answered], timeout=SOON_S)
                if done:
                    return await answered
                answered.cancel()


async def test_a_peer_that_does_not_read_its_answers_is_let_go() -> None:
    """Its answers would stay in our memory for as long as it likes."""
    asks = request(b"", {"Content-Length": None}, method="GET", path="/") * 100

    async with serving(idle_timeout_s=SOON_S) as server:
        with socket.socket() as peer:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            peer.setblocking(False)
            await asyncio.get_running_loop().sock_connect(peer, server.address)
            with pytest.raises(ConnectionError):
                await asyncio.wait_for(ask_for_ever(peer, asks), LONG_S)

        assert await server.takes_a_push()


async def ask_for_ever(peer: socket.socket, asks: bytes) -> None:
    """Send the same again and again, and read nothing."""
    loop = asyncio.get_running_loop()
    while True:
        await loop.sock_sendall(peer, asks)


async def test_a_body_that_came_whole_may_be_too_large_too() -> None:
    """Then the connection is good for another request."""
    async with serving(max_body_bytes=1_024) as server, connected(server.address) as wire:
        await wire.send(request(b"", IN_CHUNKS) + chunked(b" " * 1_025))
        first = await wire.answer()
        await wire.send(request(fresh()))

        assert (first, await wire.answer()) == (answer(413), ACCEPTED)


async def test_time_is_told_by_the_clock_that_the_service_has() -> None:
    """A push of this very moment is neither stale nor ahead."""
    async with serving() as server:
        await server.post(fresh())

        assert [record.topic for record in server.log.records] == ["meeting.lifecycle.v1"]
        assert abs(server.log.records[0].received_ms - now_ms()) < 60_000
