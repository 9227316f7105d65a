"""Group commit: everything that waits becomes one transaction, written by one thread.

While a commit is on its way to the disk, what comes in waits for the next one. That one begins once a turn of the
event loop brought nothing more, within some milliseconds at the latest: so the more comes in, the more shares an
fdatasync, and what comes alone does not wait.
"""

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from queue import SimpleQueue
from typing import Final, TypeVar

from schemas.ids import LogId, Position
from schemas.metrics import Meters

from ..entry import Entry
from ..errors import LogUnavailable, Reason
from .checkpoint import Checkpoints
from .file import LogFile
from .fresh import Appended, Committed
from .outcomes import Outcomes
from .port import Told
from .room import RoomSeen
from .tail import Chunk, Tail

_T = TypeVar("_T")
_Waiting = tuple[Entry, Told]

# One commit at most: it bounds the row, the memory of the writer and how long the next one waits.
MAX_ENTRIES: Final = 1_000
MAX_BYTES: Final = 4_194_304
# The forwarder that is so near has the records from memory, and makes what is around them while the disk writes: the
# file need not hold that.
_NEAR: Final = 2_000
GATHER_S: Final = 0.003


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
        self._news = asyncio.Event()
        self._expecting: asyncio.Future[Chunk | None] | None = None
        self._outcomes = Outcomes(meters, self._next)
        self._room = RoomSeen(meters)
        self._checkpoints = Checkpoints(file.folder, lambda: self._jobs.put(self._bring_over))

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
        return self._outcomes.failing

    @property
    def is_tight(self) -> bool:
        """Whether the disk has so little room that what can be missed best is to be given up."""
        return self._room.is_tight

    async def probe(self) -> None:
        """See whether the disk takes writes again. Raises LogUnavailable where it does not."""
        await self.run(lambda file: file.probe())
        self._outcomes.succeeded()

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

    async def expected(self, position: Position) -> Chunk | None:
        """Return what a commit that is under way puts at `position`, if all goes well; None: records stand there.

        For one at a time, and for `position` the next. So what comes after the commit is made ready while the disk
        writes; `holds` tells whether all went well.
        """
        if self._next > position:
            return None
        self._expecting = self._loop.create_future()
        try:
            return await self._expecting
        finally:
            self._expecting = None

    def holds(self, expected: Chunk) -> bool:
        """Whether what was expected is what was committed. False also where memory has let go of it."""
        return self._tail.holds(expected)

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
            for record in waiting[0].records:
                size += len(record.value)
        self._writing = True
        is_behind = self._next - self._released > _NEAR
        begun = None if self._expecting is None else self._begun
        self._jobs.put(lambda: self._write(batch, keep_wraps=is_behind, begun=begun))

    def _begun(self, chunk: Chunk) -> None:
        """Say what is being written, in the writer's thread."""
        self._loop.call_soon_threadsafe(self._answer_expecting, chunk)

    def _answer_expecting(self, chunk: Chunk | None) -> None:
        if self._expecting is not None and not self._expecting.done():
            self._expecting.set_result(chunk)

    def _write(self, batch: list[_Waiting], *, keep_wraps: bool, begun: Callable[[Chunk], object] | None) -> None:
        """Commit one batch, in the writer's thread."""
        started = time.perf_counter()
        outcome: Committed | Exception
        try:
            entries = [entry for entry, _ in batch]
            outcome = self._file.write(entries, time.time_ns() // 1_000_000, keep_wraps=keep_wraps, begun=begun)
        except Exception as error:
            outcome = error
        self._loop.call_soon_threadsafe(self._written, batch, outcome, time.perf_counter() - started)

    def _written(self, batch: list[_Waiting], outcome: Committed | Exception, seconds: float) -> None:
        """Tell those who waited, in the loop's thread."""
        self._writing = False
        self._outcomes.took(seconds)
        self._room.see(self._file.room)
        if isinstance(outcome, Committed):
            self._outcomes.committed(outcome)
            self._keep(outcome.chunk)
            for (_, told), appended in zip(batch, outcome.appended, strict=True):
                if not told.done():
                    told.set_result(appended)
        else:
            reason = outcome.reason if isinstance(outcome, LogUnavailable) else "log_failed"
            self._outcomes.failed(reason, outcome)
            for _, told in batch:
                if not told.done():
                    told.set_exception(LogUnavailable(reason))
        if self._waiting:
            self._plan()
        if self._file.wal_is_long:
            self._checkpoints.begin()

    def _keep(self, chunk: Chunk) -> None:
        if chunk.records:
            self._next = chunk.end
            self._tail.add(chunk)
            self._answer_expecting(None)
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


def _succeed(future: "asyncio.Future[_T]", result: _T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: "asyncio.Future[_T]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
