"""HTTP/1.1 over a raw connection: what a client library would not let one send, and every byte that comes back."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from types import MappingProxyType
from typing import Final, NamedTuple

PATH: Final = "/openapi/meetingevent"
# An answer that does not come ends the test, not the run.
LONG_S: Final = 60.0
ENDED: Final = b""

Address = tuple[str, int]


class Answer(NamedTuple):
    """One answer, its headers but for Date, names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class NoAnswer(Exception):
    """The connection ended before an answer did; `args` is what had come of it."""


class Wire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @property
    def peer(self) -> Address:
        """The address of the other side."""
        host, port = self.writer.get_extra_info("peername")
        return host, port

    async def send(self, raw: bytes) -> None:
        """Send bytes, whether the other side still reads or not."""
        with suppress(ConnectionError):
            self.writer.write(raw)
            await self.writer.drain()

    async def answer(self) -> Answer:
        """Return the next answer. Raises NoAnswer."""
        async with asyncio.timeout(LONG_S):
            try:
                head = await self.reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError as error:
                raise NoAnswer(error.partial) from None
            except ConnectionError:
                raise NoAnswer(b"reset") from None
            status, headers = parse(head)
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
            return Answer(status, headers, body)

    async def rest(self) -> bytes:
        """Return what comes until the other side ends the connection."""
        async with asyncio.timeout(LONG_S):
            try:
                return await self.reader.read()
            except ConnectionError:
                return ENDED


def parse(head: bytes) -> tuple[int, dict[str, str]]:
    """Return status and headers of an answer; each header once, Date being there and left out where it is expected."""
    first, *lines = head.decode().removesuffix("\r\n\r\n").split("\r\n")
    version, status, _ = first.split(" ", 2)
    pairs = [line.split(": ", 1) for line in lines]
    headers = {name.lower(): value for name, value in pairs}
    assert (version, len(headers)) == ("HTTP/1.1", len(pairs))
    if int(status) >= 200:
        assert headers.pop("date").endswith(" GMT")
    return int(status), headers


@asynccontextmanager
async def connected(address: Address, tls: ssl.SSLContext | None = None) -> AsyncIterator[Wire]:
    """Yield a connection, and close it whatever the other side did with it."""
    name = None if tls is None else "meet.example.com"
    reader, writer = await asyncio.open_connection(*address, ssl=tls, server_hostname=name, limit=2**22)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


async def ask(address: Address, raw: bytes, tls: ssl.SSLContext | None = None) -> Answer:
    """Return the answer to one request on a connection of its own. Raises NoAnswer."""
    async with connected(address, tls) as wire:
        await wire.send(raw)
        return await wire.answer()


def request(
    body: bytes = b"", head: Mapping[str, str | None] = MappingProxyType({}), *, method: str = "POST", path: str = PATH
) -> bytes:
    """Return one request; `head` has headers besides or instead of the usual, None for one that is to be missing."""
    usual = {
        "Host": "meet.example.com",
        "Content-Type": "application/json;charset=UTF-8",
        "Content-Length": str(len(body)),
    }
    lines = [f"{name}: {value}" for name, value in {**usual, **head}.items() if value is not None]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode("latin-1") + body


def chunked(*chunks: bytes, end: bool = True) -> bytes:
    """Return a body in chunks."""
    coded = [b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks]
    return b"".join([*coded, b"0\r\n\r\n" if end else b""])
