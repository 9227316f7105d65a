"""Load a receiver from one core: raw connections, one request in flight on each, as little work a request as will do.

Requests come ready as bytes; of an answer no more is read than its status and its length. At a fixed rate each request
has an instant at which it is due, and its latency counts from there: a receiver that stalls is charged for all who
wait, not just for those whom the stall let through (the "coordinated omission" of load generators that wait politely).
"""

import asyncio
import contextlib
import time
from array import array
from collections import Counter
from collections.abc import Iterable

import msgspec

from .address import require_loopback
from .errors import NoConnection
from .wire import Wire


class LoadReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a load."""

    seconds: float
    answers: dict[str, int]
    """By status."""
    lost: int
    """Requests whose connection ended before the answer, or whose answer could not be read."""
    unsent: int
    """Requests that were due when the time was over, and for which no connection had been free."""
    rate: float
    """Answers a second."""
    p50_ms: float
    p90_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float


async def run_load(
    address: tuple[str, int],
    requests: Iterable[bytes],
    *,
    connections: int,
    rate: float | None = None,
    seconds: float | None = None,
    allow_remote: bool = False,
) -> LoadReport:
    """Send until the requests or the seconds are over: as fast as answered, or `rate` a second.

    Raises NoConnection where nothing listens, NotLoopback for another machine. A connection that ends is opened again;
    the load ends when that is refused and no other is open.
    """
    require_loopback(address[0], allow_remote=allow_remote)
    load = _Load(address, requests, rate)
    await load.open(connections)
    began = time.perf_counter()
    await load.run(seconds)
    return load.report(time.perf_counter() - began)


class _Load:
    """What all connections share: the requests, when the next is due, and the counts."""

    def __init__(self, address: tuple[str, int], requests: Iterable[bytes], rate: float | None) -> None:
        self._address = address
        self._requests = iter(requests)
        self._step = 1 / rate if rate else 0.0
        self._due = 0.0
        self._running = False
        self._over = False
        self._ended = asyncio.Event()
        self._in_flight = 0
        self._open: set[Wire] = set()
        self._idle: list[Wire] = []
        self._opening: set[asyncio.Task[None]] = set()
        self._statuses: Counter[bytes] = Counter()
        self._latencies = array("d")
        self._lost = 0
        self._unsent = 0

    async def open(self, connections: int) -> None:
        try:
            for _ in range(connections):
                await self._connect()
        except OSError as error:
            raise NoConnection(f"{self._address[0]}:{self._address[1]}: nothing listens there") from error

    async def run(self, seconds: float | None) -> None:
        """Return when all is answered that was sent within `seconds`."""
        self._due = time.perf_counter()
        self._running = True
        if self._step:
            self._tick()
        else:
            self._send_idle(self._due)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ended.wait()
        self._count_unsent()
        self._end()
        await self._ended.wait()
        for wire in tuple(self._open):
            wire.transport.abort()

    def report(self, seconds: float) -> LoadReport:
        ordered = sorted(self._latencies)
        p50, p90, p99, p999, most = (_percentile_ms(ordered, percent) for percent in (50, 90, 99, 99.9, 100))
        return LoadReport(
            seconds=seconds,
            answers={status.decode(errors="replace"): count for status, count in sorted(self._statuses.items())},
            lost=self._lost,
            unsent=self._unsent,
            rate=self._statuses.total() / seconds,
            p50_ms=p50,
            p90_ms=p90,
            p99_ms=p99,
            p999_ms=p999,
            max_ms=most,
        )

    def answered(self, wire: Wire, status: bytes) -> None:
        """Count an answer, and send the next request if one is due."""
        now = time.perf_counter()
        self._latencies.append(now - wire.began)
        self._statuses[status] += 1
        self._in_flight -= 1
        if self._over:
            self._end_if_quiet()
        elif not self._step:
            self._send(wire, now)
        elif self._due <= now:
            self._send_due(wire)
        else:
            self._idle.append(wire)

    def opened(self, wire: Wire) -> None:
        """Use a connection as soon as it is there."""
        self._open.add(wire)
        self._idle.append(wire)
        if self._running and not self._step:
            self._send_idle(time.perf_counter())

    def closed(self, wire: Wire, *, asked: bool) -> None:
        """Count what the connection took with it, and open another."""
        self._open.discard(wire)
        if asked:
            self._lost += 1
            self._in_flight -= 1
        if self._over:
            self._end_if_quiet()
            return
        if not asked:
            self._idle.remove(wire)
        opening = asyncio.get_running_loop().create_task(self._reopen())
        self._opening.add(opening)
        opening.add_done_callback(self._opening.discard)

    async def _connect(self) -> None:
        await asyncio.get_running_loop().create_connection(lambda: Wire(self), *self._address)

    async def _reopen(self) -> None:
        try:
            await self._connect()
        except OSError:
            if not self._open:
                self._end()

    def _tick(self) -> None:
        """Send what is due over the connections that are free, and look again when the next is."""
        now = time.perf_counter()
        while self._idle and self._due <= now and not self._over:
            self._send_due(self._idle.pop())
        if self._over:
            return
        # A turn of the loop each instead would keep the core busy, and what is measured may need it: a broker, say.
        # What is due within a millisecond is sent at its end, and its latency counts from when it was due.
        asyncio.get_running_loop().call_later(max(self._due - now, 0.001), self._tick)

    def _send_due(self, wire: Wire) -> None:
        due = self._due
        self._due += self._step
        self._send(wire, due)

    def _send_idle(self, now: float) -> None:
        while self._idle and not self._over:
            self._send(self._idle.pop(), now)

    def _send(self, wire: Wire, began: float) -> None:
        request = next(self._requests, None)
        if request is None:
            self._end()
            return
        self._in_flight += 1
        wire.ask(request, began)

    def _count_unsent(self) -> None:
        if self._step and not self._over:
            self._unsent = max(0, int((time.perf_counter() - self._due) / self._step))

    def _end(self) -> None:
        self._over = True
        self._end_if_quiet()

    def _end_if_quiet(self) -> None:
        if not self._in_flight:
            self._ended.set()


def _percentile_ms(ordered: list[float], percent: float) -> float:
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1_000
