"""A side of TLS that never says farewell: what its peer does about that is seen on the connection below."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

# A peer that waits for a farewell ends the test, not the run; nobody's own patience ends before it.
LONG_S: Final = 60.0
PATIENCE_S: Final = 2 * LONG_S


class Taciturn:
    """One side of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._read, self._written = ssl.MemoryBIO(), ssl.MemoryBIO()

    async def shake_hands(self, context: ssl.SSLContext, *, server_side: bool, name: str | None = None) -> None:
        """Do what there is to do before anything can be said."""
        self._tls = context.wrap_bio(self._read, self._written, server_side=server_side, server_hostname=name)
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._writer.write(self._written.read())
                self._read.write(await self._reader.read(65_536))
            else:
                self._writer.write(self._written.read())
                return

    def say(self, words: bytes) -> None:
        """Send something."""
        self._tls.write(words)
        self._writer.write(self._written.read())

    async def heard(self) -> bytes:
        """Return what comes until the peer closes the connection. Raises ssl.SSLEOFError where it says no farewell."""
        async with asyncio.timeout(LONG_S):
            with suppress(ConnectionResetError):
                while came := await self._reader.read(65_536):
                    self._read.write(came)
        self._read.write_eof()
        words = b""
        with suppress(ssl.SSLZeroReturnError):
            while some := self._tls.read():
                words += some
        return words


@asynccontextmanager
async def taciturn_client(address: tuple[str, int], context: ssl.SSLContext) -> AsyncIterator[Taciturn]:
    """Yield one that is connected to a server for 127.0.0.1."""
    reader, writer = await asyncio.open_connection(*address)
    try:
        client = Taciturn(reader, writer)
        await client.shake_hands(context, server_side=False, name="127.0.0.1")
        yield client
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
