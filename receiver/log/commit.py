"""Group commit: everything that waits becomes one transaction, written by one thread.

While a commit is on its way to the disk, what comes in waits for the next one. That one begins once a turn of the
event loop brought nothing more, within some milliseconds at the latest: so the more comes in, the more shares an
fdatasync, and what comes alone does not wait.
"""

import asyncio
import contextlib
import threading
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from queue import SimpleQueue
from typing import Final, Protocol, TypeVar

import structlog

from schemas.ids import LogId, Position
from schemas.lines import Logger
from schemas.metrics import Meters

from ..entry import Entry
from ..errors import LogUnavailable, Reason
from .checkpoint import Checkpoints
from .file import Committed, LogFile
from .fresh import Appended
from .room import RoomSeen
from .tail import Chunk, Tail

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")
_T = TypeVar("_T")


class Told(Protocol):
    """Who is told, in the loop's thread, what became of an entry: a future, say."""

    def done(self) -> bool:
        """Return whether nobody waits any more."""
        ...

    def set_result(self, result: Appended, /) -> None:
        """All of it is on disk, or stands there already."""
        ...

    def set_exception(self, exception: LogUnavailable, /) -> None:
        """It is not."""
        ...


_Waiting = tuple[Entry, Told]

# One commit at most: it bounds the row, the memory of the writer and how long the next one waits.
MAX_ENTRIES: Final = 1_000
MAX_BYTES: Final = 4_194_304
# The forwarder that is so near has the records from memory, and what is around them too: the file need not hold that.
_NEAR: Final = 2_000
GATHER_S: Final = 0.003


class Log(Protocol):
    """The only way out of the webhook; tests hand in one that keeps a list, behind the same contract suite."""

    async def append(self, entry: Entry) -> Appended:
        """Return once all of `entry` is on disk, or stands there already. Raises LogUnavailable where it is not."""
        ...


