"""`meetwire qos replay`: what would these rules have done on what is stored, and what was done?

Exit status: 0 whatever came of it, 1 where what is stored cannot be read, 2 where settings, rules, arguments or the
rights on the log are wrong.
"""

import gc
import re
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from consumers.errors import SourceDenied, SourceUnavailable
from consumers.qos.replay.replaying import Asked, Replay, reading, replayed
from consumers.sources import PlacedSource
from consumers.sources.local import LocalSource
from consumers.sources.placed import PlacedKafkaSource
from schemas.lines import Logger
from schemas.rules import QosRules
from schemas.settings import Root

from ...meters import PrometheusMeters
from ...qos_rules import SHIPPED, load_rules
from ...settings import SettingsError
from ...voice import speak
from ..loop import run
from ..printing import as_json
from ..settings import loaded, refuse
from ..source import add_source_arguments
from .bar import Bar
from .replayed import print_replay

_LOG: Final[Logger] = structlog.get_logger("meetwire.consumers")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SPAN: Final = re.compile(r"(\d{1,6})([smhd])")
_DAY: Final = timedelta(days=1)


def add_replay_arguments(parser: ArgumentParser) -> None:
    """Add the rules, the time, and where it is stored."""
    parser.add_argument("--rules", type=Path, metavar="FILE", help="the rules to try (default: those of the settings)")
    parser.add_argument(
        "--against", type=Path, metavar="FILE", help="other rules to compare with (default: what was published)"
    )
    when = parser.add_argument_group("which time")
    when.add_argument(
        "--from", dest="since", type=_when, metavar="WHEN", help="a time such as 2026-07-01T14:00, or 90m, 24h, 7d ago"
    )
    when.add_argument("--to", dest="until", type=_when, metavar="WHEN", help="until then (default: now)")
    when.add_argument(
        "--warm-up", type=_span, default=timedelta(hours=2), metavar="SPAN", help="read so much before it (default: 2h)"
    )
    show = parser.add_argument_group("how")
    show.add_argument(
        "--noise", type=_span, default=timedelta(minutes=5), metavar="SPAN", help="over sooner is noise (default: 5m)"
    )
    show.add_argument("--all", action="store_true", help="every alert that is otherwise, not the first twenty")
    show.add_argument("--json", action="store_true", help="print all of it as JSON")
    add_source_arguments(parser)


def run_replay(arguments: Namespace) -> int:
    """Replay, and print what came of it."""
    root = loaded(arguments).root
    speak(root.logging)
    try:
        asked = _asked(arguments, root)
        source = _source(arguments, root, asked)
    except (SettingsError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    try:
        came = run(_replay(source, asked))
    except SourceDenied as error:
        return refuse(str(error))
    except SourceUnavailable as error:
        print(f"meetwire: {error}", file=sys.stderr)
        return 1
    if arguments.json:
        as_json(came)
    else:
        print_replay(came, everything=arguments.all)
    return 0


async def _replay(source: AbstractAsyncContextManager[PlacedSource], asked: Asked) -> Replay:
    # What a replay holds it needs until its tick is decided: to look through it for garbage costs a tenth, in vain.
    gc.disable()
    bar = Bar(sys.stderr, time.monotonic)
    async with source as opened:
        try:
            return await replayed(opened, asked, bar.show)
        finally:
            gc.enable()
            bar.end()


def _asked(arguments: Namespace, root: Root) -> Asked:
    now = datetime.now(UTC)
    asked = Asked(
        rules=_rules(arguments.rules, root),
        against=None if arguments.against is None else load_rules(arguments.against),
        since=arguments.since or now - _DAY,
        until=arguments.until or now,
        warm_up=arguments.warm_up,
        noise_s=arguments.noise.total_seconds(),
    )
    if asked.since >= asked.until:
        raise ValueError("meetwire: --from must be before --to")
    return asked


def _rules(file: Path | None, root: Root) -> QosRules:
    own = root.qos.rules_file if root.qos is not None else None
    return load_rules(file or (SHIPPED if own is None else Path(own)))


def _source(arguments: Namespace, root: Root, asked: Asked) -> AbstractAsyncContextManager[PlacedSource]:
    if arguments.kafka and root.kafka is None:
        raise ValueError("meetwire: --kafka needs a table [kafka] in the settings")
    meters = PrometheusMeters()
    if root.kafka is not None and not arguments.log:
        return PlacedKafkaSource(root.kafka, reading(asked), meters=meters, logger=_LOG)
    return LocalSource(Path(root.log.folder), reading(asked), meters=meters, logger=_LOG)


def _when(text: str) -> datetime:
    if _SPAN.fullmatch(text):
        return datetime.now(UTC) - _span(text)
    try:
        # A time without a zone is the operator's own.
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no time such as 2026-07-01T14:00, nor 90m, 24h, 7d ago") from None


def _span(text: str) -> timedelta:
    if (found := _SPAN.fullmatch(text)) is None:
        raise ArgumentTypeError(f"{text!r} is no span of time such as 30s, 5m, 2h or 1d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
