"""Open an archive as its settings say: all that the service and the commands work on, as one thing.

It opens nothing for writing that another process could not write at the same time, and refuses settings that do not fit
the archive that is there.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import msgspec

from schemas.archive import EVIDENCE, MEETINGS
from schemas.archive.keys import KEYS
from schemas.settings import Captions

from .errors import Misconfigured, NoArchive
from .evidence.line import salting
from .evidence.trust import Trust
from .evidence.vouching import Vouching
from .finding.catalogue import Catalogue
from .life.access import AccessLog
from .life.sealing import Sealing, load_sealing
from .proof.key import SigningKey
from .proof.ledger import Ledger
from .stores import Store
from .stores.opened import opened as opened_store

_FOLDER: Final = "file:"
_SEALED: Final = b'{"line":"sealed",'
# What only an archive has, the first of it from its beginning on.
_SIGNS: Final = ("ledger/", EVIDENCE, MEETINGS)
# Slashes in a segment's key.
_PARTS: Final = 4


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
async def opened(settings: Captions, *, lenient: bool = False, existing: bool = False) -> AsyncIterator[Archive]:
    """Give the archive; `lenient` as Ledger.open has it. With `existing` none is begun, and no key is made.

    Raises Misconfigured, Altered, StoreUnavailable, and OSError for `index_file`.
    """
    if existing and not await is_begun(settings):
        raise NoArchive(await asyncio.to_thread(_none_in, settings.store))
    load_key = SigningKey.load if existing else SigningKey.load_or_make
    async with contextlib.AsyncExitStack() as stack:
        key = await asyncio.to_thread(load_key, Path(settings.signing_key_file))
        store = await stack.enter_async_context(opened_store(settings, settings.store))
        memory = Path(settings.spool_folder) / "checkpoint"
        ledger = await Ledger.open(store, key, settings.name, memory=memory, lenient=lenient)
        yield Archive(
            settings=settings,
            store=store,
            key=key,
            ledger=ledger,
            seals=await stack.enter_async_context(sealing(settings, existing=existing)),
            access=AccessLog(store, key.salt_secret),
            catalogue=await stack.enter_async_context(Catalogue(Path(settings.index_file))),
        )


async def is_begun(settings: Captions) -> bool:
    """Whether an archive was begun in the store; nothing is made. Raises Misconfigured, StoreUnavailable."""
    # A bucket is never made; opened to be written, it says more of what is wrong with it.
    reading = settings.store.startswith(_FOLDER)
    try:
        async with opened_store(settings, settings.store, reading=reading) as store:
            for sign in _SIGNS:
                if await anext(aiter(store.keys(sign)), None) is not None:
                    return True
    except Misconfigured as error:
        if not reading or not isinstance(error.__cause__, FileNotFoundError):
            raise
    return False


def _none_in(store: str) -> str:
    """Say that there is none, and where that is: most often it was looked for in the wrong folder."""
    if not store.startswith(_FOLDER):
        return f"there is no archive in {store}"
    path = Path(store.removeprefix(_FOLDER))
    why = "" if path.is_absolute() else ", where captions.store leads from the folder that this runs in"
    return f"there is no archive in {_FOLDER}{path.absolute()}{why}"


@contextlib.asynccontextmanager
async def sealing(settings: Captions, *, existing: bool = False) -> AsyncIterator[Sealing | None]:
    """Give what seals and opens, where the settings have a master key. Raises Misconfigured.

    With `existing` no folder is made for the keys: without the keys that are there, what is kept would pass for erased.
    """
    if settings.encryption_key_file is None:
        yield None
        return
    if existing:
        await asyncio.to_thread(_require_folder, settings.keys_store)
    async with opened_store(settings, settings.keys_store) as keys:
        # Under the archive's name, not the cluster's: an archive outlives the move from one machine to Kafka.
        yield await asyncio.to_thread(load_sealing, keys, Path(settings.encryption_key_file), settings.name)


def trust_in(archive: Archive) -> Trust:
    """Return what knows which segments are the archive's own, by the ledger as it was read last."""
    trust = Trust(archive.store, Vouching(archive.key.vouch_secret), salting(archive.key.salt_secret))
    trust.heed(archive.ledger.vouched)
    trust.is_lost = archive.ledger.is_lost
    return trust


def _require_folder(keys_store: str) -> None:
    path = Path(keys_store.removeprefix(_FOLDER))
    if keys_store.startswith(_FOLDER) and not path.exists():
        raise Misconfigured(f"keys_store {_FOLDER}{path.absolute()}: there is none here")


async def refuse_unsealed(archive: Archive) -> None:
    """Refuse to go on with an archive that was sealed so far without a master key: what comes would lie open.

    Raises Misconfigured, StoreUnavailable.
    """
    if archive.seals is None and (await _has_keys(archive.settings) or await _is_sealed(archive)):
        raise Misconfigured(
            f"{archive.store.address} is sealed: captions.encryption_key_file is needed, else what comes would lie "
            "open. To keep it unsealed, begin another archive, with another store, name and keys_store"
        )


async def _has_keys(settings: Captions) -> bool:
    try:
        async with opened_store(settings, settings.keys_store, reading=True) as keys:
            return await anext(aiter(keys.keys(KEYS)), None) is not None
    except Misconfigured:
        # A folder that is not there: nothing was ever sealed with it.
        return False


async def _is_sealed(archive: Archive) -> bool:
    """Whether the first line of ours, of captions as a rule, is sealed: keys_store may be another one by now.

    Where segments are vouched for, what somebody else put decides nothing.
    """
    trust = trust_in(archive)
    async for key in archive.store.keys(EVIDENCE):
        if key.endswith(".jsonl") and (not archive.ledger.vouched or await _is_ours(trust, key)):
            return (await archive.store.get(key, length=len(_SEALED))) == _SEALED
    return False


async def _is_ours(trust: Trust, key: str) -> bool:
    if await trust.vouched_index(key) is not None:
        return True
    _, cluster, *_, partition, _ = key.split("/") if key.count("/") == _PARTS else [""] * 5
    return partition.isdecimal() and trust.knows(cluster) and trust.is_old(key)
