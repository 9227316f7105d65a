"""A way to a real broker on which answers are changed, or lost: what Kafka can say, said when a test wants it.

It understands frames and nothing more: each request tells its kind (API key) and number, each answer its number.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiokafka.protocol.produce import ProduceResponse_v7

PRODUCE = 0
METADATA = 3
API_VERSIONS = 18
INIT_PRODUCER_ID = 22

Change = Callable[[bytes], bytes | None]
"""Returns what to hand on of an answer, which begins behind its number; None: hang up instead."""


@dataclass
class Way:
    """What stands at the address that the broker advertises."""

    changes: dict[int, list[Change]] = field(default_factory=dict)
    """By API key: what to do with the next answers, first things first. Others go through."""
    asked: list[int] = field(default_factory=list)
    """The API keys of all requests."""
    carrying: set[asyncio.Task[None]] = field(default_factory=set)

    def next(self, api: int, *changes: Change) -> None:
        """Do this with the next answers to requests of a kind."""
        self.changes.setdefault(api, []).extend(changes)

    def change(self, api: int, answer: bytes) -> bytes | None:
        """Return what becomes of one answer."""
        waiting = self.changes.get(api)
        return waiting.pop(0)(answer) if waiting else answer


@asynccontextmanager
async def way_to(broker_port: int, listen_port: int) -> AsyncIterator[Way]:
    """Yield the way."""
    way = Way()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(_carry(reader, writer, broker_port, way))
        way.carrying.add(task)
        task.add_done_callback(way.carrying.discard)

    async with await asyncio.start_server(accept, "127.0.0.1", listen_port) as server:
        yield way
        server.close()
        for task in way.carrying:
            task.cancel()
        await asyncio.gather(*way.carrying, return_exceptions=True)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, broker_port: int, way: Way) -> None:
    ends, ways, kinds = [writer], [], dict[int, int]()
    try:
        there, back = await asyncio.open_connection("127.0.0.1", broker_port)
        ends.append(back)
        ways = [
            asyncio.ensure_future(_requests(reader, back, kinds, way)),
            asyncio.ensure_future(_answers(there, writer, kinds, way)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        # At once, whoever cancels what comes after.
        for end in ends:
            end.transport.abort()
        for one in ways:
            one.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for end in ends:
            with contextlib.suppress(OSError):
                await end.wait_closed()


async def _requests(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kinds: dict[int, int], way: Way
) -> None:
    while True:
        frame = await _frame(reader)
        api, _version, number = struct.unpack_from(">hhi", frame)
        kinds[number] = api
        way.asked.append(api)
        await _hand_on(writer, frame)


async def _answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kinds: dict[int, int], way: Way) -> None:
    while True:
        frame = await _frame(reader)
        (number,) = struct.unpack_from(">i", frame)
        changed = way.change(kinds.pop(number), frame[4:])
        if changed is None:
            return
        await _hand_on(writer, frame[:4] + changed)


async def _frame(reader: asyncio.StreamReader) -> bytes:
    (size,) = struct.unpack(">i", await reader.readexactly(4))
    return await reader.readexactly(size)


def _hand_on(writer: asyncio.StreamWriter, frame: bytes) -> Awaitable[None]:
    writer.write(struct.pack(">i", len(frame)) + frame)
    return writer.drain()


def lost(_: bytes) -> None:
    """Have the request done and its answer lost, and the connection with it."""


def says(code: int, *, only: int | None = None) -> Change:
    """Have the partitions of a Produce answer say `code`: all of them, or one."""

    def change(answer: bytes) -> bytes:
        told: Any = ProduceResponse_v7.decode(answer)
        for _, partitions in told.topics:
            for at, (partition, _, *more) in enumerate(partitions):
                if only in (None, partition):
                    partitions[at] = (partition, code, *more)
        encoded: bytes = told.encode()
        return encoded

    return change


def no_id(code: int) -> Change:
    """Have an InitProducerId answer say `code`, behind the time that it throttles for."""
    return lambda answer: answer[:4] + struct.pack(">h", code) + answer[6:]


def as_it_is(answer: bytes) -> bytes:
    """Hand it on."""
    return answer


def no_produce(answer: bytes) -> bytes:
    """Have an ApiVersions answer (version 0: an error, then kinds with their versions) not know Produce."""
    error, count = struct.unpack_from(">hi", answer)
    kinds = [kind for kind in struct.iter_unpack(">hhh", answer[6 : 6 + 6 * count]) if kind[0] != PRODUCE]
    return struct.pack(">hi", error, len(kinds)) + b"".join(struct.pack(">hhh", *kind) for kind in kinds)
