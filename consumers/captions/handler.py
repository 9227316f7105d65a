"""Keep every record as evidence: on disk before its batch is done, in the store before the source is told.

Meetings are not looked at here. What follows from the segments (indexes, meetings that are over, their files) goes on
beside it, in `keeping`, and neither waits for the other, but for a spool that is full.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from schemas.metrics import Meters
from schemas.record import Stored

from ..errors import SinkUnavailable
from ..handler import Received
from ..sources import Held, Lag
from .errors import StoreUnavailable
from .evidence.piece import Entry
from .evidence.spool import Spool
from .stores.threads import Threads
from .writing import Writing

Has = Callable[[str, int], bool]
"""Whether a topic's partition comes to this reader, as Source.has says."""

_LOOK_S: Final = 0.2


class Keeping:
    """The spool as several tasks share it: used in one thread, and what is asked of it often is kept at hand."""

    def __init__(self, spool: Spool, threads: Threads) -> None:
        self.spool, self.threads = spool, threads
        self.held: Held = spool.held()
        self.size = spool.size
        # There is something that the store could have by now.
        self.is_waiting = bool(spool.closed())
        # By partition number, the time of the last record that was read of it.
        self.clocks: dict[int, int] = {}
        self.lag: Lag | None = None
        self.news = asyncio.Event()

    async def look(self) -> None:
        """Bring what is kept at hand to what is."""
        spool = self.spool
        self.held, self.size, self.is_waiting = await self.threads.run(
            lambda: (spool.held(), spool.size, bool(spool.closed()))
        )


class CaptionsHandler:
    """Implements Handler. `failed` raises what ended the work beside it, if that has ended."""

    takes_unknown = True

    def __init__(
        self,
        keeping: Keeping,
        writing: Writing,
        has: Has,
        *,
        most_bytes: int,
        failed: Callable[[], None],
        meters: Meters,
    ) -> None:
        self._keeping, self._writing, self._has = keeping, writing, has
        self._most_bytes, self._failed = most_bytes, failed
        self._spooled = meters.gauge("meetwire_captions_spool_bytes")

    async def handle(self, batch: Sequence[Received]) -> None:
        """Return once each record is on disk. Raises SinkUnavailable where disk or store do not take it."""
        records = self._ours(batch)
        try:
            entries = await self._entries(records)
            await self._keeping.threads.run(self._take, entries)
            await self._keeping.look()
            self._failed()
            # Only for the store: what is open goes nowhere before more is read.
            while self._keeping.size > self._most_bytes and self._keeping.is_waiting:
                self._keeping.news.set()
                await asyncio.sleep(_LOOK_S)
                await self._keeping.look()
                self._failed()
        except StoreUnavailable as error:
            raise SinkUnavailable(str(error)) from error
        except OSError as error:
            raise SinkUnavailable(f"captions.spool_folder: {error.strerror or type(error).__name__}") from error
        self._spooled.set(self._keeping.size)
        self._note(records)

    async def close(self) -> None:
        """Do nothing: who made the spool closes it."""

    def held(self) -> Held:
        """Return from where on the source must give again what comes, if this disk is lost."""
        return self._keeping.held

    def looked(self, lag: Lag) -> None:
        """Hear how far behind the source is: what nothing comes after can be closed where nothing is behind."""
        self._keeping.lag = lag
        self._keeping.news.set()

    def _ours(self, batch: Sequence[Received]) -> list[Stored]:
        has: dict[tuple[str, int], bool] = {}
        records = []
        for one in batch:
            record = one.stored.record
            place = (record.topic, record.partition)
            if place not in has:
                has[place] = self._has(*place)
            if has[place]:
                records.append(one.stored)
        return records

    async def _entries(self, records: Sequence[Stored]) -> list[Entry]:
        while True:
            await self._writing.ready(records)
            try:
                return await self._keeping.threads.run(self._writing.entries, records)
            except LookupError:
                # A data key was erased in between: the next is made ready.
                continue

    def _take(self, entries: Sequence[Entry]) -> None:
        spool = self._keeping.spool
        for topic, partition in spool.places():
            if not self._has(topic, partition):
                # Another replica has it, and reads again what is not committed.
                spool.drop(topic, partition)
        spool.take(entries)

    def _note(self, records: Sequence[Stored]) -> None:
        for one in records:
            self._keeping.clocks[one.record.partition] = one.record.received_ms
        self._keeping.news.set()
