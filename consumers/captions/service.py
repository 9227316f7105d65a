"""The captions archive as it runs: source, spool, store and the work beside them, opened and closed in order."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.settings import Captions
from schemas.topics import CAPTIONS, LIFECYCLE, PARTICIPANTS, SPEAKERS, STATE, TopicName

from ..dead_letters import DeadLetters
from ..decoding import undecoded
from ..runtime import Consumer
from ..sources import Reading, Source
from .archive import Archive, opened, refuse_unsealed
from .closing import Closing
from .errors import ArchiveError, Misconfigured
from .evidence.cut import Cut
from .evidence.line import salting
from .evidence.memory import Memory
from .evidence.owning import DRAFTS, Owning
from .evidence.spool import Spool
from .evidence.storing import Storing
from .evidence.trust import Trust
from .evidence.vouching import Vouching
from .handler import CaptionsHandler, Keeping
from .keeping import Work
from .policy import Policy
from .stores.threads import Threads
from .witness.copying import witnessing
from .writing import Writing

NAME: Final = "captions"
TOPICS: Final[tuple[TopicName, ...]] = (LIFECYCLE, STATE, PARTICIPANTS, SPEAKERS, CAPTIONS)
# One fsync for all of them; a source gives what it has, so this makes nobody wait.
BATCH: Final = 4_000

READING: Final = Reading(consumer=NAME, topics=frozenset(TOPICS), group=NAME, repeats=True)


@contextlib.asynccontextmanager
async def archiving(
    settings: Captions,
    source: Source,
    dead_letters: DeadLetters,
    *,
    meters: Meters,
    logger: Logger,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncIterator[Consumer]:
    """Yield the consumer, to be run; `source` reads as READING says.

    Raises ArchiveError where the archive cannot be opened, OSError for files that the settings name.
    """
    async with contextlib.AsyncExitStack() as stack:
        keeping = await stack.enter_async_context(_spooling(settings, source.cluster))
        archive = await stack.enter_async_context(opened(settings, lenient=True))
        await refuse_unsealed(archive)
        policy = Policy(settings)
        salt = salting(archive.key.salt_secret)
        writing = Writing(policy, salt, archive.seals)
        trust = Trust(archive.store, Vouching(archive.key.vouch_secret), salt)
        storing = await _storing(archive, trust, keeping, meters, logger)
        closing = Closing(archive, trust, meters=meters, logger=logger, now=now)
        copy = await stack.enter_async_context(witnessing(settings, archive.store, meters=meters, logger=logger))
        work = Work(
            archive,
            keeping,
            storing,
            closing,
            topics=TOPICS,
            generation=lambda: source.generation,
            copy=copy,
            meters=meters,
            logger=logger,
            now=now,
        )
        # What a witness did not get before the last end, it gets now.
        await work.signing.show()
        task = await stack.enter_async_context(_beside(work))
        handler = CaptionsHandler(
            keeping,
            writing,
            source.has,
            most_bytes=settings.spool_bytes,
            failed=lambda: task.result() if task.done() else None,
            meters=meters,
        )
        yield Consumer(
            NAME,
            source,
            handler,
            dead_letters,
            meters=meters,
            logger=logger,
            batch=BATCH,
            decoding=undecoded,
            held=handler.held,
            looked=handler.looked,
        )


@contextlib.asynccontextmanager
async def _spooling(settings: Captions, cluster: str) -> AsyncIterator[Keeping]:
    threads = Threads(1, "meetwire-spool")
    cut = Cut(span_ms=int(settings.segment_s * 1_000), most_bytes=settings.segment_bytes)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(threads.close)
        try:
            owning = await threads.run(Owning, Path(settings.spool_folder))
            stack.push_async_callback(threads.run, owning.close)
            spool = await threads.run(Spool, _spool_folder(settings), cluster, cut)
            stack.push_async_callback(threads.run, spool.close)
        except OSError as error:
            raise Misconfigured(f"captions.spool_folder {settings.spool_folder}: {error.strerror}") from error
        yield Keeping(spool, threads)


async def _storing(archive: Archive, trust: Trust, keeping: Keeping, meters: Meters, logger: Logger) -> Storing:
    settings = archive.settings
    return Storing(
        spool=keeping.spool,
        threads=keeping.threads,
        store=archive.store,
        seals=archive.seals,
        trust=trust,
        memory=await Memory.recall(Path(settings.spool_folder) / "put" / keeping.spool.cluster, logger),
        drafts=Path(settings.spool_folder) / DRAFTS,
        retention=None if settings.object_lock == "off" else timedelta(days=settings.retention_days),
        meters=meters,
        logger=logger,
    )


@contextlib.asynccontextmanager
async def _beside(work: Work) -> AsyncIterator[asyncio.Task[None]]:
    """Run the work; at the end keep what it knows, if the store is there."""
    task = asyncio.create_task(work.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        with contextlib.suppress(ArchiveError):
            await work.finish()


def _spool_folder(settings: Captions) -> Path:
    return Path(settings.spool_folder) / "open"
