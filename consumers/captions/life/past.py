"""Read what the ledger says, as far as it goes, and no entry twice: each is checked to be the archive's own.

Data are destroyed by what stands there, so whoever can write to the store and has not the signing key must not be able
to have a hold removed, or a meeting erased, by putting an entry.
"""

import asyncio
from typing import Final
from weakref import WeakKeyDictionary

from ..archive import Archive
from ..proof.entries import signed_statements
from ..proof.ledger import Ledger
from .holding import Standing

# As long as the ledger is open; several tasks may ask.
_KNOWN: Final[WeakKeyDictionary[Ledger, tuple[Standing, asyncio.Lock]]] = WeakKeyDictionary()


async def standing(archive: Archive) -> Standing:
    """Return what stands now. Raises Altered where an entry is not signed by the archive's key."""
    known, lock = _KNOWN.setdefault(archive.ledger, (Standing(), asyncio.Lock()))
    key = archive.key.verifier(archive.settings.name)
    async with lock:
        first = known.count
        async for said in signed_statements(archive.store, first, key):
            known.take(said, first)
            first += len(said)
    return known
