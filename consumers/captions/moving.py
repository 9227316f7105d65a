"""Store what the spool holds of another cluster: of the local log, once Kafka is read, or of a Kafka that was left.

Nothing more comes of it, so it is ended where it stands, and put into the store as evidence. Its meetings are not
closed from there: who moves from the log to Kafka has the log's records published there, and they are closed by these.
"""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from schemas.lines import Logger
from schemas.metrics import Meters

from .archive import Archive
from .evidence.memory import Memory
from .evidence.spool import Spool
from .evidence.storing import Storing
from .founding import found
from .trackers import Trackers

# Later than any window.
_END_MS: Final = 2**62


class Moving:
    """Looks for it once, and is done when all of it is in the store."""

    def __init__(
        self,
        archive: Archive,
        storing: Storing,
        *,
        topics: Sequence[str],
        meters: Meters,
        logger: Logger,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._archive, self._storing, self._topics = archive, storing, topics
        self._meters, self._logger, self._now, self._monotonic = meters, logger, now, monotonic
        self._left: list[str] | None = None

    async def store(self) -> None:
        """Store all there is. Raises ArchiveError and OSError; then what is not stored is there still."""
        spool = self._storing.spool
        if self._left is None:
            self._left = await asyncio.to_thread(_others, spool.folder, spool.cluster)
        while self._left:
            await self._store(self._left[0])
            del self._left[0]

    async def _store(self, cluster: str) -> None:
        ours, threads = self._storing.spool, self._storing.threads
        spool = await threads.run(Spool, ours.folder, cluster, ours.cut)
        for file in spool.damaged:
            hint = "a file of it is not what was written; the rest is stored, and nobody reads again what it held"
            self._logger.error("spool.damaged", file=f"{cluster}/{file}", hint=hint)
        try:
            await threads.run(spool.end, {partition: _END_MS for _, partition in spool.places()}, 0)
            stored = await self._put_all(spool)
        finally:
            await threads.run(spool.close)
        await asyncio.to_thread(shutil.rmtree, ours.folder / cluster)
        self._logger.info("spool.moved", cluster=cluster, segments=stored)

    async def _put_all(self, spool: Spool) -> int:
        pieces = await self._storing.threads.run(spool.closed)
        if not pieces:
            return 0
        await found(self._archive, self._storing, spool.cluster, self._now)
        trackers = await self._trackers(spool)
        for piece in pieces:
            index = await trackers.storing.put(piece, await trackers.before(piece))
            (await trackers.of(piece.partition)).add(piece.topic, index)
        await trackers.save()
        return len(pieces)

    async def _trackers(self, spool: Spool) -> Trackers:
        memory = await Memory.recall(self._storing.memory.path.with_name(spool.cluster), self._logger)
        return Trackers(
            self._archive.store,
            msgspec.structs.replace(self._storing, spool=spool, memory=memory),
            topics=self._topics,
            meters=self._meters,
            logger=self._logger,
            monotonic=self._monotonic,
        )


def _others(folder: Path, cluster: str) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name != cluster)
