"""`meetwire consume …`: one consumer in a process of its own, until SIGTERM or SIGHUP.

Exit status: 0 after a signal, 1 where something it needs failed (its supervisor starts it again), 2 where settings,
arguments or the rights on the log are wrong.
"""

import asyncio
import contextlib
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import structlog

from consumers.errors import ConsumerError, SourceDenied
from consumers.waiting import entered
from schemas.lines import Logger
from schemas.rules import QosRules
from schemas.settings import Admin, Captions, Dashboard, Qos, Root

from ..admin import AdminPages
from ..admin import opened as admin_opened
from ..extras import extra_for
from ..meters import PrometheusMeters
from ..settings import SettingsError
from ..standalone import say_welcome
from ..voice import speak
from .loop import run
from .settings import loaded, refuse
from .source import add_source_arguments

_LOG: Final[Logger] = structlog.get_logger("meetwire.consumers")

CONSUMERS: Final = ("captions", "qos", "dashboard")


def add_consume_arguments(parser: ArgumentParser) -> None:
    """Add which consumer, where it reads, and where it says how it is."""
    parser.add_argument(
        "consumer",
        choices=CONSUMERS,
        help="captions: the archive; qos: quality alerts; dashboard: in a browser",
    )
    add_source_arguments(parser)
    parser.add_argument(
        "--admin", metavar="HOST:PORT", help="where /healthz, /readyz and /metrics are (default: nowhere)"
    )


def run_consume(arguments: Namespace) -> int:
    """Consume until SIGTERM, SIGINT or SIGHUP."""
    root = loaded(arguments).root
    if arguments.kafka and root.kafka is None:
        return refuse("--kafka needs a table [kafka] in the settings")
    if arguments.consumer == "qos":
        return _run_qos(arguments, root)
    if arguments.consumer == "dashboard":
        return _run_dashboard(arguments, root)
    if root.captions is None:
        return refuse("no table [captions] in the settings: where is the archive? See deploy/meetwire.toml")
    speak(root.logging)
    try:
        return _run_captions(arguments, root, root.captions)
    except ModuleNotFoundError as error:  # pragma: no cover -- the tests have all extras
        if (words := extra_for(error)) is None:
            raise
        return refuse(words)


def _run_qos(arguments: Namespace, root: Root) -> int:
    if root.qos is None:
        return refuse("no table [qos] in the settings: where is the state of alerts kept? See deploy/meetwire.toml")
    if root.kafka is not None and arguments.log:
        return refuse(
            "consume qos --log needs settings without [kafka]: beside Kafka the log lets go of what Kafka has, which "
            "alerts have to read again after a stop. Run it without --log"
        )
    speak(root.logging)
    from consumers.qos.errors import QosError

    from ..qos import rules_of

    try:
        rules = rules_of(root.qos)
    except SettingsError as error:
        return refuse(f"qos.rules_file: {error}")
    try:
        run(_qos(arguments, root, root.qos, rules))
    except (QosError, SourceDenied) as error:
        return refuse(str(error))
    except (ConsumerError, OSError) as error:
        print(f"meetwire: {error}", file=sys.stderr)
        return 1
    return 0


async def _qos(arguments: Namespace, root: Root, settings: Qos, rules: QosRules) -> None:
    from ..desks.alerts import DeskHere
    from ..qos import on_kafka, on_log, run_alerts

    meters, stop, desk = PrometheusMeters(), _stopping(), DeskHere()
    if root.kafka is not None:
        parts = on_kafka(root.kafka, settings, meters, desk)
    else:
        parts = on_log(root, settings, meters, desk)
    async with _admin(arguments.admin, meters):
        await run_alerts(settings, rules, parts, meters, stop)


def _run_dashboard(arguments: Namespace, root: Root) -> int:
    if root.dashboard is None:
        return refuse("no table [dashboard] in the settings: where is it to listen? See deploy/meetwire.toml")
    speak(root.logging)
    try:
        from consumers.dashboard.access.roll import RollUnreadable

        from .. import dashboard  # noqa: F401
    except ModuleNotFoundError as error:  # pragma: no cover -- the tests have all extras
        if (words := extra_for(error)) is None:
            raise
        return refuse(words)
    try:
        run(_dashboard(arguments, root, root.dashboard))
    except RollUnreadable as error:
        return refuse(f"dashboard.users_file {error}")
    except SourceDenied as error:
        return refuse(str(error))
    except (ConsumerError, OSError) as error:
        print(f"meetwire: {error}", file=sys.stderr)
        return 1
    return 0


async def _dashboard(arguments: Namespace, root: Root, settings: Dashboard) -> None:
    from ..dashboard import opened, parts_of, welcome

    stop, meters = _stopping(), PrometheusMeters()
    parts = parts_of(root, meters, use_log=arguments.log)
    async with opened(settings, parts, meters) as made:

        async def unready() -> list[str]:
            return [] if made.is_ready else ["what was before the start is still read"]

        async with _admin(arguments.admin, meters, unready):
            # Not before it reads: nobody is to follow the link to what ends at once.
            await made.run(stop, lambda: say_welcome(welcome(settings, made)))


def _stopping() -> asyncio.Event:
    """Return what a signal sets. SIGHUP too: it drains, and whoever starts it again has the secrets as they are now."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _run_captions(arguments: Namespace, root: Root, settings: Captions) -> int:
    from consumers.captions.errors import ArchiveError, Misconfigured

    # Before the event loop runs: it takes a second, in which nothing else would turn.
    from .. import captions  # noqa: F401

    try:
        run(_captions(arguments, root, settings))
    except (Misconfigured, SourceDenied) as error:
        return refuse(str(error))
    except (ConsumerError, ArchiveError, OSError) as error:
        print(f"meetwire: {error}", file=sys.stderr)
        return 1
    return 0


async def _captions(arguments: Namespace, root: Root, settings: Captions) -> None:
    from ..captions import opened, parts_of

    stop, meters = _stopping(), PrometheusMeters()
    parts = parts_of(root, meters, use_log=arguments.log)
    async with _admin(arguments.admin, meters), entered(opened(settings, parts, meters), stop) as consumer:
        if consumer is not None:
            await consumer.run(stop)


@contextlib.asynccontextmanager
async def _admin(
    address: str | None, meters: PrometheusMeters, unready: Callable[[], Awaitable[list[str]]] | None = None
) -> AsyncIterator[None]:
    if address is None:
        yield
        return
    async with admin_opened(
        AdminPages(meters, unready=unready or _ready, observe=_nothing), Admin(listen=address)
    ) as taken:
        _LOG.info("listener.opened", address="{}:{}".format(*taken), tls=False)
        yield


async def _ready() -> list[str]:
    return []


async def _nothing() -> None:
    pass
