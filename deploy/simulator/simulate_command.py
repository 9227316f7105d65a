"""`meetwire simulate`: days of meetings sent to a receiver, with faults where asked for, and a table at the end."""

import argparse
import asyncio
import contextlib
import os
import signal
from typing import Final

from .arguments import add_target_arguments, count, positive, subscriber_from
from .cloud import Cloud, CloudOptions
from .cloud.listen import split_address
from .errors import SimulatorError
from .faults import Kind
from .push import Style
from .report import Report
from .sender import Retry
from .simulation import SimulateOptions, simulate
from .terminal import complain, show

_FAULTS: Final = tuple(kind for kind in Kind if kind is not Kind.PLAIN)


def add_simulate_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `meetwire simulate` takes."""
    add_target_arguments(parser)
    day = parser.add_argument_group("the day")
    day.add_argument("--seed", type=int, default=1, help="the same seed tells the same day (default: 1)")
    day.add_argument("--meetings", type=count, default=40, metavar="N", help="a day (default: 40)")
    day.add_argument("--hours", type=_hours, default=10.0, metavar="H", help="its length, up to 24; it ends now")
    day.add_argument("--faults", type=_rates, default={}, metavar="LIST", help=_faults_help())
    day.add_argument("--styles", type=_styles, default=(Style.COMPACT,), metavar="LIST", help="of JSON, or `all`")
    _add_pace_arguments(parser)
    cloud = parser.add_argument_group("the cloud", "REST calls and WebSockets of the meetings that are pushed.")
    cloud.add_argument("--cloud", type=_address, metavar="HOST:PORT", help="have it listen there; port 0: any")


def _add_pace_arguments(parser: argparse.ArgumentParser) -> None:
    pace = parser.add_argument_group("pace and end", "Without these: day after day in fast time, until Ctrl-C.")
    pace.add_argument("--speed", type=positive, default=600.0, metavar="N", help="times as fast as real (default: 600)")
    how = pace.add_mutually_exclusive_group()
    how.add_argument("--rate", type=positive, metavar="N", help="pushes a second, whatever the day says")
    how.add_argument("--paced", action="store_true", help="two to five events a second, as if they happened now")
    pace.add_argument("--total", type=count, metavar="N", help="stop after N; without --rate as fast as answered")
    pace.add_argument("--for", type=positive, dest="for_s", metavar="SECONDS", help="stop after this time")
    pace.add_argument("--once", action="store_true", help="stop after one day")
    pace.add_argument("--in-flight", type=count, default=8, metavar="N", help="requests at once (default: 8)")
    pace.add_argument("--retry", type=Retry, choices=list(Retry), default=Retry.SAME, help="bytes of a retry")
    pace.add_argument("--allow-remote", action="store_true", help="let the load leave this machine")


def run_simulate(arguments: argparse.Namespace) -> int:
    """Simulate until it ends or Ctrl-C, and return the exit status: 1 where an answer was wrong for what was sent."""
    try:
        report = asyncio.run(_until_interrupted(options_from(arguments)))
    except SimulatorError as error:
        complain(str(error))
        return error.exit_status
    show(report.table())
    return 1 if report.surprises else 0


async def _until_interrupted(options: SimulateOptions) -> Report:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        # A second Ctrl-C does not wait for answers.
        loop.remove_signal_handler(signal.SIGINT)
        stop.set()

    # Outside the main thread signals are not ours to take; the caller stops us otherwise.
    with contextlib.suppress(ValueError, RuntimeError):
        loop.add_signal_handler(signal.SIGINT, interrupt)
        loop.add_signal_handler(signal.SIGTERM, stop.set)
    return await simulate(options, stop=stop, progress=lambda report: show(report.line()), listening=_introduce)


def _introduce(cloud: Cloud) -> None:
    """Say what a receiver is to be told to subscribe to these meetings."""
    told = f'[enterprises.app]\nid = "{cloud.app_id}"\nkeys = ["{cloud.app_key}"]\napi = "{cloud.url}"'
    show(f"The meeting cloud listens at {cloud.url}; settings for it, within its [[enterprises]]:\n\n{told}\n")


def options_from(arguments: argparse.Namespace) -> SimulateOptions:
    """Return what was asked for. Raises BadArguments where the password is missing."""
    return SimulateOptions(
        url=arguments.url,
        subscriber=subscriber_from(arguments, os.environ),
        seed=arguments.seed,
        meetings=arguments.meetings,
        hours=arguments.hours,
        speed=arguments.speed,
        rate=arguments.rate,
        total=arguments.total,
        for_s=arguments.for_s,
        once=arguments.once,
        paced=arguments.paced,
        faults=arguments.faults,
        styles=arguments.styles,
        retry=arguments.retry,
        in_flight=arguments.in_flight,
        timeout_s=arguments.timeout,
        ca_file=arguments.ca_file,
        allow_remote=arguments.allow_remote,
        cloud=_cloud_options(arguments),
    )


def _cloud_options(arguments: argparse.Namespace) -> CloudOptions | None:
    if arguments.cloud is None:
        return None
    host, port = arguments.cloud
    more = {"allow_remote": arguments.allow_remote, "seed": arguments.seed}
    return CloudOptions(host=host, port=port, lively=True, keep_sent=False, **more)


def _address(text: str) -> tuple[str, int]:
    try:
        return split_address(text)
    except SimulatorError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _hours(text: str) -> float:
    hours = positive(text)
    if hours > 24:
        raise argparse.ArgumentTypeError("above 24: a receiver sets aside what is older than its retry horizon")
    return hours


def _rates(text: str) -> dict[Kind, float]:
    return dict(_rate(part.strip()) for part in text.split(","))


def _rate(part: str) -> tuple[Kind, float]:
    name, _, share = part.partition("=")
    try:
        kind, rate = Kind(name), float(share)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{part!r} is not NAME=SHARE with one of: {', '.join(_FAULTS)}") from None
    if kind not in _FAULTS or not 0 <= rate <= 1:
        raise argparse.ArgumentTypeError(f"{part!r}: a share is 0 to 1, of one of: {', '.join(_FAULTS)}")
    return kind, rate


def _styles(text: str) -> tuple[Style, ...]:
    if text == "all":
        return tuple(Style)
    try:
        return tuple(Style(part.strip()) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"styles are: {', '.join(Style)}") from None


def _faults_help() -> str:
    return f"shares, such as duplicate=0.05,forged=0.01; of: {', '.join(_FAULTS)}"
