"""Read the ledger as it lies in the store, with no key: entries in order, and the newest checkpoint."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec

from schemas.archive import CHECKPOINTS, entry_key
from schemas.archive.statements import Statement

from ..errors import Altered, Missing
from ..stores import Store

_DECODER: Final[msgspec.json.Decoder[Statement]] = msgspec.json.Decoder(Statement)
# So many objects are asked for at once: enough to hide a remote store's delay, few enough for its limits.
_AT_ONCE: Final = 64


async def entries(store: Store, start: int = 0) -> AsyncIterator[bytes]:
    """Yield the entries from `start` on, up to the first that is not there. Raises StoreUnavailable."""
    width = 1
    while True:
        for entry in await fetched(store, [entry_key(start + more) for more in range(width)]):
            if entry is None:
                return
            yield entry
        start, width = start + width, min(width * 2, _AT_ONCE)


async def statements(store: Store, start: int = 0) -> list[Statement]:
    """Return what the entries from `start` on say, in their order. Raises Altered and StoreUnavailable."""
    said: list[Statement] = []
    async for entry in entries(store, start):
        said.append(statement(entry, start + len(said)))
    return said


def statement(entry: bytes, index: int) -> Statement:
    """Return what entry `index` says. Raises Altered."""
    try:
        return _DECODER.decode(entry)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Altered(f"{entry_key(index)}: it is no statement") from error


async def newest_checkpoint(store: Store, after: str = "") -> bytes | None:
    """Return the note with the largest size in its name, of those whose keys sort after `after`."""
    last = None
    async for key in store.keys(CHECKPOINTS, after=after):
        last = key
    return None if last is None else await store.get(last)


async def fetched(store: Store, keys: Sequence[str]) -> list[bytes | None]:
    """Return what lies under `keys`, in their order; None where there is nothing."""
    return list(await asyncio.gather(*(_fetched(store, key) for key in keys)))


async def _fetched(store: Store, key: str) -> bytes | None:
    try:
        return await store.get(key)
    except Missing:
        return None
