"""Everything in one process: the receiver with its log, the forwarder where there is Kafka, the admin listener."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from typing import Final

import msgspec
import structlog

from receiver.service import Receiver, running
from schemas.lines import Logger
from schemas.settings import Root

from .admin import AdminPages, opened
from .meters import PrometheusMeters
from .settings import Loaded, SettingsError, reload_secrets

_LOG: Final[Logger] = structlog.get_logger("meetwire")


class Running(msgspec.Struct, frozen=True):
    """What runs, and where it listens."""

    receiver: Receiver
    meters: PrometheusMeters
    webhook: tuple[str, int]
    admin: tuple[str, int]


@contextlib.asynccontextmanager
async def started(root: Root) -> AsyncIterator[Running]:
    """Yield once pushes are taken. Raises OSError, LogInUse, LogMismatch."""
    meters = PrometheusMeters()
    async with running(root, meters) as receiver:
        pages = AdminPages(meters, unready=receiver.unready, observe=receiver.observe, again=receiver.redrive.again)
        async with opened(pages, root.admin) as admin:
            yield Running(receiver, meters, receiver.address, admin)


async def serve(loaded: Loaded) -> None:
    """Run until SIGTERM or SIGINT; on SIGHUP read the secrets again."""
    stop, again = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, stop.set)
    loop.add_signal_handler(signal.SIGHUP, again.set)
    async with started(loaded.root) as parts:
        _LOG.info("receiver.started", webhook="{}:{}".format(*parts.webhook), admin="{}:{}".format(*parts.admin))
        renewing = asyncio.create_task(_renew(loaded, again, parts.receiver))
        await stop.wait()
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)


async def _renew(loaded: Loaded, again: asyncio.Event, receiver: Receiver) -> None:
    while True:
        await again.wait()
        again.clear()
        try:
            loaded = await asyncio.to_thread(reload_secrets, loaded)
            receiver.replace_secrets(loaded.root.enterprises)
        except (SettingsError, OSError, ValueError) as error:
            problems = [str(problem) for problem in error.problems] if isinstance(error, SettingsError) else []
            _LOG.error("settings.refused", kind=type(error).__name__, problems=problems)
        else:
            _LOG.info("settings.reloaded", warnings=loaded.warnings)
