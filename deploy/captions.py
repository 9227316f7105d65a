"""Put the captions archive together: its source, its dead letters, its settings. Alone, or beside the receiver."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

import msgspec
import structlog

from consumers.captions.errors import ArchiveError, Misconfigured
from consumers.captions.service import NAME, READING, archiving
from consumers.dead_letters import DeadLetters
from consumers.errors import ConsumerError
from consumers.runtime import Consumer
from consumers.sources import Source
from consumers.sources.kafka import KafkaSource
from consumers.sources.local import LocalSource, News
from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.ports import Sink
from schemas.settings import Captions, Root

from . import again
from .sinks import KafkaSink, ReceiverSink

_LOG: Final[Logger] = structlog.get_logger("meetwire.consumers")


class Parts(msgspec.Struct, frozen=True):
    """What an archive reads, and where its dead letters go; each opened anew with each start."""

    source: Callable[[], AbstractAsyncContextManager[Source]]
    sink: Callable[[], AbstractAsyncContextManager[Sink]]


def parts_of(root: Root, meters: Meters, *, use_log: bool, news: News | None = None, sink: Sink | None = None) -> Parts:
    """Return where an archive with these settings reads: Kafka where there is one, unless the log is asked for.

    `news` and `sink` are the log's own, where the receiver is in this process; else dead letters go by its socket.
    """
    kafka = root.kafka
    if kafka is not None and not use_log:
        return Parts(lambda: KafkaSource(kafka, READING, meters=meters, logger=_LOG), lambda: KafkaSink(kafka))
    folder = Path(root.log.folder)
    given = sink or ReceiverSink(folder)
    return Parts(
        lambda: LocalSource(folder, READING, meters=meters, logger=_LOG, news=news),
        lambda: contextlib.nullcontext(given),
    )


@contextlib.asynccontextmanager
async def opened(settings: Captions, parts: Parts, meters: Meters) -> AsyncIterator[Consumer]:
    """Yield the consumer, to be run. Raises SourceUnavailable, ArchiveError, OSError."""
    async with parts.source() as source, parts.sink() as sink:
        dead_letters = DeadLetters(NAME, sink, meters=meters, logger=_LOG)
        async with archiving(settings, source, dead_letters, meters=meters, logger=_LOG) as consumer:
            yield consumer


def beside(settings: Captions, parts: Parts, meters: Meters) -> AbstractAsyncContextManager[None]:
    """Run the archive within this block, and again after whatever ended it: the receiver does not end with it.

    Raises Misconfigured where the settings do not fit the archive that is there.
    """

    async def run(stop: asyncio.Event, begun: Callable[[], None]) -> None:
        async with opened(settings, parts, meters) as consumer:
            begun()
            await consumer.run(stop)

    return again.beside(again.Kind(NAME, (ConsumerError, ArchiveError, OSError), (Misconfigured,)), run)
