"""A real store that remembers what it was asked to hold, refuses what is locked, and can stop after so many writes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from consumers.captions.archive import Archive
from consumers.captions.errors import Locked, StoreUnavailable
from consumers.captions.life.access import AccessLog
from consumers.captions.stores import Keep, Store


class WatchedStore:
    """Another store; what is written through it is counted by `first`. tests/s3 shows what a real lock is like."""

    def __init__(self, store: Store, first: WatchedStore | None = None) -> None:
        self._store, self._first = store, first or self
        self.holds: set[str] = set()
        self.locked = ""
        """What is under keys that begin so cannot be deleted or replaced."""
        self._left: int | None = None
        self.writes = 0

    def stop_after(self, writes: int | None) -> None:
        """Take so many writes more, then be away until this is called again."""
        self._left = writes

    @property
    def address(self) -> str:
        """As the other has it."""
        return self._store.address

    async def put(self, key: str, content: bytes, *, keep: Keep | None = None) -> bool:
        """Count, and pass on."""
        self._count()
        return await self._store.put(key, content, keep=keep)

    async def put_file(self, key: str, path: Path, *, keep: Keep | None = None) -> bool:
        """Count, and pass on."""
        self._count()
        return await self._store.put_file(key, path, keep=keep)

    async def replace(self, key: str, content: bytes, *, keep: Keep | None = None) -> None:
        """Count, and pass on what is not locked."""
        self._refuse(key)
        self._count()
        await self._store.replace(key, content, keep=keep)

    async def get(self, key: str, *, start: int = 0, length: int | None = None) -> bytes:
        """Pass on."""
        return await self._store.get(key, start=start, length=length)

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """Pass on."""
        return await self._store.get_many(keys)

    def keys(self, prefix: str, *, after: str = "") -> AsyncIterator[str]:
        """Pass on."""
        return self._store.keys(prefix, after=after)

    async def delete(self, key: str) -> None:
        """Count, and pass on what is not locked."""
        self._refuse(key)
        self._count()
        await self._store.delete(key)

    def strange(self) -> AsyncIterator[str]:
        """Yield what is no key."""
        return self._store.strange()

    async def hold(self, key: str, on: bool) -> None:
        """Remember it. Raises Missing."""
        self._count()
        await self._store.hold(key, on)
        (self.holds.add if on else self.holds.discard)(key)

    async def close(self) -> None:
        """Pass on."""
        await self._store.close()

    def _count(self) -> None:
        if self._first is not self:
            self._first._count()
            return
        if self._left == 0:
            raise StoreUnavailable("stopped")
        self._left = None if self._left is None else self._left - 1
        self.writes += 1

    def _refuse(self, key: str) -> None:
        if self._first.locked and key.startswith(self._first.locked):
            raise Locked(f"{key}: locked")


class Watched(NamedTuple):
    """An archive, and its store."""

    archive: Archive
    store: WatchedStore


def watched(archive: Archive) -> Watched:
    """Return the archive with its stores watched, counting as one: ledger, access log and keys are among it."""
    store = WatchedStore(archive.store)
    archive.ledger._store = store
    if archive.seals is not None:
        archive.seals._keys._store = WatchedStore(archive.seals._keys._store, store)
    access = AccessLog(store, archive.key.salt_secret)
    return Watched(msgspec.structs.replace(archive, store=store, access=access), store)
