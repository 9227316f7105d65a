"""The answer table, row by row: what comes in over a real connection, and every byte that goes out."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from typing import Final

import pytest

from receiver.errors import LogUnavailable

from ..signing import STARTED, event
from .serving import fresh, now_ms, serving
from .wire import PATH, Answer, chunked, request

DEEP: Final = b"[" * 10_000 + b"]" * 10_000
NO_BODY: Final[dict[str, str | None]] = {"Content-Length": None}
IN_CHUNKS: Final[dict[str, str | None]] = {"Content-Length": None, "Transfer-Encoding": "chunked"}
PRETTY: Final = STARTED.replace(b",", b",\n\t").replace(b":", b" : ")


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    """Return the answer that has these headers besides those that every one has."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, {"server": "meetwire", "content-length": str(len(body)), **named}, body)


ACCEPTED: Final = answer(200)
MALFORMED: Final = answer(400)
UNVERIFIED: Final = answer(401)
NO_HTTP: Final = answer(400, connection="close")
TOO_LARGE: Final = answer(413, connection="close")
HEAD_TOO_LARGE: Final = answer(431, connection="close")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        # 200: every event of the push is durable; or the handshake.
        pytest.param(lambda: request(fresh()), ACCEPTED, id="a push"),
        pytest.param(
            lambda: request(fresh(event("meeting.verify"), nonce="85262798")),
            answer(
                200,
                b'{"event":"meeting.verify","nonce":"85262798"}',
                content_type="application/json;charset=UTF-8",
            ),
            id="the handshake",
        ),
        pytest.param(
            lambda: request(fresh(event("meeting.verify"), nonce='"会议"\n')),
            answer(
                200,
                '{"event":"meeting.verify","nonce":"\\"会议\\"\\n"}'.encode(),
                content_type="application/json;charset=UTF-8",
            ),
            id="the handshake, with a nonce that needs escapes",
        ),
        pytest.param(lambda: request(fresh(event("meeting.paused"))), ACCEPTED, id="an unknown event"),
        pytest.param(lambda: request(fresh(event("meeting.end", x=1))), ACCEPTED, id="a changed payload"),
        pytest.param(lambda: request(fresh(STARTED.replace(b'"m-1"', b"1"))), ACCEPTED, id="a mistyped member"),
        pytest.param(lambda: request(fresh(STARTED.replace(b"}}}", b'},"x":[1]}}'))), ACCEPTED, id="an unknown member"),
        pytest.param(lambda: request(fresh()[:-1] + b',"v":2}'), ACCEPTED, id="an unknown member of the envelope"),
        pytest.param(lambda: request(fresh(timestamp="1000000000000")), ACCEPTED, id="stale"),
        pytest.param(lambda: request(fresh(timestamp="9999999999999")), ACCEPTED, id="ahead"),
        pytest.param(lambda: request(fresh(PRETTY, signed=STARTED)), ACCEPTED, id="white space, signed without"),
        pytest.param(lambda: request(fresh(PRETTY)), ACCEPTED, id="white space, signed with"),
        pytest.param(
            lambda: request(fresh(b'{"timestamp":1772413200351,"event":"meeting.paused"}')), ACCEPTED, id="reordered"
        ),
        pytest.param(lambda: request(fresh(STARTED.replace(b"m-1", b"m\\/1"))), ACCEPTED, id="slash escaped"),
        pytest.param(lambda: request(fresh(STARTED.replace(b"m-1", b"caf\\u00e9"))), ACCEPTED, id="letter escaped"),
        pytest.param(lambda: request(fresh(STARTED.replace(b"m-1", b"\\ud83d"))), ACCEPTED, id="half a surrogate pair"),
        pytest.param(lambda: request(fresh(STARTED.replace(b"m-1", b"\\u0000"))), ACCEPTED, id="NUL escaped"),
        pytest.param(lambda: request(fresh(STARTED.replace(b"m-1", b"\xff"))), ACCEPTED, id="signed, not UTF-8"),
        pytest.param(lambda: request(fresh(event("x", n=10**400))), ACCEPTED, id="a number of 400 digits"),
        pytest.param(lambda: request(fresh(), {"Content-Type": "text/plain"}), ACCEPTED, id="another content type"),
        pytest.param(lambda: request(fresh(), {"Content-Type": "\xff/\xff;"}), ACCEPTED, id="no content type"),
        pytest.param(lambda: request(fresh(), path=PATH + "?a=b#c"), ACCEPTED, id="a query"),
        pytest.param(lambda: request(fresh(), path="http://meet.example.com" + PATH), ACCEPTED, id="a whole URL"),
        pytest.param(lambda: request(fresh(), {"X": "\xff\xfe"}), ACCEPTED, id="a header that is not ASCII"),
        pytest.param(lambda: request(b"", IN_CHUNKS) + chunked(fresh()), ACCEPTED, id="chunked"),
        pytest.param(
            lambda: request(fresh(), {"Connection": "close"}),
            answer(200, connection="close"),
            id="the last on its connection",
        ),
        pytest.param(
            lambda: request(fresh()).replace(b"HTTP/1.1", b"HTTP/1.0", 1),
            answer(200, connection="close"),
            id="HTTP/1.0",
        ),
        pytest.param(
            lambda: request(fresh(), {"Connection": "keep-alive"}).replace(b"HTTP/1.1", b"HTTP/1.0", 1),
            answer(200, connection="keep-alive"),
            id="HTTP/1.0, kept alive",
        ),
        pytest.param(
            lambda: request(fresh(), {"Connection": "Upgrade", "Upgrade": "websocket"}),
            ACCEPTED,
            id="an upgrade is not taken",
        ),
        # 400: not JSON, not the envelope, a key twice.
        pytest.param(lambda: request(b""), MALFORMED, id="an empty body"),
        pytest.param(lambda: request(b"", NO_BODY), MALFORMED, id="no body"),
        pytest.param(lambda: request(b"event=meeting.started"), MALFORMED, id="not JSON"),
        pytest.param(lambda: request(b"[" + fresh() + b"]"), MALFORMED, id="JSON but not an object"),
        pytest.param(lambda: request(b"{}"), MALFORMED, id="an object but not the envelope"),
        pytest.param(lambda: request(b'{"nonce":"1",' + fresh()[1:]), MALFORMED, id="a key twice"),
        pytest.param(
            lambda: request(b'{"\\u006eonce":"1",' + fresh()[1:]), MALFORMED, id="a key twice, with an escape"
        ),
        pytest.param(lambda: request(DEEP), MALFORMED, id="10,000 deep"),
        pytest.param(lambda: request(fresh(b'{"a":%s}' % DEEP)), MALFORMED, id="10,000 deep, signed"),
        pytest.param(lambda: request(fresh(b'{"a":"\x00"}')), MALFORMED, id="NUL"),
        pytest.param(lambda: request(b"\x00" * 100), MALFORMED, id="nothing but NUL"),
        pytest.param(lambda: request(b"\xff" * 100), MALFORMED, id="not UTF-8"),
        pytest.param(lambda: request(fresh(nonce="x").replace(b'"x"', b'"\\ud83d"')), MALFORMED, id="half a nonce"),
        pytest.param(lambda: request(fresh().decode().encode("utf-16")), MALFORMED, id="UTF-16"),
        pytest.param(
            lambda: request(gzip.compress(fresh()), {"Content-Encoding": "gzip"}), MALFORMED, id="never decompressed"
        ),
        # 401: signature, appID or timestamp form not good.
        pytest.param(lambda: request(fresh(app_id="987654321")), UNVERIFIED, id="an unknown appID"),
        pytest.param(
            lambda: request(fresh().replace(b"123456789", b"12345678\xff", 1)), UNVERIFIED, id="appID not text"
        ),
        pytest.param(lambda: request(fresh(timestamp=f'"{now_ms()}"')), UNVERIFIED, id="timestamp a string"),
        pytest.param(lambda: request(fresh(timestamp=str(now_ms())[:12])), UNVERIFIED, id="timestamp of 12 digits"),
        pytest.param(lambda: request(fresh(timestamp=f"{now_ms()}0")), UNVERIFIED, id="timestamp of 14 digits"),
        pytest.param(lambda: request(fresh(timestamp="1" * 400)), UNVERIFIED, id="timestamp of 400 digits"),
        pytest.param(lambda: request(fresh(password="another")), UNVERIFIED, id="another password"),
        pytest.param(lambda: request(sealed(fresh(), bytes.upper)), UNVERIFIED, id="signature in capitals"),
        pytest.param(lambda: request(sealed(fresh(), lambda seal: seal[1:])), UNVERIFIED, id="signature short"),
        pytest.param(lambda: request(sealed(fresh(), lambda seal: b"g" + seal[1:])), UNVERIFIED, id="not hexadecimal"),
        pytest.param(lambda: request(sealed(fresh(), lambda seal: b"\xc3\xa9" * 64)), UNVERIFIED, id="not ASCII"),
        pytest.param(lambda: request(fresh().replace(b"signature", b"signatures")), UNVERIFIED, id="signature missing"),
        pytest.param(
            lambda: request(fresh(b'{"b":1,"a":2}', signed=b'{"a":2,"b":1}')), UNVERIFIED, id="reordered after signing"
        ),
        pytest.param(lambda: request(fresh().replace(b"m-1", b"m-2")), UNVERIFIED, id="changed after signing"),
        # 404 and 405: not the place, not the way.
        pytest.param(lambda: request(fresh(), path="/"), answer(404), id="another path"),
        pytest.param(lambda: request(fresh(), path=PATH + "/"), answer(404), id="a slash too many"),
        pytest.param(lambda: request(fresh(), path="/x/.." + PATH), answer(404), id="a path that leads there"),
        pytest.param(lambda: request(fresh(), path=PATH.upper()), answer(404), id="another case"),
        pytest.param(lambda: request(fresh(), path="/%6fpenapi/meetingevent"), answer(404), id="a path in escapes"),
        pytest.param(lambda: request(fresh(), path="/\xff"), NO_HTTP, id="a path that is not ASCII"),
        pytest.param(lambda: request(b"", NO_BODY, method="GET"), answer(405, allow="POST"), id="GET"),
        pytest.param(lambda: request(b"", NO_BODY, method="OPTIONS"), answer(405, allow="POST"), id="OPTIONS"),
        pytest.param(lambda: request(fresh(), method="PUT"), answer(405, allow="POST"), id="PUT"),
        pytest.param(lambda: request(fresh(), method="GET", path="/"), answer(404), id="GET of another path"),
        pytest.param(lambda: request(b"", NO_BODY, method="OPTIONS", path="*"), answer(404), id="OPTIONS of all"),
        # 413: the body is too large, whether it says so or not.
        pytest.param(
            lambda: request(b" " * (2**20 + 1 - len(fresh())) + fresh()), TOO_LARGE, id="a mebibyte and a byte"
        ),
        pytest.param(
            lambda: request(b"", {"Content-Length": str(2**20 + 1)}), TOO_LARGE, id="a mebibyte and a byte, announced"
        ),
        pytest.param(lambda: request(b"", {"Content-Length": str(10**18)}), TOO_LARGE, id="an exbibyte, announced"),
        pytest.param(
            lambda: request(b"", IN_CHUNKS) + chunked(*[b" " * 2**16] * 17, end=False),
            TOO_LARGE,
            id="a mebibyte and more, in chunks",
        ),
        pytest.param(
            lambda: request(b" " * (2**20 - len(fresh())) + fresh()), ACCEPTED, id="a mebibyte of which most is space"
        ),
        # 431: the head is too large.
        pytest.param(lambda: request(b"", {"X": "x" * 8_191}), HEAD_TOO_LARGE, id="a header of 8 KiB"),
        pytest.param(lambda: request(b"", {"x" * 8_191: "x"}), HEAD_TOO_LARGE, id="a header's name of 8 KiB"),
        pytest.param(lambda: request(b"", path="/" + "x" * 8_191), HEAD_TOO_LARGE, id="a path of 8 KiB"),
        pytest.param(lambda: request(b"", {f"X{i}": "x" for i in range(200)}), HEAD_TOO_LARGE, id="200 headers"),
        # 400: no HTTP.
        pytest.param(lambda: b"\x00" * 64, NO_HTTP, id="NUL for HTTP"),
        pytest.param(lambda: b"\xff" * 64, NO_HTTP, id="0xff for HTTP"),
        pytest.param(lambda: b"hello\r\n\r\n", NO_HTTP, id="garbage"),
        pytest.param(lambda: b"SSH-2.0-OpenSSH_9.6\r\n", NO_HTTP, id="SSH"),
        pytest.param(lambda: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", NO_HTTP, id="HTTP/2"),
        pytest.param(lambda: bytes.fromhex("16030100a5010000a10303") + b"x" * 64, NO_HTTP, id="TLS to the plain port"),
        pytest.param(lambda: b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", NO_HTTP, id="HTTP/9.9"),
        pytest.param(lambda: b"MAKE / HTTP/1.1\r\nHost: x\r\n\r\n", NO_HTTP, id="a method that there is not"),
        pytest.param(lambda: f"POST {PATH} HTTP/1.1\r\n\r\n".encode(), NO_HTTP, id="no Host"),
        pytest.param(lambda: request(b"", {"X": "a\0b"}), NO_HTTP, id="NUL in a header"),
        pytest.param(lambda: request(b"", {"X": "a\rb"}), NO_HTTP, id="a carriage return in a header"),
        pytest.param(lambda: request(b"", {"Content-Length": "-1"}), NO_HTTP, id="a negative length"),
        pytest.param(lambda: request(b"", {"Content-Length": "1e3"}), NO_HTTP, id="a length that is no number"),
        pytest.param(lambda: request(b"", {"Content-Length": "9" * 400}), NO_HTTP, id="a length of 400 digits"),
        pytest.param(
            lambda: request(fresh()).replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n", 1),
            NO_HTTP,
            id="two lengths",
        ),
        pytest.param(
            lambda: request(fresh(), {"Transfer-Encoding": "chunked"}),
            NO_HTTP,
            id="a length and chunks: request smuggling",
        ),
        pytest.param(
            lambda: request(b"", IN_CHUNKS | {"Transfer-Encoding": "chunked, identity"}), NO_HTTP, id="another coding"
        ),
        pytest.param(lambda: request(fresh()).replace(b"\r\n", b"\n"), NO_HTTP, id="line feeds alone"),
    ],
)
async def test_each_request_gets_its_answer(raw: Callable[[], bytes], expected: Answer) -> None:
    """Status, every header and the body; and whatever came, the next push is taken."""
    async with serving() as server:
        assert await server.ask(raw()) == expected
        assert await server.takes_a_push()


