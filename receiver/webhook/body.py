"""Read a body within its size and its time. A stranger's large body costs memory, so few of those are read at once."""

import asyncio
from typing import Final

from aiohttp import web
from aiohttp.client_exceptions import ClientError
from aiohttp.http_exceptions import HttpProcessingError

from ..errors import Malformed, Overloaded, TooLarge, TooSlow

# Pushes are below 2 KiB. A body up to this size is read whatever else goes on.
SMALL: Final = 16_384
LARGE_AT_ONCE: Final = 32


class Bodies:
    """Reads bodies; holds how many large ones are on their way."""

    def __init__(self, *, max_bytes: int, timeout_s: float) -> None:
        self._max_bytes = max_bytes
        self._timeout_s = timeout_s
        self._large = 0

    async def read(self, request: web.BaseRequest) -> bytes:
        """Return the body. Raises TooLarge, TooSlow, Overloaded, and Malformed for one that is cut short."""
        length = request.content_length
        if length is not None and length > self._max_bytes:
            raise TooLarge("large")
        content = request.content
        if content.is_eof():
            body = content.read_nowait()
            if len(body) > self._max_bytes:
                raise TooLarge("large")
            return body
        try:
            async with asyncio.timeout(self._timeout_s):
                await _continue(request)
                return await self._collect(request)
        except TimeoutError:
            raise TooSlow("slow") from None
        except (HttpProcessingError, ClientError, web.RequestPayloadError, ConnectionError):
            raise Malformed("cut_short") from None

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


async def _continue(request: web.BaseRequest) -> None:
    if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
