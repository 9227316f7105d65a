"""Everything in one process: the receiver with its log, the forwarder where there is Kafka, the admin listener."""

import asyncio
import contextlib
import importlib
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import msgspec
import structlog

from consumers.waiting import entered
from receiver.service import Receiver, partitions_of, running
from schemas.desk import AlertDesk
from schemas.lines import Logger
from schemas.settings import Captions, Dashboard, Qos, Root

from .admin import AdminPages, opened
from .appending.listener import appending
from .extras import extra_for
from .meters import PrometheusMeters, begin_at_nought
from .settings import Loaded, SettingsError, reload_secrets
from .sinks import LogSink
from .starting import CannotStart, check_files, naming, naming_address

_LOG: Final[Logger] = structlog.get_logger("meetwire")


class Shown(msgspec.Struct, frozen=True):
    """A dashboard."""

    address: str
    """What people type."""
    welcome: str | None
    """The one-time link, where nobody can log in yet; never to be logged."""

    def __repr__(self) -> str:
        """Show no link."""
        return f"<Shown {self.address}>"


class Running(msgspec.Struct, frozen=True):
    """What runs, and where it listens."""

    receiver: Receiver
    meters: PrometheusMeters
    webhook: tuple[str, int]
    admin: tuple[str, int]
    dashboard: Shown | None = None


@contextlib.asynccontextmanager
async def started(root: Root) -> AsyncIterator[Running]:
    """Yield once pushes are taken. Raises CannotStart, LogInUse, LogMismatch."""
    await asyncio.to_thread(check_files, root)
    meters = PrometheusMeters()
    begin_at_nought(meters)
    async with contextlib.AsyncExitStack() as stack:
        with naming("log.folder", root.log.folder), naming_address("webhook.listen", root.webhook.listen):
            receiver = await stack.enter_async_context(running(root, meters))
        sink = LogSink(receiver.log)
        await stack.enter_async_context(appending(Path(root.log.folder), sink, partitions_of(root)))
        if root.captions is not None:
            await stack.enter_async_context(_archive(root, root.captions, receiver, meters))
        desk = None
        if root.qos is not None:
            desk = await stack.enter_async_context(_alerts(root, root.qos, receiver, meters))
        shown = None
        if root.dashboard is not None:
            shown = await stack.enter_async_context(_dashboard(root, root.dashboard, receiver, meters, desk))
        pages = AdminPages(meters, unready=receiver.unready, observe=receiver.observe, again=receiver.redrive.again)
        with naming_address("admin.listen", root.admin.listen):
            admin = await stack.enter_async_context(opened(pages, root.admin))
        yield Running(receiver, meters, receiver.address, admin, shown)


@contextlib.asynccontextmanager
async def _archive(root: Root, settings: Captions, receiver: Receiver, meters: PrometheusMeters) -> AsyncIterator[None]:
    try:
        # In a thread: so many modules, some of which read files, would hold up the event loop.
        await asyncio.to_thread(importlib.import_module, ".captions", __package__)
        from consumers.captions.errors import Misconfigured

        from .captions import beside, parts_of
    except ModuleNotFoundError as error:  # pragma: no cover -- the tests have all extras
        if (words := extra_for(error)) is None:
            raise
        raise CannotStart(f"[captions]: {words}") from None
    parts = parts_of(root, meters, use_log=False, news=receiver.log.news, sink=LogSink(receiver.log))
    try:
        async with beside(settings, parts, meters):
            yield
    except Misconfigured as error:
        raise CannotStart(str(error)) from None


@contextlib.asynccontextmanager
async def _alerts(root: Root, settings: Qos, receiver: Receiver, meters: PrometheusMeters) -> AsyncIterator[AlertDesk]:
    # In a thread, as the archive.
    await asyncio.to_thread(importlib.import_module, ".qos", __package__)
    from consumers.qos.errors import StateInUse

    from .desks.alerts import DeskHere
    from .qos import beside, on_kafka, on_log, rules_of

    desk = DeskHere()
    if root.kafka is not None:
        parts = on_kafka(root.kafka, settings, meters, desk)
    else:
        parts = on_log(root, settings, meters, desk, news=receiver.log.news, sink=LogSink(receiver.log))
    try:
        rules = await asyncio.to_thread(rules_of, settings)
        async with beside(settings, rules, parts, meters):
            yield desk
    except SettingsError as error:
        raise CannotStart(f"qos.rules_file: {error}") from None
    except StateInUse as error:
        raise CannotStart(str(error)) from None


@contextlib.asynccontextmanager
async def _dashboard(
    root: Root, settings: Dashboard, receiver: Receiver, meters: PrometheusMeters, desk: AlertDesk | None
) -> AsyncIterator[Shown]:
    try:
        # In a thread, as the archive.
        await asyncio.to_thread(importlib.import_module, ".dashboard", __package__)
        from consumers.dashboard.access.roll import RollUnreadable

        from .dashboard import address_of, beside, parts_of, welcome
    except ModuleNotFoundError as error:  # pragma: no cover -- the tests have all extras
        if (words := extra_for(error)) is None:
            raise
        raise CannotStart(f"[dashboard]: {words}") from None
    parts = parts_of(root, meters, use_log=False, news=receiver.log.news, alerts=desk)
    async with contextlib.AsyncExitStack() as stack:
        try:
            with naming_address("dashboard.listen", settings.listen):
                made = await stack.enter_async_context(beside(settings, parts, meters))
        except RollUnreadable as error:
            raise CannotStart(f"dashboard.users_file {error}") from None
        yield Shown(address_of(settings, made), welcome(settings, made))


async def serve(loaded: Loaded) -> None:
    """Run until SIGTERM or SIGINT, which end a start too; on SIGHUP read the secrets again."""
    stop, again = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, stop.set)
    loop.add_signal_handler(signal.SIGHUP, again.set)
    async with entered(started(loaded.root), stop) as parts:
        if parts is None:
            _LOG.info("receiver.stopped")
            return
        _LOG.info("receiver.started", webhook=_spelt(parts.webhook), admin=_spelt(parts.admin))
        if parts.dashboard is not None:
            say_welcome(parts.dashboard.welcome)
        renewing = asyncio.create_task(_renew(loaded, again, parts.receiver))
        await stop.wait()
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)


def say_welcome(link: str | None) -> None:
    """Print the one-time link, where there is one. Not a log line: whoever reads it may come in."""
    if link is not None:
        print(
            f"meetwire: nobody can log in to the dashboard yet. Whoever opens this is its administrator:\n  {link}",
            file=sys.stderr,
            flush=True,
        )


async def _renew(loaded: Loaded, again: asyncio.Event, receiver: Receiver) -> None:
    while True:
        await again.wait()
        again.clear()
        try:
            loaded = await asyncio.to_thread(_read_again, loaded)
            receiver.replace_secrets(loaded.root.enterprises, loaded.root.kafka)
        except (SettingsError, CannotStart, OSError) as error:
            _LOG.error("settings.refused", problems=str(error).splitlines())
        else:
            _LOG.info("settings.reloaded", warnings=loaded.warnings)


def _read_again(loaded: Loaded) -> Loaded:
    # Checked before the receiver takes anything: a context that was given half a certificate serves nobody.
    fresh = reload_secrets(loaded)
    check_files(fresh.root)
    return fresh


def _spelt(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
