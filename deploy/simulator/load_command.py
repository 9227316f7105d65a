"""The load in a process of its own: `python -m deploy.simulator load …` prints its figures as one line of JSON."""

import argparse
import itertools
import os
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import uvloop
from yarl import URL

from .address import parse_url, require_loopback
from .arguments import add_target_arguments, count, positive, subscriber_from
from .distinct import as_request, distinct_pushes
from .errors import BadArguments, SimulatorError
from .load import LoadReport, run_load
from .push import Subscriber
from .terminal import complain, show


def add_load_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the load takes."""
    add_target_arguments(parser)
    parser.add_argument("--total", type=count, default=200_000, metavar="N", help="distinct pushes, signed beforehand")
    parser.add_argument(
        "--first", type=int, default=0, metavar="N", help="their first number: none twice over two runs"
    )
    parser.add_argument("--connections", type=count, default=64, metavar="N", help="one request in flight on each")
    parser.add_argument("--rate", type=positive, metavar="N", help="a second; without it as fast as answered")
    parser.add_argument("--seconds", type=positive, metavar="N", help="stop after this time")
    parser.add_argument("--allow-remote", action="store_true", help="let the load leave this machine")


def run_load_command(arguments: argparse.Namespace) -> int:
    """Sign, send, print, and return the exit status."""
    try:
        report = _loaded(arguments, subscriber_from(arguments, os.environ))
    except SimulatorError as error:
        complain(str(error))
        return error.exit_status
    show(msgspec.json.encode(report).decode())
    return 0


def _loaded(arguments: argparse.Namespace, subscriber: Subscriber) -> LoadReport:
    url = parse_url(arguments.url)
    require_loopback(url.host, allow_remote=arguments.allow_remote)
    if url.scheme != "http" or url.host is None or url.port is None:
        raise BadArguments("the load speaks http alone: TLS would be measured with it")
    return uvloop.run(
        run_load(
            (url.host, url.port),
            list(_requests(arguments, subscriber, url)),
            connections=arguments.connections,
            rate=arguments.rate,
            seconds=arguments.seconds,
            allow_remote=arguments.allow_remote,
        )
    )


def _requests(arguments: argparse.Namespace, subscriber: Subscriber, url: URL) -> Iterator[bytes]:
    pushes = distinct_pushes(arguments.total, subscriber, start=datetime.now(UTC), first=arguments.first)
    for number, push in zip(itertools.count(arguments.first), pushes, strict=False):
        yield as_request(push.body, url, f"{number:032x}")
