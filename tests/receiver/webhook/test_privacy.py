"""No body, name, password or header in any log line: a marker goes every way that a delivery can, and is looked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Final

import pytest

from receiver.errors import LogUnavailable
from receiver.pipeline import Accepted, Pipeline
from receiver.verify import Account, Verified
from schemas.ids import EnterpriseName, SubscriberId

from .. import signing
from ..lines import Lines, lines_caught
from ..signing import event
from .serving import Serving, fresh, serving
from .test_answers import IN_CHUNKS
from .wire import PATH, NoAnswer, chunked, connected, request

MARKER: Final = "m4rk3r"
# Soon, and long enough for a large body that is on its way where the machine is busy.
SOON_S: Final = 1.0
# All that a sender can write into a head, and a request ID that is none.
HEADERS: Final[dict[str, str | None]] = {
    "Authorization": f"Bearer {MARKER}",
    "Cookie": f"a={MARKER}",
    "User-Agent": MARKER,
    "X-Forwarded-For": f"{MARKER}, 10.0.0.1",
    "X-Request-ID": f"{MARKER} no id",
    MARKER: MARKER,
}
MEETING: Final = {"meetingID": MARKER, "meetingUUID": MARKER, "password": MARKER}
ATTENDEE: Final = {"displayName": MARKER, "account": MARKER, "participantID": MARKER}
JOINED: Final = event("meeting.join", meetingInfo=MEETING, attendeeInfo=ATTENDEE)


def marked(body: bytes, *, method: str = "POST", path: str = PATH) -> bytes:
    """Return a request that has the marker wherever one can be."""
    return request(body, HEADERS, method=method, path=f"{path}?token={MARKER}")


def signed(event_info: bytes = JOINED, **spelling: str) -> bytes:
    """Return a push signed with the marker, which is the enterprise's password."""
    return fresh(event_info, **{"password": MARKER, "nonce": MARKER, **spelling})


