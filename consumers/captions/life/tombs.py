"""Write down what is to be erased, and find what was written down and is not done."""

from hashlib import sha256
from typing import Final

import msgspec

from schemas.archive.statements import Erased
from schemas.archive.tombstones import TOMBSTONES, Tombstone, done_key, tombstone_key

from ..archive import Archive
from ..errors import Altered
from .past import standing

_DECODER: Final = msgspec.json.Decoder(Tombstone)


async def put_tombstone(archive: Archive, tombstone: Tombstone) -> tuple[str, str]:
    """Write a tombstone; return its key and its SHA-256. It stays for good, locked or not."""
    content = msgspec.json.encode(tombstone)
    digest = sha256(content).hexdigest()
    key = tombstone_key(tombstone.occurrence, digest)
    await archive.store.put(key, content)
    return key, digest


async def unfinished(archive: Archive) -> list[Erased]:
    """Return what the ledger says is erased and is not carried out, by the tombstones' keys.

    A tombstone that the ledger does not name is of a command that was interrupted, or refused: nothing follows from it.
    """
    keys = {key async for key in archive.store.keys(TOMBSTONES)}
    pending = sorted(key for key in keys if key.endswith(".json") and done_key(key) not in keys)
    said = (await standing(archive)).erased if pending else {}
    return [said[key] for key in pending if key in said]


async def read_tombstone(archive: Archive, said: Erased) -> Tombstone:
    """Return the tombstone that the ledger names. Raises Missing, and Altered where it is another one."""
    content = await archive.store.get(said.tombstone)
    if sha256(content).hexdigest() != said.sha256:
        raise Altered(f"{said.tombstone}: not the tombstone that the ledger names")
    return _DECODER.decode(content)


async def put_done(archive: Archive, key: str) -> None:
    """Write down that the tombstone at `key` is carried out."""
    await archive.store.put(done_key(key), b"")
