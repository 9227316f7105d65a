"""An archive in a local folder: whole and on disk, or not there; read-only once it has a name.

That is tamper-evident, not tamper-proof: whoever may write to the disk can delete and alter, and verification shows it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from ..errors import Misconfigured, StoreUnavailable
from . import Keep
from .files import Files
from .threads import Threads

_P = ParamSpec("_P")
_T = TypeVar("_T")

# An fsync waits for the disk, not for the processor: some go on at once.
_THREADS: Final = 4
_PAGE: Final = 1_000


class FolderStore:
    """The store at `address`, file:…. `open_folder` makes one."""

    def __init__(self, address: str, files: Files, threads: Threads) -> None:
        self._address, self._files, self._threads = address, files, threads

    @property
    def address(self) -> str:
        """How an operator wrote it."""
        return self._address

    async def put(self, key: str, content: bytes, *, keep: Keep | None = None) -> bool:
        """Store `content` unless there is something. A folder cannot refuse deletion: `keep` changes nothing."""
        return await self._run(self._files.put, key, content)

    async def put_file(self, key: str, path: Path, *, keep: Keep | None = None) -> bool:
        """The same with a file. It must never change again: what is stored may be the file itself, by a second name."""
        return await self._run(self._files.put_file, key, path)

    async def replace(self, key: str, content: bytes, *, keep: Keep | None = None) -> None:
        """Store `content`, whatever is there; `keep` changes nothing."""
        await self._run(self._files.replace, key, content)

    async def get(self, key: str, *, start: int = 0, length: int | None = None) -> bytes:
        """Return the content, or a part. Raises Missing."""
        return await self._run(self._files.get, key, start, length)

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the contents in one go: to change threads for each would cost more than to read it."""
        return await self._run(self._files.get_many, keys)

    async def keys(self, prefix: str, *, after: str = "") -> AsyncIterator[str]:
        """Yield keys in order. What is put meanwhile may be among them or not."""
        walk = self._files.keys(prefix, after)
        while page := await self._run(_page, walk):
            for key in page:
                yield key

    async def strange(self) -> AsyncIterator[str]:
        """Yield what others put there under names that are no keys, a folder with its slash."""
        walk = self._files.strange()
        while page := await self._run(_page, walk):
            for name in page:
                yield name

    async def delete(self, key: str) -> None:
        """Delete what is there."""
        await self._run(self._files.delete, key)

    async def hold(self, key: str, on: bool) -> None:
        """Do nothing but look: the ledger's holds are all there is. Raises Missing."""
        await self._run(self._files.require, key)

    async def close(self) -> None:
        """Wait for what runs, and let go of the folder. A second time does nothing."""
        await self._threads.close()
        await asyncio.to_thread(self._files.close)

    async def _run(self, call: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
        try:
            return await self._threads.run(call, *arguments, **named)
        except OSError as error:
            raise StoreUnavailable(f"{self._address}: {error.strerror or type(error).__name__}") from error


def _page(walk: Iterator[str]) -> list[str]:
    return list(islice(walk, _PAGE))


@contextlib.asynccontextmanager
async def open_folder(address: str, *, reading: bool = False) -> AsyncIterator[FolderStore]:
    """Give the store in a folder, file:…, which is made where it is missing.

    With `reading` nothing is made and nothing written: the folder may be on a read-only disk, and must be there.
    Raises Misconfigured where it cannot be.
    """
    threads = Threads(_THREADS, "meetwire-archive")
    try:
        files = await threads.run(Files, Path(address.removeprefix("file:")), reading=reading)
    except OSError as error:
        await threads.close()
        reason = error.strerror or type(error).__name__
        remedy = "name the folder of an archive" if reading else "name a folder that can be made and written to"
        raise Misconfigured(f"{address}: {reason}; {remedy}") from error
    store = FolderStore(address, files, threads)
    try:
        yield store
    finally:
        await store.close()
