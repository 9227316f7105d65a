"""What the other side of a channel answers, and how: in pieces, with a status of its own, late, or to a login."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from aiohttp import web

from consumers.qos.notify import Refused, Unavailable
from consumers.qos.notify.letter import Channel
from consumers.qos.notify.making import channel_of
from schemas.notify import Notify
from schemas.secret import Secret

from ..alerting import WEBHOOK_SECRET
from .standing_in import StandIn, webhook_checks
from .test_channels import CHECKS, LETTER, PATHS, ROBOTS, channel

PATIENCE_S = 60.0


@asynccontextmanager
async def made_of(**settings: Any) -> AsyncIterator[Channel]:
    """Yield a channel of these settings."""
    given = Notify(name="ops", **settings)
    async with channel_of(given, now=lambda: datetime.now(UTC), logger=structlog.get_logger()) as made:
        yield made


@pytest.mark.parametrize(("kind", "most", "after_s"), [("dingtalk", 20, 600), ("wecom", 20, 60), ("feishu", 100, 60)])
async def test_what_comes_too_often_is_not_lost(kind: str, most: int, after_s: float) -> None:
    """Whatever a robot says to it, a status of 400 among them: it waits, and is no fault of the message."""
    async with channel(kind) as (made, other):
        for _ in range(most):
            await made.tell([LETTER])
        with pytest.raises(Unavailable) as caught:
            await made.tell([LETTER])

    assert (len(other.taken), caught.value.after_s) == (most, after_s)


async def test_what_a_robot_says_to_a_message_with_a_status_of_400_is_heard() -> None:
    """Feishu has one code for what it cannot read and for what comes too often; the words tell them apart."""
    async with channel("feishu") as (made, other):
        other.answers.append(web.json_response({"code": 9499, "msg": "Bad Request", "data": {}}, status=400))
        with pytest.raises(Refused, match="code 9499"):
            await made.tell([LETTER])


@ROBOTS
async def test_an_answer_may_come_in_pieces(kind: str) -> None:
    """What was taken is not sent again because its answer was cut in two on the way."""

    class Slow(StandIn):
        async def handle(self, request: web.Request) -> web.StreamResponse:
            answer = await super().handle(request)
            assert isinstance(answer, web.Response)
            assert isinstance(answer.body, bytes)
            streamed = web.StreamResponse()
            await streamed.prepare(request)
            await streamed.write(answer.body[:9])
            # Else the two are one packet.
            await asyncio.sleep(0.05)
            await streamed.write(answer.body[9:])
            return streamed

    async with Slow(CHECKS[kind]()).open(PATHS[kind]) as other, channel(kind, url=Secret(other.url)) as (made, _):
        await made.tell([LETTER])

    assert other.asked == 1


async def test_an_answer_that_breaks_off_is_what_came_of_it() -> None:
    """The status of a webhook is its word; the rest of what it says does not matter."""

    class Broken(StandIn):
        async def handle(self, request: web.Request) -> web.StreamResponse:
            answer = await super().handle(request)
            streamed = web.StreamResponse(status=answer.status, headers={"Content-Length": "1000"})
            await streamed.prepare(request)
            await streamed.write(b"{")
            assert request.transport is not None
            request.transport.close()
            return streamed

    async with Broken(webhook_checks).open("/hook") as other, channel("webhook", url=Secret(other.url)) as (made, _):
        await made.tell([LETTER])

    assert len(other.taken) == 1


def login_checks(request: web.Request, body: bytes) -> web.Response | None:
    """A proxy that asks for a user and a password (RFC 7617), whatever is behind it."""
    known = base64.b64encode("meetwire:schlüssel".encode()).decode()
    return None if request.headers.get("Authorization") == f"Basic {known}" else web.Response(status=401)


@pytest.mark.parametrize("kind", ["webhook", "alertmanager", "alertmanager by its url"])
async def test_a_proxy_before_it_may_ask_who_writes(kind: str) -> None:
    """Basic authentication, in UTF-8; without it nothing is let through, and it is tried again."""
    async with StandIn(login_checks).open("/hook") as other:
        webhook = {"url": Secret(other.url), "secrets": (WEBHOOK_SECRET,)}
        known: dict[str, dict[str, Any]] = {
            "webhook": {"kind": "webhook", **webhook},
            "alertmanager": {"kind": "alertmanager", "urls": (other.url,)},
            "alertmanager by its url": {"kind": "alertmanager", "url": Secret(other.url)},
        }
        where = known[kind]
        async with made_of(user="meetwire", password=Secret("schlüssel"), **where) as made:
            await made.tell([LETTER])
        async with made_of(**where) as made:
            with pytest.raises(Unavailable, match="status 401"):
                await made.tell([LETTER])

    assert len(other.taken) == 1


async def test_an_alertmanager_that_hangs_keeps_no_other_waiting() -> None:
    """All instances of a cluster are told at once."""
    gone = asyncio.Event()

    class Deaf(StandIn):
        async def handle(self, request: web.Request) -> web.Response:
            await request.read()
            await gone.wait()
            return web.Response()

    async with (
        Deaf(lambda _, __: None).open("") as deaf,
        StandIn(lambda _, __: None).open("") as other,
        made_of(kind="alertmanager", urls=(deaf.url, other.url)) as made,
    ):
        telling = asyncio.create_task(made.tell([LETTER]))
        async with asyncio.timeout(PATIENCE_S):
            while not other.taken:  # noqa: ASYNC110 -- the other side wakes nobody here
                await asyncio.sleep(0.01)
        assert not telling.done()
        gone.set()
        await telling
