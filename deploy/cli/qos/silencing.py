"""`meetwire qos silence|unsilence|silences`: be told nothing of certain alerts for a while."""

import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime, timedelta
from typing import Final, get_args

import msgspec

from schemas.desk import SilenceWanted
from schemas.events import AlertSilenced, SilenceMatcher
from schemas.events.alerts import SilenceLabel

from .asking import add_desk_arguments, add_who, ask, shown, told, who_of

_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LABELS: Final = get_args(SilenceLabel)


def add_silence_arguments(parser: ArgumentParser) -> None:
    """Add what, for how long, and why."""
    parser.add_argument(
        "match", nargs="+", type=_matcher, metavar="LABEL=PATTERN", help=f"labels: {', '.join(_LABELS)}"
    )
    span = parser.add_mutually_exclusive_group(required=True)
    span.add_argument("--for", dest="span", type=_span, metavar="SPAN", help="30m, 2h, 1d")
    span.add_argument("--until", type=_instant, metavar="TIME", help="2026-07-01T18:00+08:00")
    parser.add_argument("--since", type=_instant, metavar="TIME", help="not before (default: now)")
    parser.add_argument("--why", required=True, help="for those who wonder")
    add_who(parser)
    add_desk_arguments(parser)


def run_silence(arguments: Namespace) -> int:
    """Make a silence, and print its ID."""
    begins = arguments.since or datetime.now(UTC)
    wanted = SilenceWanted(
        matchers=tuple(arguments.match),
        starts_at=arguments.since,
        ends_at=arguments.until or begins + arguments.span,
        why=arguments.why,
    )
    return ask(arguments, lambda desk: desk.silence(wanted, who_of(arguments)), _print)


def add_unsilence_arguments(parser: ArgumentParser) -> None:
    """Add which."""
    parser.add_argument("id", help="the silence's ID")
    add_who(parser)
    add_desk_arguments(parser)


def run_unsilence(arguments: Namespace) -> int:
    """End a silence now."""
    return ask(arguments, lambda desk: desk.end_silence(arguments.id, who_of(arguments)), _print)


def add_silences_arguments(parser: ArgumentParser) -> None:
    """Add nothing but where the desk is."""
    add_desk_arguments(parser)


def run_silences(arguments: Namespace) -> int:
    """Print those that hold, and those that begin later."""
    return ask(arguments, lambda desk: desk.silences(), _print_all)


def _print_all(silences: list[AlertSilenced]) -> None:
    for silence in silences:
        _print(silence)
    if not silences:
        print("no silence")


def _print(silence: AlertSilenced) -> None:
    fits = " ".join(f"{matcher.label}={told(matcher.pattern)}" for matcher in silence.matchers)
    span = "ended" if silence.ended else f"{shown(silence.starts_at)} to {shown(silence.ends_at)}"
    print(f"{silence.silence_id}  {span}  {fits}  by {told(silence.who)}: {told(silence.why)}")


def _matcher(text: str) -> SilenceMatcher:
    label, _, pattern = text.partition("=")
    try:
        return msgspec.convert({"label": label, "pattern": pattern}, SilenceMatcher)
    except msgspec.ValidationError:
        raise ArgumentTypeError(f"must be LABEL=PATTERN, LABEL one of {', '.join(_LABELS)}") from None


def _span(text: str) -> timedelta:
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    if found is None:
        raise ArgumentTypeError("must be a number and s, m, h or d, such as 2h")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("must be a time such as 2026-07-01T18:00+08:00") from None
    # A time without an offset is this machine's.
    return at.astimezone(UTC)
