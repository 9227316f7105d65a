"""One sequence of bytes that many read, each at its own pace. Bounded, whoever is slow.

What is put in is kept as it is and handed to all; nobody has a queue of his own. Who is so slow that what he has not
read is let go of learns how many events he missed, and goes on with the oldest that there is.
"""

import asyncio
import contextlib
from collections import deque
from itertools import takewhile
from typing import Final

import msgspec

# Some seconds of a thousand events a second; a reader on a slow line catches up from here.
MOST_BYTES: Final = 8_388_608
# What one reader is handed at once: it waits in his connection, and nobody shares that.
PORTION_BYTES: Final = 131_072


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """Bytes of `count` events, the first of which is number `first`."""

    first: int
    count: int
    content: bytes


class Taken(msgspec.Struct, frozen=True):
    """What a reader gets."""

    content: list[bytes]
    missed: int
    next: int
    """The number at which he goes on."""


class Channel:
    """Chunks, the oldest first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes, self._bytes = most_bytes, 0
        """How much is kept for those who are slow; may be changed any time."""
        self._chunks: deque[Chunk] = deque()
        self.end = 0
        """The number that the next event will have."""
        self.readers = 0
        self._news = asyncio.Event()

    def put(self, content: bytes, count: int = 1) -> None:
        """Add the bytes of `count` events, and wake who waits. The last chunk stays, however large it is."""
        self._chunks.append(Chunk(self.end, count, content))
        self.end += count
        self._bytes += len(content)
        while self._bytes > self.most_bytes and len(self._chunks) > 1:
            self._bytes -= len(self._chunks.popleft().content)
        self.wake()

    def wake(self) -> None:
        """Have everybody who waits look around: there is something new, or it is the end."""
        self._news.set()
        self._news = asyncio.Event()

    def since(self, number: int) -> Taken:
        """Return what came from `number` on, as far as it is still there: a portion, or one chunk that is larger."""
        fresh = list(takewhile(lambda chunk: chunk.first >= number, reversed(self._chunks)))
        missed = max(0, fresh[-1].first - number) if len(fresh) == len(self._chunks) and fresh else 0
        found: list[bytes] = []
        end, size = (number if fresh else self.end), 0
        while fresh and size < PORTION_BYTES:
            chunk = fresh.pop()
            found.append(chunk.content)
            size += len(chunk.content)
            end = chunk.first + chunk.count
        return Taken(found, missed, end)

    async def news(self, number: int, timeout_s: float) -> bool:
        """Return True once there is something from `number` on; False after `timeout_s`."""
        if self.end > number:
            return True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        return self.end > number
