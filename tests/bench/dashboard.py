"""The dashboard: the present of five thousand meetings, and two hundred readers of a thousand events a second."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final, cast

import aiohttp

from schemas.record import Record
from schemas.topics import QUALITY
from tests.consumers.dashboard.serving import add_token
from tests.consumers.writing import LogWriter

from .dashboard_filled import MEETINGS, PEOPLE, fill, record, sample
from .dashboarding import Told
from .parts import LOAD_CORE, RECEIVER_CORE, ROOT, folder
from .piped import Piped
from .table import Row

READERS: Final = int(os.environ.get("MEETWIRE_TEST_BENCH_READERS", "200"))
RATE: Final = 1_000
SECONDS: Final = 20
_TICK_S: Final = 0.02
_LOOKS: Final = 20


class Process(Piped[Told]):
    """One dashboard; ended by `stop`."""

    def __init__(self, place: Path) -> None:
        command = [sys.executable, "-m", "tests.bench.dashboarding", str(place), "--core", str(RECEIVER_CORE)]
        super().__init__(command, Told, ROOT)


async def measure() -> list[Row]:
    """Return the rows."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {LOAD_CORE})
    try:
        return [*await _present(), *await _stream()]
    finally:
        os.sched_setaffinity(0, before)


@contextlib.contextmanager
def _process(place: Path) -> Iterator[Process]:
    process = Process(place)
    try:
        yield process
    finally:
        process.stop()


async def _present() -> list[Row]:
    with folder() as place:
        records = await asyncio.to_thread(fill, place / "log")
        token = await asyncio.to_thread(add_token, place)
        with _process(place) as process:
            headers = {"Authorization": f"Bearer {token}"}
            address = f"http://127.0.0.1:{process.first.port}"
            async with aiohttp.ClientSession(address, headers=headers, auto_decompress=False) as client:
                looks = [await _look(client) for _ in range(_LOOKS)]
            told = await asyncio.to_thread(process.ask)
    size = len(gzip.decompress(looks[0][1]))
    took_ms = sorted(took for took, _ in looks)
    of = f"{MEETINGS:,} meetings, {MEETINGS * PEOPLE:,} people"
    return [
        Row(
            f"{of}: snapshot, from the request to its last byte",
            f"median {median(took_ms):.0f} ms, slowest {took_ms[-1]:.0f} ms; {size / 1e6:.1f} MB, "
            f"{len(looks[0][1]) / 1e6:.2f} MB on the way",
            "< 200 ms",
        ),
        Row(f"{of}: memory", f"{told.rss_mib:.0f} MiB, peak {told.peak_rss_mib:.0f} MiB", "≤ 500 MiB"),
        Row(
            f"{of}: whole again after a start",
            f"{told.ready_s:.1f} s, {process.first.cpu_s:.1f} s of them on its core, for {records:,} records",
            "seconds",
        ),
    ]


async def _look(client: aiohttp.ClientSession) -> tuple[float, bytes]:
    begun = time.perf_counter()
    async with client.get("/api/v1/meetings", headers={"Accept-Encoding": "gzip"}) as answer:
        content = await answer.read()
    return (time.perf_counter() - begun) * 1_000, content


class Reader(asyncio.Protocol):
    """Reads one stream as fast as it comes, and counts."""

    def __init__(self, token: str) -> None:
        self._token = token
        self.events = self.missed = 0
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        # uvloop's transports are not asyncio's by their class.
        cast(asyncio.Transport, transport).write(
            f"GET /api/v1/stream?topics={QUALITY} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {self._token}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Count."""
        # A word may be cut in two.
        whole = self._rest + data
        self.events += whole.count(b'data: {"specversion') - self._rest.count(b'data: {"specversion')
        self.missed += whole.count(b"event: missed") - self._rest.count(b"event: missed")
        self._rest = whole[-32:]


async def _stream() -> list[Row]:
    with folder() as place:
        writer = LogWriter(place / "log")
        # Before the dashboard opens it there has to be something in it.
        writer.append(_record(0))
        token = await asyncio.to_thread(add_token, place)
        with _process(place) as process:
            readers = [await _open(process.first.port, token) for _ in range(READERS)]
            before = await asyncio.to_thread(process.ask)
            sent, took_s = await _write(writer)
            await _arrived(readers, sent)
            after = await asyncio.to_thread(process.ask)
        writer.close()
    events = [reader.events for reader in readers]
    cpu = (after.cpu_s - before.cpu_s) / took_s
    said = (
        f"{sent / took_s:,.0f} events/s to {READERS} readers: {min(events):,} to {max(events):,} of {sent:,} arrived, "
        f"{sum(reader.missed for reader in readers)} readers missed any; {cpu:.0%} of one core"
    )
    return [
        Row(f"{READERS} stream readers, {RATE:,} events/s each", said, "held, on one core"),
        Row(
            f"{READERS} stream readers: memory",
            f"{after.rss_mib:.0f} MiB, peak {after.peak_rss_mib:.0f} MiB",
            "≤ 300 MiB",
        ),
    ]


async def _open(port: int, token: str) -> Reader:
    _, reader = await asyncio.get_running_loop().create_connection(lambda: Reader(token), "127.0.0.1", port)
    return reader


def _record(number: int) -> Record:
    now = datetime.now(UTC)
    meeting = f"{number % 100:09d}"
    return record(QUALITY, meeting, sample(meeting, f"{meeting}-{number % 20}", number, now), now)


async def _write(writer: LogWriter) -> tuple[int, float]:
    """Append RATE records a second for SECONDS; return how many, and how long it took."""
    loop, each = asyncio.get_running_loop(), int(RATE * _TICK_S)
    await asyncio.sleep(1.0)
    begun, sent = loop.time(), 0
    while sent < RATE * SECONDS:
        batch = [_record(number) for number in range(sent, sent + each)]
        await asyncio.to_thread(writer.append, *batch)
        sent += each
        await asyncio.sleep(max(0.0, begun + sent / RATE - loop.time()))
    return sent, loop.time() - begun


async def _arrived(readers: list[Reader], sent: int) -> None:
    """Wait until all have all, or nothing comes any more."""
    last = -1
    while (now := sum(reader.events for reader in readers)) != last and now < sent * len(readers):
        last = now
        await asyncio.sleep(1.0)