class SqliteLog:
    """The log of this process. Made by `opened`, closed at the end of its block.

    A commit begins within `gather_s` although each turn of the event loop brings more.
    """

    def __init__(self, file: LogFile, meters: Meters, *, gather_s: float) -> None:
        self._file = file
        self._gather_s = gather_s
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Waiting] = deque()
        self._writing = self._planned = self._closed = self._ended = False
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="meetwire-log", daemon=True)
        self._tail = Tail()
        self._next = file.next
        self._released = Position(0)
        self._failing: Reason | None = None
        self._news = asyncio.Event()
        self._commits = meters.counter("meetwire_log_commits_total")
        self._seconds = meters.histogram("meetwire_log_commit_seconds")
        self._failures = {reason: meters.counter("meetwire_log_failures_total", reason=reason) for reason in _REASONS}
        self._position = meters.gauge("meetwire_log_position")
        self._position.set(self._next - 1)
        self._room = RoomSeen(meters)
        self._checkpoints = Checkpoints(file.folder, lambda: self._jobs.put(self._bring_over))
        self._meters = meters

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(cls, file: LogFile, meters: Meters, *, gather_s: float = GATHER_S) -> "AsyncIterator[SqliteLog]":
        """Yield the log; at the end finish what waits, then close the file."""
        log = cls(file, meters, gather_s=gather_s)
        log._thread.start()
        try:
            await log.run(LogFile.leave_checkpoints)
            yield log
        finally:
            await log.close()

    @property
    def id(self) -> LogId:
        """The log's own name, in every record's headers."""
        return self._file.id

    @property
    def next(self) -> Position:
        """The position that the next record gets."""
        return self._next

    @property
    def failing(self) -> Reason | None:
        """Why the last commit failed; None while commits succeed."""
        return self._failing

    @property
    def is_tight(self) -> bool:
        """Whether the disk has so little room that what can be missed best is to be given up."""
        return self._room.is_tight

    async def probe(self) -> None:
        """See whether the disk takes writes again. Raises LogUnavailable where it does not."""
        await self.run(lambda file: file.probe())
        self._recovered()

    async def append(self, entry: Entry) -> Appended:
        """Return once `entry` is on disk. Raises LogUnavailable."""
        future: asyncio.Future[Appended] = self._loop.create_future()
        self.put(entry, future)
        return await future

    def put(self, entry: Entry, told: Told) -> None:
        """Have `entry` appended, and `told` told. Raises LogUnavailable once closed."""
        if self._closed:
            raise LogUnavailable("log_closed")
        self._waiting.append((entry, told))
        if not self._planned and not self._writing:
            self._plan()

    async def run(self, job: Callable[[LogFile], _T]) -> _T:
        """Run `job` in the writer's thread, between two commits. Raises what it raises; LogUnavailable once closed."""
        if self._ended:
            raise LogUnavailable("log_closed")
        future: asyncio.Future[_T] = self._loop.create_future()
        self._jobs.put(lambda: self._run(job, future))
        return await future

    async def news(self, after: Position) -> None:
        """Return once there is a record at `after` or later."""
        while self._next <= after:
            self._news.clear()
            await self._news.wait()

    def recent(self, position: Position, limit: int) -> Chunk | None:
        """Return about `limit` records from `position` on, if memory holds them; None: read them from the file."""
        return self._tail.recent(position, limit)

    def release(self, position: Position) -> None:
        """Let go of what memory holds before `position`: Kafka has it."""
        self._released = position
        self._tail.release(position)

    async def close(self) -> None:
        """Write what waits, refuse what comes, close the file."""
        self._closed = True
        while self._waiting or self._writing or self._planned:
            await self.run(lambda _: None)
        self._ended = True
        await self._checkpoints.close()
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._file.close)

    def _plan(self) -> None:
        self._planned = True
        self._loop.call_soon(self._gather, 0, time.perf_counter() + self._gather_s)

    def _gather(self, had: int, latest: float) -> None:
        """Begin a commit, unless the turn of the event loop that is over brought more: then the next may as well."""
        if len(self._waiting) > had and time.perf_counter() < latest:
            self._loop.call_soon(self._gather, len(self._waiting), latest)
        else:
            self._begin()

    def _begin(self) -> None:
        self._planned = False
        batch: list[_Waiting] = []
        size = 0
        while self._waiting and len(batch) < MAX_ENTRIES and size < MAX_BYTES:
            waiting = self._waiting.popleft()
            batch.append(waiting)
            size += sum(len(record.value) for record in waiting[0].records)
        self._writing = True
        is_behind = self._next - self._released > _NEAR
        self._jobs.put(lambda: self._write(batch, keep_wraps=is_behind))

    def _write(self, batch: list[_Waiting], *, keep_wraps: bool) -> None:
        """Commit one batch, in the writer's thread."""
        started = time.perf_counter()
        outcome: Committed | Exception
        try:
            outcome = self._file.write(
                [entry for entry, _ in batch], time.time_ns() // 1_000_000, keep_wraps=keep_wraps
            )
        except Exception as error:
            outcome = error
        self._loop.call_soon_threadsafe(self._written, batch, outcome, time.perf_counter() - started)

    def _written(self, batch: list[_Waiting], outcome: Committed | Exception, seconds: float) -> None:
        """Tell those who waited, in the loop's thread."""
        self._writing = False
        self._seconds.observe(seconds)
        self._room.see(self._file.room)
        if isinstance(outcome, Committed):
            self._recovered()
            self._keep(outcome)
            for (_, told), appended in zip(batch, outcome.appended, strict=True):
                if not told.done():
                    told.set_result(appended)
        else:
            reason = outcome.reason if isinstance(outcome, LogUnavailable) else "log_failed"
            self._fail(reason, outcome)
            for _, told in batch:
                if not told.done():
                    told.set_exception(LogUnavailable(reason))
        if self._waiting:
            self._plan()
        if self._file.wal_is_long:
            self._checkpoints.begin()

    def _fail(self, reason: Reason, error: Exception) -> None:
        self._failures[reason].inc()
        if self._failing != reason:
            self._failing = reason
            cause = error.__cause__ or error
            _LOG.error("log.failed", reason=reason, kind=type(cause).__name__)

    def _recovered(self) -> None:
        if self._failing is not None:
            _LOG.info("log.recovered", reason=self._failing)
            self._failing = None

    def _keep(self, committed: Committed) -> None:
        self._commits.inc()
        if not committed.records:
            return
        self._next = Position(committed.first + len(committed.records))
        self._position.set(self._next - 1)
        for topic, count in Counter(record.topic for record in committed.records).items():
            self._meters.counter("meetwire_log_records_total", topic=topic).inc(count)
        self._tail.add(Chunk(committed.first, committed.records, committed.wraps))
        self._news.set()

    def _run(self, job: Callable[[LogFile], _T], future: "asyncio.Future[_T]") -> None:
        try:
            result = job(self._file)
        except Exception as error:
            self._loop.call_soon_threadsafe(_fail, future, error)
        else:
            self._loop.call_soon_threadsafe(_succeed, future, result)

    def _bring_over(self) -> None:
        with contextlib.suppress(LogUnavailable):  # the next commit fails for the same reason, and says so
            self._file.bring_over()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()


_REASONS: Final[tuple[Reason, ...]] = ("disk_full", "log_failed", "log_closed")


def _succeed(future: "asyncio.Future[_T]", result: _T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: "asyncio.Future[_T]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
