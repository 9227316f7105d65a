"""One connection of the public listener, with the limits that a stranger meets before any handler runs.

aiohttp parses; what it has no setting for is here: a head that comes too slowly is answered 408, one that is too large
431, one that is none 400, all without a body; more connections than admitted are closed. Nothing that a stranger sent
is logged, and no exception's text either, since it may quote that.

A head that begins behind a request that is still being answered is timed as an idle connection, and closed as one.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from schemas.door import Guest

from ..errors import Reason
from .answer import Answer, spell

# aiohttp limits each header and their number, which leaves a mebibyte a connection. The service's heads have 300 bytes.
MAX_HEAD_BYTES: Final = 32_768


class Edge(msgspec.Struct, kw_only=True):
    """What all connections of a listener share."""

    head_timeout_s: float
    max_connections: int
    refused: Callable[[int, Reason, str | None], None]
    """Told of every refusal that happens before a handler runs: status, reason, address of the peer."""
    failed: Callable[[BaseException], None]
    """Told of an error that is ours."""
    open: int = 0
    empty: asyncio.Event = msgspec.field(default_factory=asyncio.Event)
    """Set when the last connection closes."""


class Connection(web.RequestHandler, Guest):
    """aiohttp's connection, watched from its first byte."""

    __slots__ = ("_counted", "_edge", "_head_bytes", "_head_timer")

    def __init__(self, manager: web.Server, edge: Edge, **settings: Any) -> None:
        super().__init__(manager, **settings)
        self._edge = edge
        self._counted = False
        self._head_timer: asyncio.TimerHandle | None = None
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection, or close it where there are too many."""
        super().connection_made(transport)
        self.enter()
        if self._edge.open > self._edge.max_connections:
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Uncount it."""
        self.leave()
        self._stop_timer()
        super().connection_lost(exc)

    def enter(self) -> None:
        """Count it, if it is not: over TLS that was before the handshake."""
        if not self._counted:
            self._counted = True
            self._edge.open += 1

    def leave(self) -> None:
        """Uncount it, if it is counted."""
        if self._counted:  # pragma: no branch -- it can be lost in the very moment in which its handshake ends
            self._counted = False
            self._edge.open -= 1
            if not self._edge.open:
                self._edge.empty.set()

    def data_received(self, data: bytes) -> None:
        """Parse; a head that has begun must end within its time and its size."""
        super().data_received(data)
        if not self._awaits_head():
            if self._head_timer is not None:
                self._stop_timer()
        elif data:  # pragma: no branch -- nothing comes to make aiohttp parse on, and then a request is being handled
            self._watch_head(len(data))

    def finish(self) -> None:
        """Close once what is being read or answered is answered; at once if that is nothing."""
        if self._waits():
            self.force_close()
        elif self._current_request is None and not self._messages:  # pragma: no cover -- see below
            # One turn of the loop: between a head and its handler, or between an answer and the next wait.
            self.close()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what aiohttp could not parse: 431 or 400, without a body, and the connection ends."""
        if status >= 500:
            self._edge.failed(exc or RuntimeError())
            self._edge.refused(503, "failed", self._remote())
            return Answer(503, closing=True)
        large = isinstance(exc, LineTooLong) or "Too many" in str(message)
        status = 431 if large else 400
        self._edge.refused(status, "head_large" if large else "head_malformed", self._remote())
        return Answer(status, closing=True)

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Say the kind of the error alone."""
        error = kw.get("exc_info")
        if isinstance(error, BaseException):  # pragma: no branch -- what it says without one is of handlers not ours
            self._edge.failed(error)

    def _waits(self) -> bool:
        # Before the first message aiohttp may not have begun to wait: over TLS the first bytes come with the handshake.
        return not self._messages and (self._waiter is not None or self._request_count == 0)

    def _awaits_head(self) -> bool:
        return self._waits() and not self._force_close and not self._close

    def _watch_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD_BYTES:
            self._refuse_head(431, "head_large")
        elif self._head_timer is None:
            self._head_timer = self._loop.call_later(self._edge.head_timeout_s, self._refuse_head, 408, "slow")

    def _refuse_head(self, status: int, reason: Reason) -> None:
        self._stop_timer()
        if self.transport is not None and self._awaits_head():  # pragma: no branch -- the timer ends with either
            self._edge.refused(status, reason, self._remote())
            self.transport.write(spell(status, connection=b"close"))
            self.force_close()

    def _stop_timer(self) -> None:
        self._head_bytes = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _remote(self) -> str | None:
        peer = self.peername
        return peer[0] if isinstance(peer, tuple) else None


class Server(web.Server):
    """aiohttp's low-level server, with our connections. No routing, no middlewares: there is one handler."""

    def __init__(self, handler: Any, edge: Edge, **settings: Any) -> None:
        super().__init__(handler)
        self._edge = edge
        self._settings = settings

    def __call__(self) -> Connection:
        """Return the protocol of one new connection."""
        return Connection(self, self._edge, loop=self._loop, **self._settings)

    async def finish(self, timeout_s: float) -> None:
        """Return once every connection is closed, those that are idle at once, the others with their answer."""
        self._edge.empty.clear()
        for connection in self.connections:
            if isinstance(connection, Connection):  # pragma: no branch -- there are no others
                connection.finish()
        if self._edge.open:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await self._edge.empty.wait()
        await self.shutdown(1.0)
