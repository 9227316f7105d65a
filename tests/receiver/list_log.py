"""The log's fake: it keeps a list, and passes the suite that the real one passes (log_contract.py)."""

from __future__ import annotations

import asyncio

from receiver.entry import Entry
from receiver.errors import LogUnavailable
from receiver.log import Appended
from schemas.ids import Position
from schemas.record import Record


class ListLog:
    """Appends to `records`; refuses while `refuses` is set, and lets nobody through between `hold` and `release`."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.refuses: LogUnavailable | None = None
        self._waiting = 0
        self._waits = asyncio.Event()
        self._free = asyncio.Event()
        self._free.set()
        self._seen: dict[tuple[int, bytes], Position] = {}

    async def append(self, entry: Entry) -> Appended:
        """Return where the entry stands."""
        await self._pass()
        if self.refuses is not None:
            raise self.refuses
        key = (entry.seen.at_ms, entry.seen.id) if entry.seen else None
        if key in self._seen:
            return Appended(self._seen[key], repeated=True)
        self.records += entry.records
        position = Position(len(self.records))
        if key is not None:
            self._seen[key] = position
        return Appended(position, repeated=False)

    def hold(self) -> None:
        """Let everyone wait from now on, as a disk does that hangs."""
        self._free.clear()

    def release(self) -> None:
        """Let them through."""
        self._free.set()

    async def holds(self, count: int) -> None:
        """Return once so many wait."""
        while self._waiting < count:
            self._waits.clear()
            await self._waits.wait()

    async def _pass(self) -> None:
        self._waiting += 1
        self._waits.set()
        try:
            # A turn of the loop at least: the real one never answers in the turn that asks.
            await asyncio.sleep(0)
            await self._free.wait()
        finally:
            self._waiting -= 1
