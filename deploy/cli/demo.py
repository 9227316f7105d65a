"""`meetwire demo`: standalone, the simulator and tail in one terminal, on the local log, asking for nothing.

Everything stays on this machine: loopback addresses, a folder below the current one, a password drawn at every start.
"""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, TextIO

import structlog

from consumers.sources import Reading
from consumers.sources.local import LocalSource
from consumers.tail import Look, Tail, tail
from receiver.log import LogInUse
from schemas.settings import Admin, Enterprise, Log, Logging, Root, Secret, Webhook

from ..meters import PrometheusMeters
from ..simulator import SimulateOptions, SimulatorError, Subscriber, simulate
from ..standalone import Running, started
from ..voice import speak
from .loop import run
from .settings import refuse

_SUBSCRIBER: Final = "123456789"
_ENTERPRISE: Final = "acme"
_LOG = structlog.get_logger("meetwire.consumers")


def add_demo_arguments(parser: ArgumentParser) -> None:
    """Add where the data goes, and when to end."""
    parser.add_argument(
        "--folder", type=Path, default=Path("demo-data"), help="where the data lies (default: %(default)s)"
    )
    parser.add_argument("--events", type=int, metavar="N", help="end after N events (default: at Ctrl-C)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other meetings")


def run_demo(arguments: Namespace) -> int:
    """Show events until Ctrl-C."""
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with (arguments.folder / "meetwire.log").open("a") as lines:
        speak(Logging(form="json"), lines)
        try:
            run(_demo(arguments))
        except LogInUse:
            return refuse(f"a demo runs in {arguments.folder} already; give another --folder")
        except (OSError, SimulatorError) as error:
            return refuse(str(error))
    return 0


async def _demo(arguments: Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    password = secrets.token_hex(8)
    root = _settings(arguments.folder, password, sys.stdout)
    async with started(root) as parts:
        _introduce(parts, arguments.folder, sys.stdout)
        async with _meetings(parts, password, arguments.seed, stop):
            await _show(arguments, root, stop)
    print(
        f"\nStopped. The events stay in {arguments.folder}/log:  meetwire tail --no-follow shows them again, with",
        end=" ",
    )
    print(f"MEETWIRE_LOG_FOLDER={arguments.folder}/log")


def _settings(folder: Path, password: str, out: TextIO) -> Root:
    webhook, admin = _free(8080, "webhook", out), _free(9464, "admin listener", out)
    return Root(
        webhook=Webhook(listen=f"127.0.0.1:{webhook}"),
        log=Log(folder=str(folder / "log")),
        admin=Admin(listen=f"127.0.0.1:{admin}"),
        enterprises=(Enterprise(name=_ENTERPRISE, subscriber_id=_SUBSCRIBER, callback_passwords=(Secret(password),)),),
    )


def _free(wanted: int, what: str, out: TextIO) -> int:
    """Return the wanted port, or one that the system chooses where it is taken, and say so."""
    with contextlib.suppress(OSError), socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", wanted))
        return wanted
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    print(f"Port {wanted} is taken; the {what} uses {port} instead.", file=out)
    return port


def _introduce(parts: Running, folder: Path, out: TextIO) -> None:
    webhook, admin = ("{}:{}".format(*address) for address in (parts.webhook, parts.admin))
    print(
        f"""\
meetwire takes pushes at http://{webhook}/openapi/meetingevent; a simulator sends a day of meetings there.
  data      {folder}/log (events), {folder}/meetwire.log (what the program says of itself)
  metrics   curl -s http://{admin}/metrics | grep meetwire_pushes
  ready?    curl -s http://{admin}/readyz
  again     MEETWIRE_LOG_FOLDER={folder}/log meetwire tail --from earliest, in another terminal
Ctrl-C stops everything.
""",
        file=out,
        flush=True,
    )


@contextlib.asynccontextmanager
async def _meetings(parts: Running, password: str, seed: int, stop: asyncio.Event) -> AsyncIterator[None]:
    options = SimulateOptions(
        url="http://{}:{}/openapi/meetingevent".format(*parts.webhook),
        subscriber=Subscriber(app_id=_SUBSCRIBER, password=password),
        seed=seed,
        paced=True,
    )
    sending = asyncio.create_task(simulate(options, stop=stop))
    sending.add_done_callback(lambda _: stop.set())
    try:
        yield
    finally:
        stop.set()
        await sending


async def _show(arguments: Namespace, root: Root, stop: asyncio.Event) -> None:
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    wanted = Tail(look=Look(colour=colour), terminal=sys.stdout.isatty(), limit=arguments.events)
    reading = Reading(consumer="demo", start="latest")
    async with LocalSource(Path(root.log.folder), reading, meters=PrometheusMeters(), logger=_LOG) as source:
        await tail(source, sys.stdout, wanted, stop)
