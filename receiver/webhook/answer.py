"""The answers as they go over the wire, each in one write.

aiohttp's own response builds a dictionary of headers and encodes it for each push; ours have few forms, so their heads
stand ready. A 200 for a push has no body and no Content-Type, as the service's reference asks ("200 OK with no body").
"""

import asyncio
import time
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.http import HttpVersion11

_RETRY_AFTER: Final = {429: "1", 503: "30"}
_OURS: Final = (200, 400, 401, 403, 404, 405, 408, 413, 429, 431, 503)


def _head(status: int) -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", "Server: meetwire"]
    if status in _RETRY_AFTER:
        lines.append(f"Retry-After: {_RETRY_AFTER[status]}")
    if status == 405:
        lines.append("Allow: POST")
    return "\r\n".join([*lines, "Date: "]).encode()


_HEADS: Final = {status: _head(status) for status in _OURS}
_NO_BODY: Final = b"\r\nContent-Length: 0"
_JSON: Final = b"\r\nContent-Type: application/json;charset=UTF-8\r\nContent-Length: %d"


@lru_cache(1)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()


def spell(status: int, *, request_id: str | None = None, body: bytes = b"", connection: bytes = b"") -> bytes:
    """Return head and body; `connection` is that header's value, where one is wanted. `request_id` is ASCII."""
    return b"".join(
        (
            _HEADS[status],
            _date(int(time.time())),
            _JSON % len(body) if body else _NO_BODY,
            b"\r\nX-Request-ID: " + request_id.encode() if request_id is not None else b"",
            b"\r\nConnection: " + connection if connection else b"",
            b"\r\n\r\n",
            body,
        )
    )


class Answer(web.StreamResponse):
    """An answer in aiohttp's hands. Nothing of a StreamResponse is used but its place."""

    def __init__(self, status: int, *, request_id: str | None = None, body: bytes = b"", closing: bool = False) -> None:
        self._status = status
        self._request_id = request_id
        self._answer = body
        self._closing = closing

    def __repr__(self) -> str:
        """Show the status alone."""
        return f"<Answer {self._status}>"

    async def prepare(self, request: web.BaseRequest) -> None:
        """Write it. Raises ConnectionResetError where nobody is there any more."""
        transport = request.transport
        if transport is None:
            raise ConnectionResetError
        # Where the body has not come whole, what follows on this connection cannot be told from the rest of it.
        self._keep_alive = request.keep_alive and request.content.is_eof() and not self._closing
        connection = b""
        if not self._keep_alive:
            connection = b"close"
        elif request.version < HttpVersion11:
            connection = b"keep-alive"
        transport.write(spell(self._status, request_id=self._request_id, body=self._answer, connection=connection))
        if request.protocol.writing_paused:
            await _read_on(request, transport)

    async def write_eof(self, data: bytes = b"") -> None:
        """Do nothing more: all is written."""


async def _read_on(request: web.BaseRequest, transport: asyncio.Transport) -> None:
    """Wait for a peer that asks and does not read its answers, as long as for one that does not ask."""
    try:
        async with asyncio.timeout(request.protocol.keepalive_timeout):
            await request.writer.drain()
    except TimeoutError:
        transport.abort()
        raise ConnectionResetError from None
