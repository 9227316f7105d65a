"""The archive as it runs, driven by hand: records in, one step of the work after another, a clock that stands still."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import structlog

from consumers.captions.archive import Archive
from consumers.captions.closing import Closing
from consumers.captions.evidence.cut import Cut
from consumers.captions.evidence.line import salting
from consumers.captions.evidence.memory import Memory
from consumers.captions.evidence.spool import Spool
from consumers.captions.evidence.storing import Storing
from consumers.captions.evidence.trust import Trust
from consumers.captions.evidence.vouching import Vouching
from consumers.captions.finding.catalogue import Catalogue
from consumers.captions.handler import CaptionsHandler, Keeping
from consumers.captions.keeping import Work
from consumers.captions.life.access import AccessLog
from consumers.captions.life.sealing import Sealing, load_sealing
from consumers.captions.policy import Policy
from consumers.captions.proof.key import SigningKey
from consumers.captions.proof.ledger import Ledger
from consumers.captions.service import TOPICS
from consumers.captions.stores import Store
from consumers.captions.stores.opened import opened
from consumers.captions.stores.threads import Threads
from consumers.captions.writing import Writing
from consumers.handler import Received
from consumers.sources import Lag
from deploy.meters import PrometheusMeters
from schemas.ids import Position
from schemas.record import Stored
from schemas.settings import Captions

from ..records import record
from .life.building import LOG, Happened

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MASTER = "bWVldHdpcmUgbWVldHdpcmUgbWVldHdpcmUgbWVldCE="


def settings(folder: Path, **options: Any) -> Captions:
    """Return settings of an archive below a folder, with short segments."""
    given = {
        "store": f"file:{folder}/archive",
        "keys_store": f"file:{folder}/keys",
        "spool_folder": f"{folder}/spool",
        "index_file": f"{folder}/index.sqlite",
        "signing_key_file": f"{folder}/archive.key",
        "segment_s": 120.0,
        **options,
    }
    return Captions(**given)


def stored(happened: Iterable[Happened], *, first: int = 1, partition: int = 0) -> list[Stored]:
    """Return records as a log has them: by the time at which they were received."""
    in_order = sorted(happened, key=lambda one: one.at)
    return [
        Stored(
            LOG,
            Position(position),
            record(one.event, key=one.key, topic=one.topic, partition=partition, received_at=one.at),
        )
        for position, one in enumerate(in_order, first)
    ]


class Running:
    """An archive with all its parts."""

    def __init__(
        self, archive: Archive, keeping: Keeping, memory: Memory, meters: PrometheusMeters, has: Callable[..., bool]
    ) -> None:
        self.archive, self.keeping, self.meters = archive, keeping, meters
        options = archive.settings
        salt = salting(archive.key.salt_secret)
        self.trust = Trust(archive.store, Vouching(archive.key.vouch_secret), salt)
        self.clock = 1_000.0
        storing = Storing(
            spool=keeping.spool,
            threads=keeping.threads,
            store=archive.store,
            seals=archive.seals,
            trust=self.trust,
            memory=memory,
            drafts=Path(options.spool_folder) / "drafts",
            retention=None if options.object_lock == "off" else timedelta(days=options.retention_days),
            meters=meters,
            logger=structlog.get_logger(),
        )
        self.copied: list[bytes] = []
        self.generation = 0
        self.work = Work(
            archive,
            keeping,
            storing,
            Closing(archive, self.trust, meters=meters, logger=structlog.get_logger(), now=lambda: NOW),
            topics=TOPICS,
            generation=lambda: self.generation,
            copy=self._copy,
            meters=meters,
            logger=structlog.get_logger(),
            now=lambda: NOW,
            monotonic=lambda: self.clock,
        )
        self.handler = CaptionsHandler(
            keeping,
            Writing(Policy(options), salt, archive.seals),
            has,
            most_bytes=options.spool_bytes,
            failed=lambda: None,
            meters=meters,
        )
        self.done = 0

    async def take(self, records: Sequence[Stored], *, batch: int = 100) -> None:
        """Have the handler take records, and the work do what it can after each batch; note what may be committed."""
        for start in range(0, len(records), batch):
            part = records[start : start + batch]
            await self.handler.handle([Received(one, None) for one in part])
            self.handler.looked(Lag(0, 0.0))
            await self.work.step()
            self.done = min([part[-1].offset + 1, *self.handler.held().values()])

    async def _copy(self, note: bytes) -> None:
        self.copied.append(note)


@contextlib.asynccontextmanager
async def running(
    options: Captions,
    *,
    wrapped: Callable[[Store], Store] = lambda store: store,
    has: Callable[..., bool] = lambda *_: True,
    cluster: str = LOG,
) -> AsyncIterator[Running]:
    """Give an archive that runs, over a store that a test may wrap."""
    async with contextlib.AsyncExitStack() as stack:
        archive = await stack.enter_async_context(_opened(options, wrapped))
        threads = Threads(1, "spool")
        stack.push_async_callback(threads.close)
        cut = Cut(span_ms=int(options.segment_s * 1_000), most_bytes=options.segment_bytes)
        spool = await threads.run(Spool, Path(options.spool_folder) / "open", cluster, cut)
        stack.push_async_callback(threads.run, spool.close)
        memory = await Memory.recall(Path(options.spool_folder) / "put" / cluster, structlog.get_logger())
        yield Running(archive, Keeping(spool, threads), memory, PrometheusMeters(), has)


@contextlib.asynccontextmanager
async def _opened(options: Captions, wrapped: Callable[[Store], Store]) -> AsyncIterator[Archive]:
    async with contextlib.AsyncExitStack() as stack:
        key = await asyncio.to_thread(SigningKey.load_or_make, Path(options.signing_key_file))
        store = wrapped(await stack.enter_async_context(opened(options, options.store)))
        seals: Sealing | None = None
        if options.encryption_key_file is not None:
            keys = wrapped(await stack.enter_async_context(opened(options, options.keys_store)))
            seals = await asyncio.to_thread(load_sealing, keys, Path(options.encryption_key_file), options.name)
        yield Archive(
            settings=options,
            store=store,
            key=key,
            ledger=await Ledger.open(
                store, key, options.name, memory=Path(options.spool_folder) / "checkpoint", lenient=True
            ),
            seals=seals,
            access=AccessLog(store, key.salt_secret),
            catalogue=await stack.enter_async_context(Catalogue(Path(options.index_file))),
        )


async def contents(store: Store) -> dict[str, bytes]:
    """Return all that lies in a store, but for what is only remembered there."""
    keys = [key async for key in store.keys("") if not key.endswith(".standing")]
    return {key: await store.get(key) for key in keys}


def shown(store_contents: dict[str, bytes]) -> list[str]:
    """Return the kinds of things there are, for a message."""
    return sorted(store_contents)


__all__ = ["MASTER", "NOW", "Running", "contents", "msgspec", "running", "settings", "shown", "stored"]
