"""Open an archive as its settings say: all that the service and the commands work on, as one thing.

It opens nothing for writing that another process could not write at the same time, and refuses settings that do not fit
the archive that is there.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from schemas.settings import Captions

from .finding.catalogue import Catalogue
from .life.access import AccessLog
from .life.sealing import Sealing, load_sealing
from .proof.key import SigningKey
from .proof.ledger import Ledger
from .stores import Store
from .stores.opened import opened as opened_store


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """An archive that is open."""

    settings: Captions
    store: Store
    key: SigningKey
    ledger: Ledger
    seals: Sealing | None
    """None: nothing is encrypted."""
    access: AccessLog
    catalogue: Catalogue

    def __repr__(self) -> str:
        """Show where it lies."""
        return f"<Archive {self.store.address}>"


@contextlib.asynccontextmanager
async def opened(settings: Captions) -> AsyncIterator[Archive]:
    """Give the archive. Raises Misconfigured, Altered, StoreUnavailable, and OSError for `index_file`."""
    async with contextlib.AsyncExitStack() as stack:
        key = await asyncio.to_thread(SigningKey.load_or_make, Path(settings.signing_key_file))
        store = await stack.enter_async_context(opened_store(settings, settings.store))
        ledger = await Ledger.open(store, key, settings.name, memory=Path(settings.spool_folder) / "checkpoint")
        yield Archive(
            settings=settings,
            store=store,
            key=key,
            ledger=ledger,
            seals=await stack.enter_async_context(sealing(settings)),
            access=AccessLog(store, key.salt_secret),
            catalogue=await stack.enter_async_context(Catalogue(Path(settings.index_file))),
        )


@contextlib.asynccontextmanager
async def sealing(settings: Captions) -> AsyncIterator[Sealing | None]:
    """Give what seals and opens, where the settings have a master key. Raises Misconfigured."""
    if settings.encryption_key_file is None:
        yield None
        return
    async with opened_store(settings, settings.keys_store) as keys:
        # Under the archive's name, not the cluster's: an archive outlives the move from one machine to Kafka.
        yield await asyncio.to_thread(load_sealing, keys, Path(settings.encryption_key_file), settings.name)
