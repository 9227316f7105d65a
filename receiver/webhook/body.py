"""Read a body within its size and its time. A stranger's large body costs memory, so few of those are read at once."""

import asyncio
from typing import Final

from aiohttp import web
from aiohttp.client_exceptions import ClientError
from aiohttp.http import HttpVersion11
from aiohttp.http_exceptions import HttpProcessingError

from ..errors import Malformed, Overloaded, Stopping, TooLarge, TooSlow

# Pushes are below 2 KiB. A body up to this size is read whatever else goes on.
SMALL: Final = 16_384
LARGE_AT_ONCE: Final = 32


class Bodies:
    """Reads bodies; holds which are on their way, and how many of them are large."""

    def __init__(self, *, max_bytes: int, timeout_s: float) -> None:
        self._max_bytes = max_bytes
        self._timeout_s = timeout_s
        self._large = 0
        self._coming: set[asyncio.Timeout] = set()
        self._stopping = False

    async def read(self, request: web.BaseRequest) -> bytes:
        """Return the body. Raises TooLarge, TooSlow, Overloaded, Stopping, and Malformed for one that is cut short."""
        content = request.content
        if not content.is_eof():
            return await self._await(request)
        body = content.read_nowait()
        if len(body) > self._max_bytes:
            raise TooLarge("large")
        return body

    def stop(self, timeout_s: float) -> None:
        """Give what is on its way so long to come whole, and what comes yet the same."""
        self._stopping = True
        self._timeout_s = min(timeout_s, self._timeout_s)
        last = asyncio.get_running_loop().time() + timeout_s
        for timeout in self._coming:
            if not timeout.expired():  # pragma: no branch -- one that expires in this very turn of the loop
                timeout.reschedule(min(last, timeout.when() or last))

    async def _await(self, request: web.BaseRequest) -> bytes:
        if (request.content_length or 0) > self._max_bytes:
            raise TooLarge("large")
        timeout = asyncio.timeout(self._timeout_s)
        try:
            async with timeout:
                self._coming.add(timeout)
                _invite(request)
                return await self._collect(request)
        except TimeoutError:
            raise (Stopping("stopping") if self._stopping else TooSlow("slow")) from None
        except _BROKEN:
            raise Malformed("cut_short") from None
        finally:
            self._coming.discard(timeout)

    async def _collect(self, request: web.BaseRequest) -> bytes:
        body = bytearray()
        large = False
        try:
            while chunk := await request.content.readany():
                body += chunk
                if len(body) > self._max_bytes:
                    raise TooLarge("large")
                if len(body) > SMALL and not large:
                    large = self._admit_large()
        finally:
            self._large -= large
        return bytes(body)

    def _admit_large(self) -> bool:
        if self._large >= LARGE_AT_ONCE:
            raise Overloaded("in_flight")
        self._large += 1
        return True


_BROKEN: Final = (HttpProcessingError, ClientError, web.RequestPayloadError, ConnectionError)


def _invite(request: web.BaseRequest) -> None:
    """Answer a client that asked whether its body is wanted (RFC 9110, section 10.1.1)."""
    asks = request.headers.get("Expect", "").lower() == "100-continue" and request.version >= HttpVersion11
    if asks and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
