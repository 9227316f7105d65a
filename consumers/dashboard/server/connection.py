"""One connection, with the limits that a stranger meets before any handler runs.

aiohttp parses; what it has no setting for is here: a head that comes too slowly or is too large ends the connection,
more connections than admitted are closed, and what cannot be parsed is answered in our form. Nothing that a stranger
sent is logged, nor an error's text, which may quote that: a cookie or a token among it.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import msgspec
from aiohttp import web

from schemas.api.shape import Problem
from schemas.door import Guest

# A cursor of eight topics with 1,024 partitions has some 60 KB, in one header or in the address.
MAX_FIELD_BYTES: Final = 81_920
MAX_HEAD_BYTES: Final = 98_304
HEAD_S: Final = 10.0
IDLE_S: Final = 75.0
"""As nginx has it; aiohttp would keep for an hour what says nothing between two requests."""


class Edge(msgspec.Struct, kw_only=True):
    """What all connections share."""

    max_connections: int
    failed: Callable[[BaseException], None]
    """Told of an error that is ours."""
    head_s: float
    idle_s: float
    open: int = 0


class Connection(web.RequestHandler, Guest):
    """aiohttp's connection, watched from its first byte: also before that."""

    __slots__ = ("_counted", "_edge", "_head_bytes", "_head_timer")

    def __init__(self, manager: web.Server, edge: Edge, loop: asyncio.AbstractEventLoop) -> None:
        settings: dict[str, Any] = {"access_log": None, "keepalive_timeout": edge.idle_s}
        settings |= dict.fromkeys(("max_line_size", "max_field_size"), MAX_FIELD_BYTES)
        super().__init__(manager, loop=loop, **settings)
        self._edge, self._head_bytes, self._counted = edge, 0, False
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection, or close it where there are too many."""
        super().connection_made(transport)
        self.enter()
        if self._edge.open > self._edge.max_connections:
            self.force_close()
        else:
            self._head_timer = self._loop.call_later(self._edge.head_s, self._end)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Uncount it."""
        self.leave()
        self._heard()
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

    def data_received(self, data: bytes) -> None:
        """Parse; a head must end within its time and its size.

        Later ones of a connection have the size alone: aiohttp closes what is idle, and a head that is begun is that.
        """
        super().data_received(data)
        if self._messages or (self._waiter is None and self._request_count > 0):
            self._heard()
            return
        self._head_bytes += len(data)
        if self._head_bytes > MAX_HEAD_BYTES:
            self._end()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what aiohttp could not parse, and end the connection."""
        if status >= 500:
            self._edge.failed(exc or RuntimeError())
        status = min(status, 500)
        content = Problem(error="failed" if status == 500 else "request", message="this is no request that we read")
        response = web.Response(status=status, body=msgspec.json.encode(content), content_type="application/json")
        response.headers["Server"] = "meetwire"
        response.force_close()
        return response

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Say the kind of the error alone."""
        error = kw.get("exc_info")
        if isinstance(error, BaseException):
            self._edge.failed(error)

    def _end(self) -> None:
        self._heard()
        self.force_close()

    def _heard(self) -> None:
        self._head_bytes = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
