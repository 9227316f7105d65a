"""Put the dashboard together: its sources, its desks, its settings. Alone, or beside the receiver."""

import asyncio
import contextlib
import importlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

import msgspec
import structlog

from consumers.dashboard.following import NAME, Opens
from consumers.dashboard.service import Dashboarding, Desks, dashboarding
from consumers.errors import ConsumerError
from consumers.sources import PlacedSource, Reading
from consumers.sources.local import LocalSource, News
from consumers.sources.placed import PlacedKafkaSource
from schemas.desk import AlertDesk
from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.secret import Secret
from schemas.settings import Dashboard, Root

from . import again

_LOG: Final[Logger] = structlog.get_logger("meetwire.consumers")


class Parts(msgspec.Struct, frozen=True):
    """Where a dashboard reads, and what it is handed."""

    opens: Opens
    is_dense: bool
    """Kafka's offsets count within a partition."""
    desks: Callable[[], AbstractAsyncContextManager[Desks]]


def parts_of(
    root: Root, meters: Meters, *, use_log: bool, news: News | None = None, alerts: AlertDesk | None = None
) -> Parts:
    """Return where a dashboard with these settings reads: Kafka where there is one, unless the log is asked for.

    `news` is the log's own, and `alerts` the desk of the process that decides, where these are in this process.
    """
    kafka, folder = root.kafka, Path(root.log.folder)
    if kafka is None or use_log:

        def local(reading: Reading) -> AbstractAsyncContextManager[PlacedSource]:
            return LocalSource(folder, reading, meters=meters, logger=_LOG, news=news)

        return Parts(local, False, lambda: _desks(root, alerts))

    def cluster(reading: Reading) -> AbstractAsyncContextManager[PlacedSource]:
        return PlacedKafkaSource(kafka, reading, meters=meters, logger=_LOG)

    return Parts(cluster, True, lambda: _desks(root, alerts))


@contextlib.asynccontextmanager
async def opened(settings: Dashboard, parts: Parts, meters: Meters) -> AsyncIterator[Dashboarding]:
    """Yield a dashboard that serves, to be run. Raises RollUnreadable, OSError."""
    async with (
        parts.desks() as desks,
        dashboarding(settings, parts.opens, is_dense=parts.is_dense, desks=desks, meters=meters, logger=_LOG) as made,
    ):
        yield made


@contextlib.asynccontextmanager
async def beside(settings: Dashboard, parts: Parts, meters: Meters) -> AsyncIterator[Dashboarding]:
    """Run the dashboard within this block, and read on after whatever ended that: the receiver does not end with it."""
    async with opened(settings, parts, meters) as made:

        async def run(stop: asyncio.Event, begun: Callable[[], None]) -> None:
            begun()
            await made.run(stop)

        async with again.beside(again.Kind(NAME, (ConsumerError, OSError)), run):
            yield made


def address_of(settings: Dashboard, made: Dashboarding) -> str:
    """Return what people type."""
    if settings.public_url is not None:
        return settings.public_url
    host, port = made.address
    shown = f"[{host}]" if ":" in host else host
    return f"{'http' if settings.tls_certificate_file is None else 'https'}://{shown}:{port}"


def welcome(settings: Dashboard, made: Dashboarding) -> str | None:
    """Return the one-time link with which the first administrator is made; None where there is somebody already.

    To be printed, and never logged: whoever has it may come in.
    """
    return None if made.link is None else f"{address_of(settings, made)}/first?link={made.link}"


def _elsewhere(root: Root) -> tuple[str, Secret] | None:
    """Return where alerts are decided in another process, and the token for it; None where nobody said."""
    shown, qos = root.dashboard, root.qos
    if shown is not None and shown.alerts_url is not None and shown.alerts_token is not None:
        return shown.alerts_url, shown.alerts_token
    if qos is None or qos.listen is None:
        return None
    # No host listens on every address: then this machine's own is one of them.
    return f"http://{'127.0.0.1' if qos.listen.startswith(':') else ''}{qos.listen}", qos.tokens[0]


@contextlib.asynccontextmanager
async def _desks(root: Root, alerts: AlertDesk | None) -> AsyncIterator[Desks]:
    """Give the desks that this installation has; each that cannot be opened is left out, and said."""
    async with contextlib.AsyncExitStack() as stack:
        there = _elsewhere(root) if alerts is None else None
        if there is not None:
            await asyncio.to_thread(importlib.import_module, "consumers.qos.desk.client")
            from consumers.qos.desk.client import asking

            alerts = await stack.enter_async_context(asking(*there))
        archive = None
        if root.captions is not None:
            # In a thread: so many modules, some of which read files, would hold up the event loop.
            await asyncio.to_thread(importlib.import_module, ".desks.archive", __package__)
            from .desks.archive import archive_desk

            archive = await stack.enter_async_context(archive_desk(root.captions))
        yield Desks(alerts=alerts, archive=archive)
