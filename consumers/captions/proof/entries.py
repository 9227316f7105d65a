"""Entries of the ledger: how one is written, checked, and read from the store.

An entry is a signed note of two lines, its index and the statement's JSON: so nobody without the signing key can add
one, or have another process sign a checkpoint over it; nor can an entry be used again at another place. The bytes of
the whole note are what the tree over the ledger hashes. Under a checkpoint an entry needs no check of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

import msgspec

from schemas.archive import CHECKPOINTS, entry_key
from schemas.archive.statements import Statement

from ..errors import Altered
from ..stores import Store
from ..stores.names import is_key
from .note import VerifierKey, claimed, opened, signed

_DECODER: Final[msgspec.json.Decoder[Statement]] = msgspec.json.Decoder(Statement)
# So many objects are asked for at once: enough to hide a remote store's delay, few enough for its limits.
_AT_ONCE: Final = 64
_CHECKED_AT_ONCE: Final = 1_000


def entry(said: Statement, index: int, key: VerifierKey, sign: Callable[[bytes], bytes]) -> bytes:
    """Return entry `index`, which says `said`."""
    return signed(f"{index}\n{msgspec.json.encode(said).decode()}\n", key, sign)


def check_entry(note: bytes, index: int, key: VerifierKey) -> None:
    """Raise Altered unless `key` signed this as entry `index`."""
    place = opened(note, key).partition("\n")[0]
    if place != str(index):
        raise Altered(f"it was signed as entry {place}")


def statement(note: bytes, index: int) -> Statement:
    """Return what entry `index` says, which nobody has checked. Raises Altered where it says nothing."""
    try:
        return _DECODER.decode(claimed(note).partition("\n")[2])
    except (Altered, msgspec.DecodeError) as error:
        raise Altered(f"{entry_key(index)}: it is no statement") from error


async def entries(store: Store, start: int = 0) -> AsyncIterator[bytes]:
    """Yield the entries from `start` on, up to the first that is not there. Raises StoreUnavailable."""
    width = 1
    while True:
        for note in await fetched(store, [entry_key(start + more) for more in range(width)]):
            if note is None:
                return
            yield note
        start, width = start + width, min(width * 2, _AT_ONCE)


async def signed_statements(store: Store, start: int, key: VerifierKey) -> AsyncIterator[list[Statement]]:
    """Yield what the entries from `start` on say, in their order, some at a time. Raises Altered, StoreUnavailable.

    Each is checked to be signed by `key` as what it is: whoever can write to the store could have put one since the
    last was read, or another one in the place of what was read.
    """
    notes: list[bytes] = []
    async for note in entries(store, start):
        notes.append(note)
        if len(notes) == _CHECKED_AT_ONCE:
            yield await asyncio.to_thread(_checked, notes, start, key)
            start, notes = start + len(notes), []
    yield await asyncio.to_thread(_checked, notes, start, key)


def _checked(notes: Sequence[bytes], first: int, key: VerifierKey) -> list[Statement]:
    found = []
    for index, note in enumerate(notes, first):
        try:
            check_entry(note, index, key)
        except Altered as error:
            raise Altered(f"{entry_key(index)}: {error}") from error
        found.append(statement(note, index))
    return found


async def newest_checkpoint(store: Store, after: str = "") -> bytes | None:
    """Return the note with the largest size in its name, of those whose keys sort after `after`."""
    last = None
    async for key in store.keys(CHECKPOINTS, after=after):
        last = key
    return None if last is None else await store.get(last)


async def fetched(store: Store, keys: Sequence[str]) -> list[bytes | None]:
    """Return what lies under `keys`, in their order; None where there is nothing, as under what is no key."""
    found = dict.fromkeys(filter(is_key, keys))
    found.update(zip(found, await store.get_many(list(found)), strict=True))
    return [found.get(key) for key in keys]
