"""One raw HTTP/1.1 connection of a load: asks, and reads no more of the answer than where it ends."""

import asyncio
import re
from typing import Final, Protocol, cast

_LENGTH: Final = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: *([0-9]+)\r")


class Listener(Protocol):
    """Who is told what happens on the connection."""

    def opened(self, wire: "Wire") -> None:
        """The connection can be asked."""

    def answered(self, wire: "Wire", status: bytes) -> None:
        """An answer came whole."""

    def closed(self, wire: "Wire", *, asked: bool) -> None:
        """The connection ended; if `asked`, before the answer did."""


class Wire(asyncio.Protocol):
    """Asks one thing at a time. An answer without Content-Length cannot be read and ends the connection."""

    transport: asyncio.Transport
    began: float
    """When the request that is in flight was sent, or due; whichever the caller counts from."""

    __slots__ = ("_asked", "_listener", "_read", "began", "transport")

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._read = b""
        self._asked = False

    def ask(self, request: bytes, began: float) -> None:
        """Send one request; the answer to the one before it has come."""
        self.began = began
        self._asked = True
        self.transport.write(request)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what to write to, and tell."""
        self.transport = cast(asyncio.Transport, transport)
        self._listener.opened(self)

    def data_received(self, data: bytes) -> None:
        """Tell when the answer is whole."""
        if self._read:
            data = self._read + data
        head_end = data.find(b"\r\n\r\n")
        if head_end < 0:
            self._read = data
            return
        length = _LENGTH.search(data, 0, head_end + 2)
        if length is None or not self._asked:
            self.transport.abort()
        elif len(data) < head_end + 4 + int(length[1]):
            self._read = data
        else:
            self._read = b""
            self._asked = False
            # "HTTP/1.1 200 OK": the status stands between the first two spaces.
            self._listener.answered(self, data[9:12])

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell, whether the other side or we ended it."""
        self._listener.closed(self, asked=self._asked)
