"""A TCP proxy before a broker that makes the way to it slow, cuts it, or swallows what goes along it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """What stands at `bootstrap`. A broker has to advertise this address for its clients to stay with it."""

    bootstrap: str
    delay_s: float = 0.0
    """How long each piece of an answer is kept back."""
    bytes_per_s: float = float("inf")
    """How much of the clients goes through."""
    carried: int = 0
    """Bytes of the clients that went through."""
    most: float = float("inf")
    """How many of them may: what comes after those waits."""
    connections: set[asyncio.StreamWriter] = field(default_factory=set)
    is_shut: bool = False
    """Whoever connects is hung up on."""

    def cut(self) -> None:
        """End every connection that is open, at once."""
        for writer in self.connections:
            writer.transport.abort()

    def shut(self) -> None:
        """Let nobody through, until `is_shut` is taken back."""
        self.is_shut = True
        self.cut()


@asynccontextmanager
async def proxy(listen_port: int, broker_port: int) -> AsyncIterator[Proxy]:
    """Yield a proxy on loopback, from one port to the other."""
    state = Proxy(bootstrap=f"127.0.0.1:{listen_port}")
    carrying: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(_carry_both(reader, writer, broker_port, state))
        carrying.add(task)
        task.add_done_callback(carrying.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", listen_port)
    async with server:
        yield state
        server.close()
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)


async def _carry_both(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, broker_port: int, state: Proxy
) -> None:
    async with _open(writer, state):
        if state.is_shut:
            return
        there, back = await asyncio.open_connection("127.0.0.1", broker_port)
        async with _open(back, state):
            ways = [
                asyncio.ensure_future(_carry(reader, back, state)),
                asyncio.ensure_future(_keep_back(there, writer, state)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)


@asynccontextmanager
async def _open(writer: asyncio.StreamWriter, state: Proxy) -> AsyncIterator[None]:
    state.connections.add(writer)
    try:
        yield
    finally:
        state.connections.discard(writer)
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, state: Proxy) -> None:
    while piece := await reader.read(8_192):
        while state.carried > state.most:  # noqa: ASYNC110 -- the test lets it go on
            await asyncio.sleep(0.01)
        state.carried += len(piece)
        await asyncio.sleep(len(piece) / state.bytes_per_s)
        writer.write(piece)
        await writer.drain()


async def _keep_back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, state: Proxy) -> None:
    while piece := await reader.read(65_536):
        await asyncio.sleep(state.delay_s)
        writer.write(piece)
        await writer.drain()
