"""`meetwire demo`: standalone with its archive, the simulator and tail in one terminal, on the local log.

Everything stays on this machine: loopback addresses, a folder below the current one, a password drawn at every start.
"""

import asyncio
import contextlib
import os
import secrets
import shlex
import shutil
import signal
import socket
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from consumers.errors import SourceUnavailable
from consumers.sources import Reading
from consumers.sources.local import LocalSource
from consumers.tail import Look, Tail, tail
from consumers.waiting import entered
from receiver.log import LogInUse, LogMismatch
from schemas.lines import Logger
from schemas.settings import Admin, App, Enterprise, Log, Logging, Root, Secret, Webhook
from schemas.settings import Subscriber as SubscriberSettings

from ..meters import PrometheusMeters
from ..simulator import SimulateOptions, SimulatorError, Subscriber, simulate
from ..simulator.cloud import Cloud, CloudOptions, running_cloud
from ..simulator.cloud.sites import SiteStory
from ..standalone import Running, started
from ..starting import CannotStart
from ..voice import speak
from .demo_alerts import RULES_NAME, STRICTER_NAME, alert_settings, until_over, write_rules
from .demo_archive import archive_settings, until_kept
from .demo_dashboard import dashboard_settings, taken_port, where
from .demo_folder import LINES_NAME, PASSWORD_NAME, SETTINGS_NAME, LinesFile, write_settings
from .loop import run
from .settings import refuse

_LOG: Final[Logger] = structlog.get_logger("meetwire.consumers")
_SUBSCRIBER: Final = "123456789"
_WEBHOOK_PORT: Final = 8080
_ADMIN_PORT: Final = 9464
_CLOUD_PORT: Final = 8443
_NEXT_PORTS: Final = 9
_CALLS_PER_MINUTE: Final = 6_000
_LOOK_EVERY_S: Final = 10.0


