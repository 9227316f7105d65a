"""A receiver that answers by script: a real server on a real port, good where the script says nothing."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Literal, NamedTuple

from aiohttp import web

Reply = int | bytes | Literal["close", "silence", "good"]
"""A status without a body; 200 with this body; the connection closed; no answer ever; as a good receiver."""


class Received(NamedTuple):
    """One request as it came."""

    path: str
    headers: list[tuple[str, str]]
    body: bytes


class ScriptedReceiver:
    """Answers the first requests by its script."""

    def __init__(self, script: Iterable[Reply]) -> None:
        self._script = deque(script)
        self._silence = asyncio.Event()
        self.received: list[Received] = []
        self.came = asyncio.Event()
        self.url = ""

    @property
    def bodies(self) -> list[bytes]:
        """All bodies that came, in order."""
        return [received.body for received in self.received]

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Take the next reply of the script."""
        body = await request.read()
        self.received.append(Received(request.path_qs, list(request.headers.items()), body))
        self.came.set()
        reply = self._script.popleft() if self._script else "good"
        if reply == "good":
            return good(body)
        if reply == "silence":
            await self._silence.wait()
        if reply == "close" and request.transport is not None:
            request.transport.abort()
        if isinstance(reply, bytes):
            return web.Response(body=reply)
        return web.Response(status=reply if isinstance(reply, int) else 500)

    def end(self) -> None:
        """Let those go who wait for an answer."""
        self._silence.set()


@asynccontextmanager
async def receiving(*script: Reply) -> AsyncIterator[ScriptedReceiver]:
    """Yield a receiver that listens on a port of its own."""
    receiver = ScriptedReceiver(script)
    server = web.ServerRunner(web.Server(receiver.answer), shutdown_timeout=1)
    await server.setup()
    site = web.TCPSite(server, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{server.addresses[0][1]}/openapi/meetingevent"
    try:
        yield receiver
    finally:
        receiver.end()
        await server.cleanup()


def good(body: bytes) -> web.Response:
    """Return what a receiver answers that checks nothing but the form."""
    try:
        push = json.loads(body)
    except ValueError:
        return web.Response(status=400)
    if isinstance(push, dict) and push["eventInfo"]["event"] == "meeting.verify":
        return web.json_response({"event": "meeting.verify", "nonce": push["nonce"]})
    return web.Response()
