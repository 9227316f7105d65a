"""A store that ends, or is away, at the n-th write: before it, or after it was done."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from consumers.captions.errors import StoreUnavailable
from consumers.captions.stores import Keep, Store


class Interrupted(BaseException):
    """What a kill looks like from within: nothing catches it."""


class Failing:
    """A store that fails once; implements Store. Several stores may count together."""

    def __init__(self, store: Store, plan: Plan) -> None:
        self._store, self._plan = store, plan

    @property
    def address(self) -> str:
        """The store's."""
        return self._store.address

    async def put(self, key: str, content: bytes, *, keep: Keep | None = None) -> bool:
        """Put, or fail."""
        self._plan.before()
        done = await self._store.put(key, content, keep=keep)
        self._plan.after()
        return done

    async def put_file(self, key: str, path: Path, *, keep: Keep | None = None) -> bool:
        """Put, or fail."""
        self._plan.before()
        done = await self._store.put_file(key, path, keep=keep)
        self._plan.after()
        return done

    async def replace(self, key: str, content: bytes, *, keep: Keep | None = None) -> None:
        """Replace, or fail."""
        self._plan.before()
        await self._store.replace(key, content, keep=keep)
        self._plan.after()

    async def delete(self, key: str) -> None:
        """Delete, or fail."""
        self._plan.before()
        await self._store.delete(key)
        self._plan.after()

    async def get(self, key: str, *, start: int = 0, length: int | None = None) -> bytes:
        """Get."""
        return await self._store.get(key, start=start, length=length)

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """Get many."""
        return await self._store.get_many(keys)

    def keys(self, prefix: str, *, after: str = "") -> AsyncIterator[str]:
        """Yield keys."""
        return self._store.keys(prefix, after=after)

    def strange(self) -> AsyncIterator[str]:
        """Yield what is no key."""
        return self._store.strange()

    async def hold(self, key: str, on: bool) -> None:
        """Hold."""
        await self._store.hold(key, on)

    async def close(self) -> None:
        """Close."""
        await self._store.close()


class Plan:
    """When to fail: at write `at` (from 1; 0: never), done or not, for good or as a store that is away once."""

    def __init__(self, at: int, *, done: bool = False, away: bool = False) -> None:
        self._at, self._done, self._away = at, done, away
        self.writes = 0

    def before(self) -> None:
        """Count a write, and fail where it is not to be done."""
        self.writes += 1
        if self.writes == self._at and not self._done:
            self._fail()

    def after(self) -> None:
        """Fail where it was to be done."""
        if self.writes == self._at and self._done:
            self._fail()

    def _fail(self) -> None:
        if self._away:
            raise StoreUnavailable("the store: away")
        raise Interrupted
