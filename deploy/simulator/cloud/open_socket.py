"""One open WebSocket of a meeting: frames wait in line until the other side takes them, and nobody else waits."""

import asyncio
from collections import deque
from datetime import datetime

from aiohttp import web

from .sent import Made


class Socket:
    """The cloud's end. What is put is sent in that order; a reader that does not read holds up itself alone."""

    def __init__(
        self,
        number: int,
        meeting_uuid: str,
        response: web.WebSocketResponse,
        transport: asyncio.Transport,
        heard: datetime,
    ) -> None:
        self.number = number
        self.meeting_uuid = meeting_uuid
        self.types: frozenset[str] = frozenset()
        """What it has subscribed to."""
        self.token_until: datetime | None = None
        """When the control token that it subscribed with is over."""
        self.heard = heard
        """When its last HeartBeat came, or it was opened."""
        self.frozen = False
        self.ending = False
        """It is to be closed, once what was put is sent."""
        self.held: Made | None = None
        """A frame that is to come after the next one."""
        self._response = response
        self._transport = transport
        self._line: deque[str | None] = deque()
        self._put = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._over = False

    def put(self, text: str) -> None:
        """Let a frame be sent; after the end it is not."""
        if self._over:
            return
        self._line.append(text)
        self._idle.clear()
        self._put.set()

    def end(self) -> None:
        """Close it once all that was put is sent; a frozen one as well, for the service closes both."""
        self.ending = True
        self._line.append(None)
        self._put.set()

    def cut(self) -> None:
        """End the connection with no word."""
        self._transport.abort()

    async def written(self) -> None:
        """Return when what was put is sent, or never will be."""
        await self._idle.wait()

    async def write(self) -> None:
        """Send what is put until the end; return early when the connection does."""
        try:
            while (text := await self._next()) is not None:
                await self._response.send_str(text)
            await self._response.close()
        except ConnectionError:
            # The other side went first; what is still in line goes nowhere.
            self._line.clear()
        finally:
            self._over = True
            self._idle.set()

    async def _next(self) -> str | None:
        while not self._line:
            self._idle.set()
            self._put.clear()
            await self._put.wait()
        return self._line.popleft()
