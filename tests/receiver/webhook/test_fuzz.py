"""Whatever bytes come: an answer of the table or none, and the next push is taken."""

from __future__ import annotations

import asyncio
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Final

import pytest
import uvloop
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ..signing import event
from .serving import Serving, fresh, serving
from .wire import LONG_S, PATH, chunked, parse, request

# Without 503: that would be a failure of ours.
ANSWERS: Final = frozenset({100, 200, 400, 401, 404, 405, 408, 413, 429, 431})
# How long the listener waits for more, and we a little longer than that: usually all has come by then.
SOON_S: Final = 0.02
GOOD: Final = request(fresh())


@pytest.fixture(
    scope="module",
    params=[pytest.param(asyncio.new_event_loop, id="asyncio"), pytest.param(uvloop.new_event_loop, id="uvloop")],
)
def server(request: pytest.FixtureRequest) -> Iterator[Serving]:
    """Yield a listener in a thread of its own, for all examples; at the end nothing of ours has failed."""
    started: queue.SimpleQueue[tuple[Serving, Callable[[], object]]] = queue.SimpleQueue()

    async def run() -> None:
        over = asyncio.Event()
        loop = asyncio.get_running_loop()
        async with serving(head_timeout_s=SOON_S, body_timeout_s=SOON_S, idle_timeout_s=LONG_S) as server:
            started.put((server, lambda: loop.call_soon_threadsafe(over.set)))
            await over.wait()

    def work() -> None:
        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(run())

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    server, stop = started.get(timeout=LONG_S)
    yield server
    stop()
    thread.join(LONG_S)
    assert (thread.is_alive(), server.count("meetwire_pushes_refused_total", status="503", reason="failed")) == (
        False,
        0,
    )


def exchange(server: Serving, pieces: list[bytes], *, patience_s: float = 4 * SOON_S) -> bytes:
    """Return what comes back until the connection ends, or until nothing has come for so long."""
    came = b""
    with closing(socket.create_connection(server.address, timeout=LONG_S)) as peer:
        peer.settimeout(patience_s)
        try:
            for piece in pieces:
                peer.sendall(piece)
            while received := peer.recv(65_536):
                came += received
                if b"\r\nConnection: close\r\n" in came:
                    break
        except (TimeoutError, ConnectionError):
            pass
    return came


def answers(came: bytes) -> list[tuple[int, bytes]]:
    """Return status and body of each answer; fail where something else came."""
    found = []
    while came:
        head, end, came = came.partition(b"\r\n\r\n")
        assert end
        status, headers = parse(head + end)
        length = int(headers.get("content-length", "0"))
        found.append((status, came[:length]))
        came = came[length:]
    return found


def well_answered(server: Serving, pieces: list[bytes]) -> bool:
    """Return whether all that came back are answers of the table, without a body but for a handshake's."""
    return all(
        status in ANSWERS and (not body or (status == 200 and b'"meeting.verify"' in body))
        for status, body in answers(exchange(server, pieces))
    )


def takes_a_push(server: Serving) -> bool:
    """Return whether a good push is answered 200 on a connection of its own."""
    return answers(exchange(server, [request(fresh(), {"Connection": "close"})], patience_s=LONG_S)) == [(200, b"")]


@st.composite
def spoilt(draw: st.DrawFn, good: bytes) -> bytes:
    """Return a request of which some bytes were replaced, left out or put in."""
    raw = bytearray(good)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(raw)))
        put = draw(st.binary(max_size=4) | st.sampled_from([b"\r\n", b"\n", b":", b"\0", b"\xff", b" ", b"\r\n\r\n"]))
        raw[at : at + draw(st.integers(0, 8))] = put
    return bytes(raw)


@st.composite
def odd(draw: st.DrawFn) -> bytes:
    """Return a request whose parts are each well-formed, though they need not fit together."""
    body = draw(st.sampled_from([b"", b"{}", fresh(), fresh(event("meeting.verify"))]) | st.binary(max_size=50))
    word = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF), max_size=12)
    head: dict[str, str | None] = dict(draw(st.dictionaries(st.from_regex(r"[A-Za-z-]{1,12}", fullmatch=True), word)))
    head |= draw(
        st.fixed_dictionaries(
            {},
            optional={
                "Content-Length": st.integers(-1, 300).map(str) | word,
                "Transfer-Encoding": st.sampled_from(["chunked", "gzip, chunked", "identity"]),
                "Connection": st.sampled_from(["close", "keep-alive", "Upgrade"]),
                "Upgrade": st.sampled_from(["websocket", "h2c"]),
                "Expect": st.sampled_from(["100-continue", "200-ok"]),
                "X-Request-ID": word,
            },
        )
    )
    method = draw(st.sampled_from(["POST", "GET", "HEAD", "OPTIONS", "CONNECT", "TRACE", "PURGE"]))
    path = draw(st.sampled_from([PATH, "/", "*", f"http://x{PATH}", "x:80", f"{PATH}?a#b"]) | word)
    coded = draw(st.sampled_from([body, chunked(body), chunked(body, end=False)]))
    return request(b"", {"Content-Length": str(len(coded)), **head}, method=method, path=path) + coded


@given(
    st.lists(
        st.binary(min_size=1, max_size=200) | spoilt(GOOD) | spoilt(request(b"{}")) | odd(), min_size=1, max_size=3
    )
)
@example([GOOD])
@example([GOOD, GOOD])
@example([b"\r\n" * 20_000])
@example([GOOD[:100], GOOD[100:]])
@settings(max_examples=100, deadline=None)
def test_whatever_comes_is_answered_by_the_table(server: Serving, pieces: list[bytes]) -> None:
    """Raw bytes, requests that were spoilt, requests whose parts do not fit; in one piece or in several."""
    assert well_answered(server, pieces)
    assert takes_a_push(server)


def test_an_answer_that_is_none_would_be_seen() -> None:
    """The reading above fails on what is no answer."""
    assert answers(b"HTTP/1.1 401 Unauthorized\r\nDate: x GMT\r\nContent-Length: 1\r\n\r\nx") == [(401, b"x")]
    with pytest.raises(AssertionError):
        answers(b"Traceback (most recent call last):")
