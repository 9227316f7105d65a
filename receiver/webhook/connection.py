"""One connection of the public listener, with the limits that a stranger meets before any handler runs.

aiohttp parses; what it has no setting for is here: a head that comes too slowly is answered 408, one that is too large
431, one that is none 400, all without a body; more connections than admitted are closed. Nothing that a stranger sent
is logged, and no exception's text either, since it may quote that.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from ..errors import Reason

_TOO_SLOW: Final = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Edge(msgspec.Struct, kw_only=True):
    """What all connections of a listener share."""

    head_timeout_s: float
    max_connections: int
    refused: Callable[[int, Reason, str | None], None]
    """Told of every refusal that happens before a handler runs: status, reason, address of the peer."""
    failed: Callable[[BaseException], None]
    """Told of an error that is ours."""
    open: int = 0


class Connection(web.RequestHandler):
    """aiohttp's connection, watched from its first byte."""

    __slots__ = ("_admitted", "_edge", "_head_timer")

    def __init__(self, manager: web.Server, edge: Edge, **settings: Any) -> None:
        super().__init__(manager, **settings)
        self._edge = edge
        self._head_timer: asyncio.TimerHandle | None = None
        self._admitted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection, or close it where there are too many."""
        super().connection_made(transport)
        self._edge.open += 1
        self._admitted = True
        if self._edge.open > self._edge.max_connections:
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Uncount it."""
        if self._admitted:
            self._admitted = False
            self._edge.open -= 1
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse; a head that has begun must end within its time."""
        super().data_received(data)
        if self._messages or self._current_request is not None:
            self._stop_timer()
        elif self._head_timer is None and self._waiter is not None and not self._force_close:
            self._head_timer = self._loop.call_later(self._edge.head_timeout_s, self._head_late)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what aiohttp could not parse: 431 or 400, without a body, and the connection ends."""
        large = isinstance(exc, LineTooLong) or "Too many" in str(message)
        if status >= 500 and exc is not None:
            self._edge.failed(exc)
            status = 503
        else:
            status = 431 if large else 400
            self._edge.refused(status, "head_large" if large else "head_malformed", request.remote)
        response = web.Response(status=status, headers={"Server": "meetwire"})
        response.force_close()
        return response

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Say the kind of the error alone."""
        error = kw.get("exc_info")
        if isinstance(error, BaseException):
            self._edge.failed(error)

    def _head_late(self) -> None:
        self._head_timer = None
        if self.transport is not None and self._current_request is None and not self._messages:
            self._edge.refused(408, "slow", None)
            self.transport.write(_TOO_SLOW)
            self.force_close()

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


class Server(web.Server):
    """aiohttp's low-level server, with our connections. No routing, no middlewares: there is one handler."""

    def __init__(self, handler: Any, edge: Edge, **settings: Any) -> None:
        super().__init__(handler)
        self._edge = edge
        self._settings = settings

    def __call__(self) -> Connection:
        """Return the protocol of one new connection."""
        return Connection(self, self._edge, loop=self._loop, **self._settings)
