"""`python -m deploy.simulator.cloud`: the cloud in a process of its own, for benchmarks and for trying by hand.

Its first line of output is JSON with what a client is to be told; its last one, what came of it.
"""

import argparse
import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import uvloop

from ..arguments import PASSWORD_VARIABLE, count, positive
from ..clock import FastClock, reached
from ..errors import BadArguments, SimulatorError
from ..pace import at_pace, days
from ..push import Subscriber
from ..terminal import complain, show
from .cloud import Cloud
from .faults import SocketFault
from .follow import follow
from .listen import raise_file_limit, split_address
from .load import CloudLoad, fill, pour
from .options import CloudOptions, WebhookTarget
from .server import running_cloud


def add_cloud_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the cloud takes."""
    parser.add_argument("--listen", default="127.0.0.1:0", metavar="HOST:PORT", help="(default: a port of its own)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed tells the same meetings (default: 1)")
    parser.add_argument("--speed", type=positive, default=1.0, metavar="N", help="times as fast as real (default: 1)")
    parser.add_argument("--tls-certificate", type=Path, metavar="FILE", help="speak HTTPS and WSS")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="the certificate's key")
    parser.add_argument("--ledger", type=Path, metavar="FILE", help="write each frame that was sent, as JSON lines")
    parser.add_argument("--faults", type=_rates, default={}, metavar="LIST", help=_faults_help())
    parser.add_argument("--for", type=positive, dest="for_s", metavar="SECONDS", help="stop after this time")
    parser.add_argument("--allow-remote", action="store_true", help="let it listen beyond this machine")
    push = parser.add_argument_group("enterprise push", f"Signed with the password in {PASSWORD_VARIABLE}.")
    push.add_argument("--push-to", metavar="URL", help="tell of the meetings there as well")
    push.add_argument("--push-id", default="123456789", metavar="ID", help="subscriber ID (default: %(default)s)")
    load = parser.add_argument_group("load", "Without these: days of meetings whose people talk by themselves.")
    load.add_argument("--meetings", type=count, metavar="N", help="on all the time")
    load.add_argument("--people", type=count, default=3, metavar="N", help="in each (default: 3)")
    load.add_argument("--rate", type=positive, default=0.0, metavar="N", help="frames a second over all meetings")


def run_cloud(arguments: argparse.Namespace) -> int:
    """Run until Ctrl-C or the time is over, and return the exit status."""
    try:
        raise_file_limit()
        uvloop.run(_run(arguments, _options(arguments)))
    except SimulatorError as error:
        complain(str(error))
        return error.exit_status
    return 0


def _options(arguments: argparse.Namespace) -> CloudOptions:
    host, port = split_address(arguments.listen)
    return CloudOptions(
        host=host,
        port=port,
        allow_remote=arguments.allow_remote,
        certificate_file=arguments.tls_certificate,
        key_file=arguments.tls_key,
        seed=arguments.seed,
        lively=arguments.meetings is None,
        keep_sent=arguments.ledger is not None,
        webhook=_webhook(arguments),
        fault_rates=arguments.faults,
    )


def _rates(text: str) -> dict[SocketFault, float]:
    return dict(_rate(part.strip()) for part in text.split(","))


def _rate(part: str) -> tuple[SocketFault, float]:
    name, _, share = part.partition("=")
    with contextlib.suppress(ValueError):
        fault, rate = SocketFault(name), float(share)
        if 0 <= rate <= 1:
            return fault, rate
    raise argparse.ArgumentTypeError(f"{part!r} is not NAME=SHARE, 0 to 1, with one of: {', '.join(SocketFault)}")


def _faults_help() -> str:
    return f"shares of frames, such as gap=0.01,close=0.001; of: {', '.join(SocketFault)}"


def _webhook(arguments: argparse.Namespace) -> WebhookTarget | None:
    if arguments.push_to is None:
        return None
    password = os.environ.get(PASSWORD_VARIABLE)
    if not password:
        raise BadArguments(f"no password: --push-to needs {PASSWORD_VARIABLE}")
    return WebhookTarget(url=arguments.push_to, subscriber=Subscriber(app_id=arguments.push_id, password=password))


async def _run(arguments: argparse.Namespace, options: CloudOptions) -> None:
    clock = FastClock(datetime.now(UTC), arguments.speed)
    async with running_cloud(options, clock=clock) as cloud, _stopped(arguments.for_s) as stop:
        ids = fill(cloud, CloudLoad(meetings=arguments.meetings or 0, people=arguments.people))
        show(msgspec.json.encode({"api": cloud.url, "app_id": cloud.app_id, "app_key": cloud.app_key}).decode())
        if arguments.meetings is None:
            await _days(cloud, arguments.seed, stop)
        elif arguments.rate:
            await pour(cloud, ids, rate=arguments.rate, stop=stop)
        await stop.wait()
        show(msgspec.json.encode({"frames": cloud.ledger.count, "sockets": cloud.sockets_opened}).decode())
        if arguments.ledger is not None:
            await asyncio.to_thread(_write, arguments.ledger, cloud.ledger.lines())


async def _days(cloud: Cloud, seed: int, stop: asyncio.Event) -> None:
    """Let the days of the enterprise pass, at a pace to watch."""
    start = cloud.clock.now()
    plan = days(seed=seed, meetings=40, start=start - timedelta(hours=10), hours=10)
    for planned in at_pace(plan, seed=seed, start=start):
        if not await reached(cloud.clock, planned.at, stop):
            return
        follow(cloud, planned.event_info)


def _write(file: Path, lines: bytes) -> None:
    try:
        file.write_bytes(lines)
    except OSError as error:
        raise BadArguments(f"{file} cannot be written: {error.strerror}") from None


@contextlib.asynccontextmanager
async def _stopped(for_s: float | None) -> AsyncIterator[asyncio.Event]:
    """Yield an event that is set by Ctrl-C, by SIGTERM or after `for_s`."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    timer = loop.call_later(for_s, stop.set) if for_s is not None else None
    try:
        yield stop
    finally:
        if timer is not None:
            timer.cancel()