class Libraries(logging.Handler):
    """Keeps every record of the standard logger, as text and with all that is filled in."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self.told.append(f"{self.format(record)} {vars(record)}")


@pytest.fixture
def libraries() -> Iterator[list[str]]:
    """Yield what libraries say, from debug on."""
    root, handler = logging.getLogger(), Libraries()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler.told
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture
def said(libraries: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """Yield what the receiver says; at the end look for the marker there, and in all that any library said.

    The marker is the enterprise's password, too.
    """
    acme = Account(enterprise=EnterpriseName("acme"), passwords=(MARKER.encode(),))
    monkeypatch.setitem(signing.ACCOUNTS, SubscriberId("123456789"), acme)
    with lines_caught() as lines:
        yield lines
    assert MARKER not in "\n".join([*map(repr, lines), *libraries])


async def asked(server: Serving, raw: bytes) -> int:
    """Return the status, 0 where the connection ends without one."""
    try:
        return (await server.ask(raw)).status
    except NoAnswer:
        return 0


async def test_what_is_taken_is_not_said(said: Lines) -> None:
    """Accepted, repeated, set aside for every reason, and the handshake."""
    raw = marked(signed())

    async with serving() as server:
        statuses = [
            await asked(server, one)
            for one in (
                raw,
                raw,
                marked(signed(event(f"{MARKER} of 会议", meetingInfo=MEETING))),
                marked(signed(event("meeting.end", meetingInfo=[MARKER]))),
                marked(signed(event("meeting.end", meetingInfo=MEETING), timestamp="1000000000000")),
                marked(signed(event("meeting.end", meetingInfo=MEETING), timestamp="9999999999999")),
                marked(signed(JOINED.replace(b"password", b"\xff"))),
                marked(signed(event("meeting.end", meetingInfo={**MEETING, "subject": MARKER * 50_000}))),
                marked(signed(event("meeting.verify"))),
            )
        ]

    assert statuses == [200] * 9
    assert [line["reason"] for line in said.named("push.set_aside")] == [
        "unknown_event",
        "changed_payload",
        "stale",
        "ahead",
        "changed_payload",
    ]


async def test_what_is_refused_is_not_said(said: Lines) -> None:
    """For every reason for which a request of a stranger is."""
    async with serving(head_timeout_s=SOON_S, body_timeout_s=SOON_S, trusted_proxies=("127.0.0.1",)) as server:
        statuses = await asyncio.gather(
            *(
                asked(server, raw)
                for raw in (
                    marked(MARKER.encode()),
                    marked(b'["%s"]' % MARKER.encode()),
                    marked(b'{"%(m)s":"%(m)s","%(m)s":"%(m)s"}' % {b"m": MARKER.encode()}),
                    marked(signed(app_id=MARKER)),
                    marked(signed(timestamp=f'"{MARKER}"')),
                    marked(signed(signature=MARKER)),
                    marked(signed(password=f"not {MARKER}")),
                    marked(signed(), path=f"/{MARKER}"),
                    marked(signed(), method="PUT"),
                    marked(signed(), method=MARKER),
                    marked(signed())[:-1],
                    marked(signed())[:300],
                    request(b"", {**HEADERS, "Content-Length": str(2**30)}),
                    request(b"", {**HEADERS, **IN_CHUNKS}) + chunked(MARKER.encode() * 200_000),
                    request(b"", {**HEADERS, **IN_CHUNKS}) + f"{MARKER}\r\n".encode(),
                    request(b"", {**HEADERS, "X": MARKER * 2_000}),
                    request(b"", {**HEADERS, "X": f"{MARKER}\0"}),
                    MARKER.encode() * 10 + b"\r\n\r\n",
                )
            )
        )

    assert statuses == [400, 400, 400, 401, 401, 401, 401, 404, 405, 400, 408, 408, 413, 413, 400, 431, 400, 400]
    assert {line["reason"] for line in said.named("push.refused")} == {
        "not_json",
        "not_the_envelope",
        "key_twice",
        "unknown_subscriber",
        "timestamp_form",
        "signature_form",
        "signature",
        "path",
        "method",
        "slow",
        "large",
        "head_large",
        "head_malformed",
    }


async def test_what_could_not_be_kept_is_not_said(said: Lines) -> None:
    """A log that refuses, one that hangs, more than is admitted, a network that may not post, who goes away."""
    async with serving(deadline_s=2.0, max_in_flight=1) as server:
        server.log.refuses = LogUnavailable("disk_full")
        full = await asked(server, marked(signed()))
        server.log.refuses = None
        server.log.hold()
        hangs = asyncio.create_task(asked(server, marked(signed())))
        await server.log.holds(1)
        one_more = await asked(server, marked(signed()))
        late = await hangs
        async with connected(server.address) as wire:
            await wire.send(marked(signed())[:-1])
        await said.said("push.refused", reason="cut_short")
    async with serving(allow_from=("203.0.113.0/24",)) as server:
        elsewhere = await asked(server, marked(signed()))

    assert (full, one_more, late, elsewhere) == (503, 429, 503, 403)
    assert {line["reason"] for line in said.named("push.refused")} == {
        "disk_full",
        "in_flight",
        "deadline",
        "cut_short",
        "network",
    }


class Mistaken(Pipeline):
    """A pipeline with a mistake of ours that quotes what it was given."""

    async def take(self, verified: Verified) -> Accepted:
        """Make it."""
        raise ValueError(verified.body.decode())


async def test_what_our_mistake_was_about_is_not_said(said: Lines) -> None:
    """Its kind and place alone; and what a library makes of it neither."""

    def mistaken(usual: Pipeline) -> Pipeline:
        usual.__class__ = Mistaken
        return usual

    async with serving(pipeline=mistaken) as server:
        assert await asked(server, marked(signed())) == 503

    assert [(line["kind"], line["where"].partition(":")[0]) for line in said.named("service.failed")] == [
        ("ValueError", "test_privacy.py")
    ]


async def test_a_request_id_is_the_one_header_that_is_said(said: Lines) -> None:
    """To ask the service about a push by."""
    async with serving() as server:
        await server.post(b"", {"X-Request-ID": "r-1"})

    assert [line["request_id"] for line in said] == ["r-1"]


def test_the_marker_would_be_found(libraries: list[str]) -> None:
    """The search at the end of each test sees the words of a line, what fills them, and a traceback."""
    logger = logging.getLogger("aiohttp.server")

    logger.debug("refused %s", MARKER)
    logger.info("refused", extra={"what": MARKER})
    logger.error("refused", exc_info=ValueError(MARKER))

    assert [MARKER in told for told in libraries] == [True, True, True]