def sealed(body: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return a push whose signature is another one."""
    return re.sub(rb'(?<=")[0-9a-f]{64}(?=")', lambda found: change(found[0]), body)


@pytest.mark.parametrize("reason", ["disk_full", "log_failed", "log_closed"])
async def test_a_push_that_cannot_be_written_is_asked_for_again(reason: str) -> None:
    """503 with Retry-After: the service still has it. As soon as the log takes it, so do we."""
    async with serving() as server:
        server.log.refuses = LogUnavailable(reason)  # type: ignore[arg-type]  # a parameter
        assert await server.post(fresh()) == answer(503, retry_after="30")
        server.log.refuses = None
        assert await server.post(fresh()) == ACCEPTED


@pytest.mark.parametrize(
    ("request_id", "echoed"),
    [
        pytest.param("539e8b710378987ffc5eb844b5e5c290", True, id="the service's form"),
        pytest.param("~" * 128, True, id="printable ASCII"),
        pytest.param("~" * 129, False, id="too long"),
        pytest.param("a b", False, id="a space"),
        pytest.param("a\tb", False, id="a tabulator"),
        pytest.param("\xff", False, id="not ASCII"),
        pytest.param("会议".encode().decode("latin-1"), False, id="中文"),
        pytest.param("", False, id="empty"),
    ],
)
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(fresh, 200, id="a push"),
        pytest.param(lambda: fresh(event("meeting.verify")), 200, id="the handshake"),
        pytest.param(lambda: b"", 400, id="a refusal"),
    ],
)
async def test_the_request_id_is_echoed(
    body: Callable[[], bytes], expected: int, request_id: str, echoed: bool
) -> None:
    """As the reference's example answer has it; one that could do harm is left out."""
    async with serving() as server:
        answered = await server.post(body(), {"X-Request-ID": request_id})

    assert (answered.status, answered.headers.get("x-request-id")) == (expected, request_id if echoed else None)


async def test_the_first_of_two_request_ids_is_echoed() -> None:
    """A second one that somebody put behind it is not."""
    twice = request(fresh(), {"X-Request-ID": "a"}).replace(b"X-Request-ID", b"X-Request-ID: b\r\nX-Request-ID")

    async with serving() as server:
        assert await server.ask(twice) == answer(200, x_request_id="b")
