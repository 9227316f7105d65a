"""The command line of `meetwire tail`, for deploy to mount beside its own choice of source."""

import argparse
from collections.abc import Mapping
from datetime import datetime
from typing import TextIO
from zoneinfo import ZoneInfo

from schemas.topics import TOPICS

from ..sources import Reading, Start
from .look import Look
from .options import Tail


def add_tail_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `reading` and `options` read."""
    pick = parser.add_argument_group("which events")
    pick.add_argument(
        "--from",
        dest="start",
        type=_start,
        metavar="WHEN",
        help="earliest, latest, or a time such as 2026-07-01T14:00 (default: latest; with --no-follow earliest)",
    )
    pick.add_argument("--topic", action="append", choices=sorted(TOPICS), help="this topic; may be given again")
    pick.add_argument("--meeting", action="append", metavar="ID", help="this meeting; may be given again")
    pick.add_argument("--enterprise", action="append", metavar="NAME", help="this enterprise; may be given again")
    pick.add_argument("--alive", action="store_true", help="receivers' signs of life too")
    pick.add_argument("--limit", type=_count, metavar="N", help="end after N events")
    pick.add_argument(
        "--follow", action=argparse.BooleanOptionalAction, default=True, help="go on as events come (default)"
    )
    show = parser.add_argument_group("how")
    form = show.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="each record as it is, one line of JSON, names included")
    form.add_argument("--no-names", action="store_true", help="without what tells of people, or what they say")
    show.add_argument("--zone", type=_zone, metavar="ZONE", help="times as in Asia/Shanghai or UTC (default: local)")


def reading(arguments: argparse.Namespace) -> Reading:
    """Return what the arguments want of a source."""
    start: Start = arguments.start or ("latest" if arguments.follow else "earliest")
    return Reading(consumer="tail", topics=frozenset(arguments.topic or TOPICS), start=start)


def options(arguments: argparse.Namespace, out: TextIO, environ: Mapping[str, str]) -> Tail:
    """Return the rest of what they say; colour where `out` is a terminal, and NO_COLOR (no-color.org) is not set."""
    terminal = out.isatty()
    plain = environ.get("NO_COLOR") or environ.get("TERM") == "dumb"
    return Tail(
        look=Look(zone=arguments.zone, colour=terminal and not plain, names=not arguments.no_names),
        json=arguments.json,
        terminal=terminal,
        follow=arguments.follow,
        alive=arguments.alive,
        limit=arguments.limit,
        meetings=frozenset(arguments.meeting or ()),
        enterprises=frozenset(arguments.enterprise or ()),
    )


def _start(text: str) -> Start:
    if text == "earliest":
        return "earliest"
    if text == "latest":
        return "latest"
    try:
        # A time without a zone is the operator's own.
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither earliest, latest nor a time") from None


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise argparse.ArgumentTypeError(f"{text!r} is no time zone of this machine") from None
