"""The loop that publishes the log: read, publish, move on; connect anew when Kafka fails, for as long as it takes.

Its position moves when Kafka has acknowledged everything before it, and only then. A failure never loses its place:
the next connection begins where the last acknowledgement was.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import structlog

from schemas.ids import Position
from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.record import Stored
from schemas.settings import Kafka

from ..entry import Entry
from ..log import Appended, Chunk, LogReader, SqliteLog
from .backoff import backoff
from .failures import FAILURES, CannotSetAside, Failure, TooLarge, meaning
from .place import Place
from .publisher import Publisher, Round, connected, sending
from .refused import RefusedRecords
from .topics import create_topics
from .waiting import Acknowledged, Waiting

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")
_T = TypeVar("_T")

# Records in one round, as many as the largest commit. Twice as many do not fit into the processor's cache, and each
# then costs half as much again; and encoding blocks the event loop, so that answers wait that long.
ROUND: Final = 1_000
_CAREFUL_ROUND: Final = 100
# How often the place is kept; a crash repeats so much at the most.
_KEEP_EVERY_S: Final = 0.25
_SAY_AGAIN_S: Final = 60.0


class Forwarder:
    """Publishes one log."""

    _meters: Meters

    def __init__(self, log: SqliteLog, reader: LogReader, place: Place, refused: RefusedRecords, kafka: Kafka) -> None:
        self._log = log
        self._reader = reader
        self._place = place
        self._refused = refused
        self._kafka = kafka
        self._position = Position(1)
        self._kept = Position(0)
        self._waiting = Waiting()
        self._threads = ThreadPoolExecutor(1, "meetwire-forward")
        self._careful_until = Position(0)
        self._left_out: set[Position] = set()
        self._oldest_ms: int | None = None
        self._tried = Position(0), 0.0
        """The position that is tried, and since when, of the monotonic clock."""
        self._failure: Failure | None = None
        self._said_at = 0.0
        self._connected = self._topics_made = False
        self._round = ROUND

    @property
    def position(self) -> Position:
        """The position to publish next; Kafka has everything before it."""
        return self._position

    @property
    def failure(self) -> Failure | None:
        """What Kafka fails with at the moment."""
        return self._failure

    def replace_login(self, kafka: Kafka) -> None:
        """Use these settings from the next connection on; they differ from the old ones in secrets alone."""
        self._kafka = kafka

    def behind_s(self) -> float:
        """Return the age of the oldest record that Kafka does not have, in seconds.

        Or for how long it has been in vain: the record's own time is of a clock that may have been ahead.
        """
        if self._position >= self._log.next or self._oldest_ms is None:
            return 0.0
        position, since_s = self._tried
        in_vain_s = time.monotonic() - since_s if position == self._position else 0.0
        return max(in_vain_s, time.time() - self._oldest_ms / 1000)

    async def append(self, entry: Entry) -> Appended:
        """Return once `entry` is in the log and Kafka has acknowledged all of it. Raises LogUnavailable.

        This is what answer_after = "kafka" waits for. A caller that gives up leaves it in the log.
        """
        future: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
        self._log.put(entry, Acknowledged(future, self._waiting))
        return await self._waiting.result_of(future)

    async def reached(self, position: Position) -> None:
        """Return once Kafka has acknowledged the record at `position`."""
        future: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
        self._waiting.hold(future, Appended(position, repeated=False))
        await self._waiting.result_of(future)

    @contextlib.asynccontextmanager
    async def running(self, meters: Meters) -> "AsyncIterator[Forwarder]":
        """Publish within this block."""
        self._meters = meters
        for reason in FAILURES:
            meters.counter("meetwire_forwarder_failures_total", reason=reason)
        self._position = await self._in_thread(self._place.read)
        self._waiting.tell(self._position)
        tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._keep_places())]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._keep_place()
            await asyncio.to_thread(self._threads.shutdown)

    def observe(self, meters: Meters) -> None:
        """Set the gauges; called when metrics are read."""
        meters.gauge("meetwire_forwarder_position").set(self._position - 1)
        meters.gauge("meetwire_forwarder_behind_records").set(max(0, self._log.next - self._position))
        meters.gauge("meetwire_forwarder_behind_seconds").set(self.behind_s())
        meters.gauge("meetwire_forwarder_connected").set(float(self._connected))

    async def _run(self) -> None:
        delays = backoff()
        while True:
            before = self._position
            try:
                await self._know_oldest()
                await self._connect_and_pump()
            except Exception as error:
                failure = meaning(error)
                if failure == "timeout":
                    # Over a slow way so much does not arrive in time, and would not the next time either.
                    self._round = max(1, min(self._round, self._log.next - self._position) // 4)
                self._failed(failure, error)
            else:
                continue
            if self._position > before:
                delays = backoff()
            await asyncio.sleep(next(delays))

    async def _connect_and_pump(self) -> None:
        """Publish until something fails. Returns where it was a record that is too large, and that is seen to."""
        try:
            if self._kafka.topics == "create" and not self._topics_made:
                await create_topics(self._kafka)
                self._topics_made = True
            async with connected(self._kafka, self._log.id) as publisher:
                self._connected = True
                if self._failure is None:
                    _LOG.info("forwarder.connected", position=self._position)
                elif self._position >= self._log.next:
                    self._recovered()
                await self._pump(publisher)
        except TooLarge as error:
            await self._take_out(error)
        finally:
            self._connected = False

    async def _pump(self, publisher: Publisher) -> None:
        packed: Round | None = None
        while True:
            packed = packed or await self._pack(publisher, self._position)
            self._note_oldest(packed.oldest_ms)
            following = None
            if self._log.next - packed.end >= ROUND and packed.end >= self._careful_until:
                # Far behind: make the next round ready while this one is on its way.
                async with sending(publisher, packed) as sent:
                    following = await self._pack(publisher, packed.end)
                    await sent
            else:
                # All that comes in meanwhile goes as one.
                await publisher.send(packed)
            self._acknowledged(packed.end)
            packed = following

    async def _pack(self, publisher: Publisher, position: Position) -> Round:
        careful = position < self._careful_until
        limit = min(self._round, _CAREFUL_ROUND) if careful else self._round
        if limit == ROUND and (early := await self._pack_early(publisher, position)) is not None:
            return early
        await self._log.news(position)
        chunk = self._log.recent(position, limit)
        if chunk is None:
            chunk = await self._read(position, limit)
        if chunk is None:  # pragma: no cover -- a record is there once the log has told of it
            raise RuntimeError("the log has records that its file does not show")
        if self._round < ROUND:
            chunk = Chunk(chunk.first, chunk.records[:limit], chunk.wraps[: 2 * limit])
        return await publisher.pack(chunk, alone=careful, leave_out=self._left_out)

    async def _pack_early(self, publisher: Publisher, position: Position) -> Round | None:
        """Pack what a commit puts at `position` while the disk still writes it; None where it is not what came to be.

        Whoever waits for Kafka waits the less.
        """
        expected = await self._log.expected(position)
        if expected is None:
            return None
        packed = await publisher.pack(expected, alone=False, leave_out=self._left_out)
        await self._log.news(position)
        if self._log.holds(expected):
            return packed
        publisher.take_back(packed)
        return None

    def _acknowledged(self, position: Position) -> None:
        self._position = position
        self._round = min(ROUND, self._round * 2)
        self._oldest_ms = self._oldest_ms if position < self._log.next else None
        self._log.release(position)
        if self._left_out:
            self._left_out = {left for left in self._left_out if left >= position}
        self._waiting.tell(position)
        if self._failure is not None:
            self._recovered()

    def _recovered(self) -> None:
        _LOG.info("forwarder.recovered", reason=self._failure, position=self._position)
        self._failure = None

    async def _know_oldest(self) -> None:
        """Learn the age of what waits, also while nobody can be connected to."""
        if self._oldest_ms is None and self._position < self._log.next:
            chunk = self._log.recent(self._position, 1) or await self._read(self._position, 1)
            self._note_oldest(chunk.records[0].received_ms if chunk else None)

    def _note_oldest(self, received_ms: int | None) -> None:
        self._oldest_ms = received_ms
        if self._tried[0] != self._position:
            self._tried = self._position, time.monotonic()

    async def _take_out(self, error: TooLarge) -> None:
        """Find the record that is too large by sending each alone; set it aside once it stands alone."""
        self._count("record_too_large")
        if error.first != error.last:
            self._careful_until = Position(error.last + 1)
            return
        position = Position(error.first)
        chunk = await self._read(position, 1)
        if chunk is None:  # pragma: no cover -- it was read from there a moment ago
            raise RuntimeError("the log has lost a record that was to be published")
        stored = Stored(self._log.id, position, chunk.records[0])
        try:
            await self._in_thread(lambda: self._refused.keep(stored))
        except OSError as full:
            raise CannotSetAside from full
        self._left_out.add(position)
        self._meters.counter("meetwire_forwarder_set_aside_total", reason="record_too_large").inc()
        _LOG.error("record.set_aside", reason="record_too_large", position=position)

    def _failed(self, failure: Failure, error: Exception) -> None:
        self._count(failure)
        now = time.monotonic()
        if failure != self._failure or now - self._said_at > _SAY_AGAIN_S:
            self._said_at = now
            _LOG.warning("forwarder.failed", reason=failure, kind=type(error).__name__, position=self._position)
        self._failure = failure

    def _count(self, failure: Failure) -> None:
        self._meters.counter("meetwire_forwarder_failures_total", reason=failure).inc()

    async def _keep_places(self) -> None:
        while True:
            await asyncio.sleep(_KEEP_EVERY_S)
            await self._keep_place()

    async def _keep_place(self) -> None:
        position = self._position
        if position != self._kept:
            with contextlib.suppress(OSError):  # a full disk: the place lags, and Kafka gets repeats after a crash
                await self._in_thread(lambda: self._place.write(position))
                self._kept = position

    async def _read(self, position: Position, limit: int) -> Chunk | None:
        return await self._in_thread(lambda: self._reader.read(position, limit))

    async def _in_thread(self, job: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, job)
