"""Print what came of a replay, for a person: both sides in a table, and the alerts that are otherwise."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from consumers.qos.replay.comparison import Comparison, Difference, Side
from consumers.qos.replay.replaying import Replay

from ..printing import table

FIRST: Final = 20
_OLD: Final = {"published": "as published", "rules": "other rules"}


def print_replay(came: Replay, *, everything: bool) -> None:
    """Print all of it; of the differences the first twenty, unless `everything` is wanted."""
    print(f"{_time(came.since)} to {_time(came.until)}: {came.samples:,} samples in {came.records:,} records")
    if came.late or came.unreadable:
        print(f"not used: {came.late:,} records that came too late, {came.unreadable:,} that could not be read")
    print()
    found = came.comparison
    table(("", "these rules", _OLD[came.against]), list(_sides(found)))
    print()
    print(
        f"the same {found.same}, more {found.more}, fewer {found.fewer}, earlier {found.earlier}, later {found.later}"
    )
    if found.differences:
        print()
        _print_differences(found.differences, len(found.differences) if everything else FIRST)


def _sides(found: Comparison) -> Iterator[Sequence[str]]:
    new, old = found.new, found.old
    yield "alerts told", str(new.alerts), str(old.alerts)
    for severity in sorted({*new.by_severity, *old.by_severity}):
        yield f"  {severity}", str(new.by_severity.get(severity, 0)), str(old.by_severity.get(severity, 0))
    yield "minutes told", f"{new.minutes:,.1f}", f"{old.minutes:,.1f}"
    yield "noise: alerts", str(new.noise_alerts), str(old.noise_alerts)
    yield "noise: minutes", f"{new.noise_minutes:,.1f}", f"{old.noise_minutes:,.1f}"
    yield from _rules(new, old)


def _rules(new: Side, old: Side) -> Iterator[Sequence[str]]:
    for rule in sorted({*new.by_rule, *old.by_rule}):
        yield f"by {rule}", str(new.by_rule.get(rule, 0)), str(old.by_rule.get(rule, 0))


def _print_differences(differences: Sequence[Difference], most: int) -> None:
    rows = [
        (one.what, _span(one.by_s), _time(one.since), one.severity, one.level, one.place, ", ".join(one.rules))
        for one in differences[:most]
    ]
    table(("", "by", "since", "severity", "level", "place", "rules"), rows)
    if (left := len(differences) - most) > 0:
        print(f"and {left} more: --all shows them")


def _time(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
