"""A folder or a bucket as a witness: checkpoints of an archive lie there under its name, by their size."""

from collections.abc import AsyncIterator
from typing import Final

from schemas.archive import checkpoint_key

from ..errors import Conflict
from ..stores import Store

# No ledger has so many entries: a key has twelve digits.
_MOST: Final = 10**12


class Place:
    """A witness that keeps files. `own` is where the ledger lies."""

    def __init__(self, store: Store, own: Store, name: str) -> None:
        self._store, self._own, self._name = store, own, name
        self._newest: int | None = None

    @property
    def address(self) -> str:
        """As the operator wrote it."""
        return self._store.address

    async def take(self, size: int, note: bytes) -> None:
        """Keep the checkpoint, unless there is a newer one of the same ledger."""
        newest = await self._look()
        if newest is not None:
            await self._compare(newest)
        if (newest is None or newest < size) and not await self._store.put(self._key(size), note):
            await self._compare(size)

    async def _look(self) -> int | None:
        """Return the size of the newest checkpoint there, whoever put it."""
        if self._newest is None:
            self._newest = await self._search()
        else:
            async for size in self._after(self._newest):
                self._newest = size
        return self._newest

    async def _search(self) -> int | None:
        """Find the newest by halving: there may be millions, and a list of them would take minutes."""
        low, high = 0, _MOST
        found: int | None = None
        while low < high:
            middle = (low + high) // 2
            first = await anext(self._after(middle - 1), None)
            if first is None:
                high = middle
            else:
                found, low = first, first + 1
        return found

    async def _compare(self, size: int) -> None:
        """Raise Conflict where the witness's checkpoint of this size is not the ledger's."""
        [ours] = await self._own.get_many([checkpoint_key(size)])
        [theirs] = await self._store.get_many([self._key(size)])
        if ours is None or ours != theirs:
            raise Conflict(f"{self.address}: {self._key(size)} is no checkpoint of this ledger")

    async def _after(self, size: int) -> AsyncIterator[int]:
        """Yield the sizes above `size`; what else lies there is passed over."""
        async for key in self._store.keys(f"{self._name}/", after=self._key(size) if size >= 0 else ""):
            last = key.rpartition("/")[2]
            if last.isdecimal() and key == self._key(int(last)):
                yield int(last)

    def _key(self, size: int) -> str:
        return f"{self._name}/{size:012d}"
