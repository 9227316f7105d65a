"""`meetwire qos alerts|acknowledge|send-test`: what stands, who is at it, and whether anybody would hear of it."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator

from schemas.desk import AlertOnDesk, Tried
from schemas.events import AlertAcknowledged

from .asking import add_desk_arguments, add_who, ask, shown, told, who_of


def add_alerts_arguments(parser: ArgumentParser) -> None:
    """Add what is over."""
    parser.add_argument("--past", type=_count, metavar="NUMBER", help="instead the last so many that are over")
    add_desk_arguments(parser)


def run_alerts(arguments: Namespace) -> int:
    """Print what stands, a line each."""
    if arguments.past is not None:
        return ask(arguments, lambda desk: desk.past(arguments.past), _print_all)
    return ask(arguments, lambda desk: desk.standing(), _print_all)


def _print_all(alerts: list[AlertOnDesk]) -> None:
    for one in alerts:
        print("  ".join(_columns(one)))
    if not alerts:
        print("no alert")


def _columns(one: AlertOnDesk) -> Iterator[str]:
    alert = one.alert
    yield alert.alert_id
    yield alert.severity
    yield f"{alert.level} {told(alert.place)}"
    if alert.people:
        yield f"{alert.people} of {alert.measured}"
    yield ", ".join(told(trouble.check) for trouble in alert.troubles)
    yield f"since {shown(alert.since)}"
    if alert.change == "resolved":
        yield f"over at {shown(alert.occurred_at)}"
    yield from _marks(one)


def _marks(one: AlertOnDesk) -> Iterator[str]:
    if one.alert.held_by is not None:
        yield f"held back by {one.alert.held_by}"
    if one.alert.muted:
        yield "quiet hours"
    if one.silenced_by is not None:
        yield f"silenced by {one.silenced_by}"
    if one.acknowledged is not None:
        yield f"{told(one.acknowledged.who)} is at it"
    if one.told:
        yield f"told: {', '.join(one.told)}"


def add_acknowledge_arguments(parser: ArgumentParser) -> None:
    """Add which, and a note."""
    parser.add_argument("id", help="the alert's ID, as `qos alerts` and messages have it")
    parser.add_argument("--note", default="", help="for the others")
    add_who(parser)
    add_desk_arguments(parser)


def run_acknowledge(arguments: Namespace) -> int:
    """Say that somebody is at it."""
    return ask(arguments, lambda desk: desk.acknowledge(arguments.id, who_of(arguments), arguments.note), _print_seen)


def _print_seen(seen: AlertAcknowledged) -> None:
    print(f"{seen.alert_id}: {told(seen.who)} is at it")


def add_send_test_arguments(parser: ArgumentParser) -> None:
    """Add which channel."""
    parser.add_argument("channel", nargs="?", help="its name in the settings (default: all of them)")
    add_desk_arguments(parser)


def run_send_test(arguments: Namespace) -> int:
    """Send a test; return 0 where every channel took it, else 1."""
    return ask(arguments, lambda desk: desk.send_test(arguments.channel), _print_tried, good=_all_taken)


def _all_taken(tried: list[Tried]) -> bool:
    return bool(tried) and not any(one.error for one in tried)


def _print_tried(tried: list[Tried]) -> None:
    for one in tried:
        print(f"{one.channel} ({one.kind}): {one.error or 'taken'}, {one.took_ms} ms")
    if not tried:
        print("no channel: see [[qos.notify]]", file=sys.stderr)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 1_000):
        raise ArgumentTypeError("must be from 1 to 1000")
    return int(text)
