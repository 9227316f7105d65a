"""The catalogue: which meetings there are and what was said in them, in one SQLite file with a full-text index.

It is derived: whoever deletes it loses nothing, `keeping.catch_up` makes it anew. It is as secret as the archive, so it
is its owner's alone to read. What is forgotten is in the file no more: not in its index, not in its free pages.

Every text has one number, and the numbers rise with the time at which it was said. The index gives its hits by number,
so the newest come first without sorting, and a span of time is a span of numbers.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from schemas.archive.cues import Cue
from schemas.archive.manifest import Manifest

from ..errors import StoreUnavailable
from . import rows, search, tables
from .asked import Asked, Hit, Meeting, Said
from .rows import Version
from .unread import Unread, unread

_T = TypeVar("_T")


class Catalogue:
    """One file, opened by this process; others may have it open too. SQLite works in a thread of its own here.

    Every method raises StoreUnavailable where the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread: Final = ThreadPoolExecutor(1, "meetwire-catalogue")
        self._connection: sqlite3.Connection | None = None

    async def __aenter__(self) -> Self:
        """Open or make it. One of another version, or one that is damaged, is made anew, empty. Raises OSError."""
        self._connection = await self._do(lambda: tables.opened(self._path))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        await self._do(lambda: self._open.close())
        self._thread.shutdown(wait=False)

    @property
    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise RuntimeError("the catalogue is entered before it is used")
        return self._connection

    async def add(self, key: str, manifest: Manifest, cues: Sequence[Cue]) -> None:
        """Have an occurrence's version, in place of what is there of it; a lower version than that changes nothing.

        `key` is the manifest's.
        """
        await self.add_all([Version(key, manifest, cues)])

    async def add_all(self, versions: Sequence[Version]) -> None:
        """The same for many at once, which is much faster."""
        await self._do(lambda: rows.add(self._open, versions))

    async def forget(self, occurrence: str) -> None:
        """Have nothing of an occurrence, nor any byte of its words in the file. Takes seconds where it is large."""
        await self._do(lambda: rows.forget(self._open, occurrence))

    async def has(self, occurrence: str) -> bool:
        """Say whether it has any version of an occurrence."""
        return await self._do(lambda: rows.has(self._open, occurrence))

    async def beginning(self, digits: str) -> list[str]:
        """Return the occurrences whose IDs begin with `digits`, two of them at the most."""
        return await self._do(lambda: search.beginning(self._open, digits))

    async def clear(self) -> None:
        """Have nothing at all, as if it was new, and no byte of what was there."""
        await self._do(lambda: tables.clear(self._open))

    async def position(self) -> int:
        """Return how many entries of the ledger are in it."""
        return await self._do(lambda: rows.position(self._open))

    async def stand(self, before: int, position: int, tried: Mapping[str, Unread | None]) -> None:
        """Say that the first `position` entries of the ledger are in it, but for those of `tried` that are unread.

        `before`: the position from which they were read; where it is another by now, others know better, and nothing
        changes. `tried` is by occurrence; None: there is nothing more to read of it.
        """
        await self._do(lambda: rows.stand(self._open, before, position, tried))

    async def unread(self) -> list[Unread]:
        """Return what the ledger keeps and could not be read, first what was not tried for the longest."""
        return await self._do(lambda: unread(self._open))

    async def search(self, asked: Asked) -> list[Hit]:
        """Return what fits, the newest first. Raises NothingAsked where there is no word in what is asked."""
        return await self._do(lambda: search.hits(self._open, asked))

    async def meetings(self, asked: Asked) -> list[Meeting]:
        """Return the occurrences that fit (enterprise, meeting_id, occurrence, since, until), the newest first."""
        return await self._do(lambda: search.meetings(self._open, asked))

    async def said(self, occurrence: str, first: int, last: int) -> list[Said]:
        """Return the cues from `first` to `last` of an occurrence."""
        return await self._do(lambda: search.said(self._open, occurrence, first, last))

    async def _do(self, work: Callable[[], _T]) -> _T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except sqlite3.Error as error:
            raise StoreUnavailable(f"index_file {self._path}: {error}") from None
