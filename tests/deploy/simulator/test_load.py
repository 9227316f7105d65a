"""The load generator against small servers that answer, stall and hang up: what it counts, and from when."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from deploy.simulator import NoConnection, NotLoopback
from deploy.simulator.load import LoadReport, run_load

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
Address = tuple[str, int]
REQUESTS = [b"POST / HTTP/1.1\r\nX-Number: %d\r\n\r\n" % number for number in range(200)]


class Answering(asyncio.Protocol):
    """Answers each request by the next of the replies, piece by piece; an empty piece ends the connection."""

    def __init__(self, replies: Iterator[list[bytes]], asked: list[bytes]) -> None:
        self._replies = replies
        self._asked = asked

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what to answer on."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer; a request comes whole, as it is small."""
        self._asked.append(data)
        self._write(iter(next(self._replies)))

    def _write(self, pieces: Iterator[bytes]) -> None:
        piece = next(pieces, None)
        if piece:
            self._transport.write(piece)
            # The next piece goes in a packet of its own.
            asyncio.get_running_loop().call_later(0.002, self._write, pieces)
        elif piece is not None:
            self._transport.close()


@asynccontextmanager
async def answering(*first: list[bytes], gone_after: int | None = None) -> AsyncIterator[tuple[Address, list[bytes]]]:
    """Yield a server's address and what it was asked. After the first replies it answers 200.

    After `gone_after` replies it listens no more.
    """
    asked: list[bytes] = []

    def replies() -> Iterator[list[bytes]]:
        for number, pieces in enumerate(itertools.chain(first, itertools.repeat([OK])), 1):
            if number == gone_after:
                server.close()
            yield pieces

    replying = replies()
    server = await asyncio.get_running_loop().create_server(lambda: Answering(replying, asked), "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield (host, port), asked


def counts(report: LoadReport) -> tuple[dict[str, int], int, int]:
    """Return answers, lost and unsent."""
    return report.answers, report.lost, report.unsent


async def test_every_request_is_sent_once_and_counted() -> None:
    """Over several connections, one in flight on each."""
    async with answering() as (address, asked):
        report = await run_load(address, REQUESTS, connections=4)

    assert sorted(asked) == sorted(REQUESTS)
    assert counts(report) == ({"200": 200}, 0, 0)
    assert 0 < report.p50_ms <= report.p90_ms <= report.p99_ms <= report.p999_ms <= report.max_ms


async def test_answers_in_pieces_are_whole_when_their_last_has_come() -> None:
    """A head cut in two, a body that comes later, another status."""
    pieces = [b"HTTP/1.1 503 Service Unavail", b"able\r\ncontent-length: 4\r\n\r\nab", b"cd"]
    async with answering(pieces) as (address, asked):
        report = await run_load(address, REQUESTS[:3], connections=1)

    assert (counts(report), asked) == (({"200": 2, "503": 1}, 0, 0), REQUESTS[:3])


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([b""], id="hangs up"),
        pytest.param([b"HTTP/1.1 200 OK\r\nContent-Le", b""], id="hangs up in the middle"),
        pytest.param([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"], id="says no length"),
    ],
)
async def test_lost_request_is_counted_and_the_connection_opened_again(pieces: list[bytes]) -> None:
    """The rest goes on; what was lost is not sent twice."""
    async with answering(pieces) as (address, asked):
        report = await run_load(address, REQUESTS[:5], connections=1)

    assert (counts(report), asked) == (({"200": 4}, 1, 0), REQUESTS[:5])


async def test_connection_that_ends_between_requests_loses_nothing() -> None:
    """A server may close what is idle."""
    async with answering([OK, b""]) as (address, _):
        report = await run_load(address, REQUESTS[:5], connections=1, rate=5)

    assert counts(report) == ({"200": 5}, 0, 0)


async def test_server_that_is_gone_ends_the_load() -> None:
    """When no connection is left and none can be opened, the figures are had all the same."""
    async with answering([OK], [b""], gone_after=2) as (address, _):
        report = await run_load(address, REQUESTS, connections=1)

    assert counts(report) == ({"200": 1}, 1, 0)


@pytest.mark.parametrize("rate", [None, 1_000])
async def test_nothing_to_send_is_a_report_of_nothing(rate: float | None) -> None:
    """No requests, no answers, no latency."""
    async with answering() as (address, asked):
        report = await run_load(address, [], connections=2, rate=rate)

    assert (counts(report), report.max_ms, asked) == (({}, 0, 0), 0.0, [])


async def test_rate_is_held_and_time_ends_it() -> None:
    """100 a second for a fifth of a second are about 20, however fast they are answered; a slow machine ends late."""
    async with answering() as (address, _):
        report = await run_load(address, REQUESTS, connections=2, rate=100, seconds=0.2)

    assert 15 <= report.answers["200"] + report.unsent <= 1 + 100 * report.seconds


async def test_stall_is_charged_to_all_who_wait() -> None:
    """One slow answer on the only connection: those due meanwhile count from when they were due."""
    stall = [b"HTTP/1.1 200 OK\r\n", *[b"X-Wait: 1\r\n"] * 50, b"Content-Length: 0\r\n\r\n"]
    async with answering(stall) as (address, _):
        report = await run_load(address, REQUESTS[:40], connections=1, rate=1_000)

    assert counts(report) == ({"200": 40}, 0, 0)
    assert report.p50_ms > 50


async def test_what_no_connection_was_free_for_is_told() -> None:
    """Requests that were due and never sent do not vanish from the figures."""
    stall = [b"HTTP/1.1 200 OK\r\n", *[b"X-Wait: 1\r\n"] * 50, b"Content-Length: 0\r\n\r\n"]
    async with answering(stall) as (address, _):
        report = await run_load(address, REQUESTS, connections=1, rate=1_000, seconds=0.05)

    assert report.answers == {"200": 1}
    assert report.unsent >= 40


async def test_nobody_there_is_said() -> None:
    """The address is in the error."""
    with pytest.raises(NoConnection, match=r"127\.0\.0\.1:1: nothing listens there"):
        await run_load(("127.0.0.1", 1), REQUESTS, connections=1)


async def test_load_stays_on_this_machine() -> None:
    """Unless another is allowed for."""
    with pytest.raises(NotLoopback):
        await run_load(("192.0.2.7", 80), REQUESTS, connections=1)