def add_demo_arguments(parser: ArgumentParser) -> None:
    """Add where the data goes, and when to end."""
    parser.add_argument(
        "--folder", type=Path, default=Path("demo-data"), help="where the data lies (default: %(default)s)"
    )
    parser.add_argument("--events", type=_count, metavar="N", help="end after N events (default: at Ctrl-C)")
    parser.add_argument("--kept", type=_count, metavar="N", help="end when N meetings are in the archive")
    parser.add_argument(
        "--over", type=_count, metavar="N", help="end when N quality alerts on places have come and gone"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed, other meetings")


def run_demo(arguments: Namespace) -> int:
    """Show events until Ctrl-C."""
    folder: Path = arguments.folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with LinesFile(folder) as lines:
            speak(Logging(), lines)
            has_started = run(_demo(folder, _command(), arguments))
    except LogInUse:
        return refuse(f"a demo runs in {folder} already; give another --folder")
    except OSError as error:
        return refuse(f"{error.filename or folder}: {error.strerror or error}")
    except (CannotStart, LogMismatch, SimulatorError, SourceUnavailable) as error:
        return refuse(str(error))
    if has_started:
        print(_farewell(folder, _command()))
    return 0


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


async def _demo(folder: Path, command: str, arguments: Namespace) -> bool:
    """Return whether it had started before it was stopped."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    root, began = _settings(folder), datetime.now(UTC)
    await asyncio.to_thread(write_rules, folder)
    # The meeting service first: the receiver asks it for the meetings that are on, and how well people hear.
    async with running_cloud(_cloud(root, arguments.seed)) as cloud, entered(started(root), stop) as parts:
        if parts is None:
            return False
        # Not before: the folder may be another demo's.
        await asyncio.to_thread(write_settings, folder, root)
        print(_introduction(parts, folder, command), flush=True)
        async with (
            _meetings(parts, root, arguments.seed, stop, cloud),
            until_kept(folder, arguments.kept, stop),
            until_over(Path(root.log.folder), arguments.over, stop),
        ):
            await _show(root, arguments.events, stop, began)
    return True


def _settings(folder: Path) -> Root:
    password = Secret(secrets.token_hex(8))
    app = App(
        id=secrets.token_hex(16), keys=(Secret(secrets.token_hex(16)),), api=f"http://127.0.0.1:{_free(_CLOUD_PORT)}"
    )
    return Root(
        webhook=Webhook(listen=f"127.0.0.1:{_free(_WEBHOOK_PORT)}"),
        log=Log(folder=str(folder / "log")),
        admin=Admin(listen=f"127.0.0.1:{_free(_ADMIN_PORT)}"),
        captions=archive_settings(folder),
        dashboard=dashboard_settings(folder, _free),
        qos=alert_settings(folder),
        # The simulator does not mind how often it is asked, and nobody wants to wait for a minute.
        subscriber=SubscriberSettings(quality_calls_per_minute=_CALLS_PER_MINUTE, quality_every_s=_LOOK_EVERY_S),
        enterprises=(Enterprise(name="acme", subscriber_id=_SUBSCRIBER, callback_passwords=(password,), app=app),),
    )


def _free(wanted: int) -> int:
    """Return the wanted port, or one of the next, which the system gives to nobody meanwhile; at the last any."""
    for port in (*range(wanted, wanted + _NEXT_PORTS), 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            taken: int = probe.getsockname()[1]
            return taken
    return 0  # pragma: no cover -- a machine with no port left


def _introduction(parts: Running, folder: Path, command: str) -> str:
    admin, shown = "http://{}:{}".format(*parts.admin), shlex.quote(str(folder))
    to = "" if parts.webhook[1] == _WEBHOOK_PORT else f"--url {_url(parts)} "
    return f"""\
{"".join(_taken_ports(parts))}\
meetwire takes pushes at {_url(parts)}; a simulator sends it a day of meetings,
and plays the meeting service at which it listens to them.

{where(parts.dashboard)}\
  data      {folder}/log (the events), {folder}/{LINES_NAME} (what the program says of itself)
  archive   {folder}/archive (what was said, some seconds after a meeting is over)
  alerts    {folder}/{RULES_NAME} (the rules; in half a minute one place is heard badly in three meetings)
  metrics   {admin}/metrics
  ready?    {admin}/readyz

To try in another terminal:
  {command} tail --config {shown}/{SETTINGS_NAME} --from earliest
  {command} send {to}--app-id {_SUBSCRIBER} --password-file {shown}/{PASSWORD_NAME}
  {command} archive search WORD --config {shown}/{SETTINGS_NAME}
  {command} qos replay --rules {shown}/{STRICTER_NAME} --config {shown}/{SETTINGS_NAME}

Ctrl-C stops everything.
"""


def _taken_ports(parts: Running) -> list[str]:
    wanted = ((_WEBHOOK_PORT, "webhook", parts.webhook), (_ADMIN_PORT, "admin listener", parts.admin))
    told = [
        f"Port {port} is taken; the {what} uses {address[1]} instead.\n"
        for port, what, address in wanted
        if address[1] != port
    ]
    return [*told, *taken_port(parts.dashboard)]


def _farewell(folder: Path, command: str) -> str:
    settings = f"{shlex.quote(str(folder))}/{SETTINGS_NAME}"
    return f"""
Stopped. The events stay in {folder}/log; this shows them again, which meetings are in the archive, and what stricter
rules would have told:
  {command} tail --config {settings} --no-follow
  {command} archive show --config {settings}
  {command} qos replay --rules {shlex.quote(str(folder))}/{STRICTER_NAME} --config {settings}"""


def _command() -> str:
    """Return what starts this program from where the user stands."""
    found = shutil.which("meetwire")
    if found is not None and Path(found).resolve() == Path(sys.argv[0]).resolve():
        return "meetwire"
    return shlex.quote(sys.argv[0])


def _url(parts: Running) -> str:
    return "http://{}:{}/openapi/meetingevent".format(*parts.webhook)


@contextlib.asynccontextmanager
async def _meetings(parts: Running, root: Root, seed: int, stop: asyncio.Event, cloud: Cloud) -> AsyncIterator[None]:
    password = root.enterprises[0].callback_passwords[0].reveal()
    subscriber = Subscriber(app_id=_SUBSCRIBER, password=password)
    options = SimulateOptions(url=_url(parts), subscriber=subscriber, seed=seed, paced=True)
    sending = asyncio.create_task(simulate(options, stop=stop, cloud=cloud))
    sending.add_done_callback(lambda _: stop.set())
    try:
        yield
    finally:
        stop.set()
        await sending


def _cloud(root: Root, seed: int) -> CloudOptions:
    app = root.enterprises[0].app
    if app is None:  # pragma: no cover -- the settings above have one
        return CloudOptions()
    return CloudOptions(
        port=int(app.api.rpartition(":")[2]),
        seed=seed,
        app_id=app.id,
        app_key=app.keys[0].reveal(),
        lively=True,
        keep_sent=False,
        site_story=SiteStory(),
    )


async def _show(root: Root, events: int | None, stop: asyncio.Event, began: datetime) -> None:
    terminal = sys.stdout.isatty()
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    wanted = Tail(look=Look(colour=terminal and not plain), terminal=terminal, limit=events, brief=True)
    # From the very first event on: who is in a meeting is told once.
    reading = Reading(consumer="demo", start=began)
    async with LocalSource(Path(root.log.folder), reading, meters=PrometheusMeters(), logger=_LOG) as source:
        await tail(source, sys.stdout, wanted, stop)
