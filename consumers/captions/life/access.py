"""The access log: who searched, read, exported, held or erased, one object an entry, each naming the hash of the last.

An entry is put on the condition that its place is free: of several who write at once, who loses takes the next place
and names the winner's hash. What the entries say cannot be changed, nor one taken out, without the chain showing it;
and the ledger says now and then how long the chain was and how it ended (AccessSealed), so that cutting off its end
shows too, up to the last such statement.
It never holds what was searched for, only a keyed hash of it.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from schemas.archive import ACCESS, access_key
from schemas.archive.access import Access
from schemas.archive.statements import AccessSealed

from ..errors import Altered, Missing
from ..proof.ledger import Ledger
from ..stores import Store
from .ends import count_from

FIRST: Final = "0" * 64
_DECODER: Final = msgspec.json.Decoder(Access)


def _now() -> datetime:
    return datetime.now(UTC)


class AccessLog:
    """One archive's. `secret`: any of the archive's own, for the hash of what was searched for."""

    def __init__(self, store: Store, secret: bytes, now: Callable[[], datetime] = _now) -> None:
        self._store, self._secret, self._now = store, secret, now
        self._entries, self._head = 0, FIRST
        self._lock = asyncio.Lock()

    async def note(
        self, *, who: str, what: str, occurrences: Sequence[str] = (), asked: str | None = None, result: str = "done"
    ) -> None:
        """Write down what somebody did, or was refused; durable when this returns."""
        async with self._lock:
            while True:
                await self._catch_up()
                entry = self._entry(who, what, sorted(occurrences), asked, result)
                if await self._store.put(access_key(self._entries), msgspec.json.encode(entry)):
                    return

    async def seal(self, ledger: Ledger) -> None:
        """Have the ledger say how long the log is and how it ends, unless it says so already."""
        async with self._lock:
            await self._catch_up()
            if self._entries:
                await ledger.append([AccessSealed(at=self._now(), entries=self._entries, head=self._head)])

    async def _catch_up(self) -> None:
        count = await count_from(self._store, access_key, self._entries)
        if count > self._entries:
            content = await self._store.get(access_key(count - 1))
            self._entries, self._head = count, hashlib.sha256(content).hexdigest()

    def _entry(self, who: str, what: str, occurrences: list[str], asked: str | None, result: str) -> Access:
        return Access(
            index=self._entries,
            at=self._now(),
            who=who,
            what=what,
            occurrences=occurrences,
            asked_sha256=None if asked is None else self._hash(asked),
            result=result,
            previous=self._head,
        )

    def _hash(self, asked: str) -> str:
        """Return a hash that tells nothing without the secret; the same words differ from entry to entry."""
        return hmac.digest(self._secret, f"asked\0{self._entries}\0{asked}".encode("utf-8", "replace"), "sha256").hex()


def linked(key: str, content: bytes, index: int, previous: str) -> Access:
    """Return entry `index` as it lies at `key`, after one with the hash `previous`. Raises Altered. Pure."""
    try:
        entry = _DECODER.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Altered(f"{key}: no entry of the access log") from None
    if key != access_key(index) or entry.index != index:
        raise Altered(f"{key}: entry {index} of the access log is missing")
    if entry.previous != previous:
        raise Altered(f"{key}: does not follow the entry before it, one of the two was altered")
    return entry


def verified(entries: Sequence[tuple[str, bytes]], sealed: AccessSealed | None) -> str:
    """Return the chain's hash at its end, of all `entries` (key and content). Raises Altered. Pure.

    `sealed`: what the ledger said last of the access log.
    """
    head, heads = FIRST, {0: FIRST}
    for index, (key, content) in enumerate(entries):
        linked(key, content, index, head)
        head = heads[index + 1] = hashlib.sha256(content).hexdigest()
    if sealed is not None and heads.get(sealed.entries) != sealed.head:
        raise Altered(
            f"the access log has {len(entries)} entries and is not the one that the ledger sealed at {sealed.entries}"
        )
    return head


async def read(store: Store) -> list[tuple[str, bytes]]:
    """Return all entries as they lie, for `verified`."""
    found = []
    async for key in store.keys(ACCESS):
        try:
            found.append((key, await store.get(key)))
        except Missing:
            raise Altered(f"{key}: went while it was read") from None
    return found
