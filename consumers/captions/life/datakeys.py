"""Data keys in their store: made once, shared by all replicas, shrunk by erasures, wrapped anew.

A version of a key is put only where there is none, and then those before it are deleted: whoever loses begins again
with what the winner put. So two replicas seal under one key, and no one who wraps keys anew brings back one that was
erased meanwhile. Interrupted between the two, both versions are there: the older one is deleted by whoever runs the
same again.
"""

import os
from collections.abc import AsyncIterator, Callable
from typing import Final

import msgspec

from schemas.archive.keys import KEYS, WrappedKey, key_prefix, key_version

from ..errors import Altered, Missing
from ..stores import Store
from .cipher import KEY_BYTES
from .held_keys import DataKey, Whole
from .master import MasterKeys

_DECODER: Final = msgspec.json.Decoder(WrappedKey)


class DataKeys:
    """The keys in `store`, wrapped by `master`."""

    def __init__(self, store: Store, master: MasterKeys) -> None:
        self._store, self._master = store, master

    async def find(self, key_id: str) -> DataKey | None:
        """Return the key, for opening, or None where there never was one. One request, as a rule.

        While a change is amid its two steps this can be the key as it was before.
        """
        try:
            content = await self._store.get(key_version(key_id, 0))
        except Missing:
            return await self.current(key_id)
        return self._master.unwrapped(key_id, _decoded(key_id, content))

    async def current(self, key_id: str) -> DataKey | None:
        """Return the newest version of the key: what is sealed has to be under that."""
        found = await self._newest(key_id)
        return None if found is None else self._master.unwrapped(key_id, found[1])

    async def found_or_made(self, key_id: str) -> DataKey:
        """Return the key, made where there was none; of several who make it at once all have the first one's."""
        if (found := await self.current(key_id)) is not None:
            return found
        made = Whole(os.urandom(KEY_BYTES))
        if await self._put(key_id, 0, made):
            return made
        found = await self.current(key_id)
        if found is None:
            raise Altered(f"data key {key_id} was there and is not")
        return found

    async def change(self, key_id: str, to: Callable[[DataKey], DataKey]) -> None:
        """Have what `to` makes of the key stand in its place; when this returns no older version is there."""
        while (found := await self._newest(key_id)) is not None:
            version, stored = found
            before = self._master.unwrapped(key_id, stored)
            after = to(before)
            if after == before and self._master.is_current(stored):
                return await self._drop(key_id, version)
            if await self._put(key_id, version + 1, after):
                return await self._drop(key_id, version + 1)
        return None

    async def rewrap(self) -> int:
        """Wrap every key by the first master key; return how many there are."""
        count = 0
        async for key_id in self._all():
            await self.change(key_id, _as_it_is)
            count += 1
        return count

    async def _newest(self, key_id: str) -> tuple[int, WrappedKey] | None:
        while versions := await self._versions(key_id):
            try:
                content = await self._store.get(key_version(key_id, versions[-1]))
            except Missing:
                # A newer one came, and this one went, between the two requests.
                continue
            return versions[-1], _decoded(key_id, content)
        return None

    async def _versions(self, key_id: str) -> list[int]:
        return [int(key.rpartition(".")[2]) async for key in self._store.keys(key_prefix(key_id))]

    async def _put(self, key_id: str, version: int, key: DataKey) -> bool:
        content = msgspec.json.encode(self._master.wrapped(key_id, key))
        return await self._store.put(key_version(key_id, version), content)

    async def _drop(self, key_id: str, below: int) -> None:
        # Those too that are not listed any more: who deleted one may have ended amid it.
        for version in range(below):
            await self._store.delete(key_version(key_id, version))

    async def _all(self) -> AsyncIterator[str]:
        last = ""
        async for key in self._store.keys(KEYS):
            key_id = key.rpartition("/")[2].partition(".")[0]
            if key_id != last:
                yield key_id
            last = key_id


def _as_it_is(key: DataKey) -> DataKey:
    return key


def _decoded(key_id: str, content: bytes) -> WrappedKey:
    try:
        return _DECODER.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Altered(f"data key {key_id} is no wrapped key") from None
