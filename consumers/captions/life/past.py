"""Read what the ledger says, as far as it goes, and no entry twice: each is checked to be the archive's own.

Data are destroyed by what stands there, so whoever can write to the store and has not the signing key must not be able
to have a hold removed, or a meeting erased, by putting an entry.
"""

import asyncio
from collections.abc import Sequence
from typing import Final
from weakref import WeakKeyDictionary

from schemas.archive import entry_key
from schemas.archive.statements import Statement

from ..archive import Archive
from ..errors import Altered
from ..proof.entries import check_entry, entries, statement
from ..proof.ledger import Ledger
from ..proof.note import VerifierKey
from .holding import Standing

_AT_ONCE: Final = 1_000
# As long as the ledger is open; several tasks may ask.
_KNOWN: Final[WeakKeyDictionary[Ledger, tuple[Standing, asyncio.Lock]]] = WeakKeyDictionary()


async def standing(archive: Archive) -> Standing:
    """Return what stands now. Raises Altered where an entry is not signed by the archive's key."""
    known, lock = _KNOWN.setdefault(archive.ledger, (Standing(), asyncio.Lock()))
    key = archive.key.verifier(archive.settings.name)
    async with lock:
        first, notes = known.count, list[bytes]()
        async for note in entries(archive.store, first):
            notes.append(note)
            if len(notes) == _AT_ONCE:
                known.take(await asyncio.to_thread(_checked, notes, first, key), first)
                first, notes = known.count, []
        known.take(await asyncio.to_thread(_checked, notes, first, key), first)
    return known


def _checked(notes: Sequence[bytes], first: int, key: VerifierKey) -> list[Statement]:
    found = []
    for index, note in enumerate(notes, first):
        try:
            check_entry(note, index, key)
        except Altered as error:
            raise Altered(f"{entry_key(index)}: {error}") from error
        found.append(statement(note, index))
    return found
