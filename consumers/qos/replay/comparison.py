"""What one rule file tells more, less, earlier and later than another, and how much of it is noise. Pure.

Two spans of one alert that have a moment in common are one alert told by both; what has no such counterpart is told by
one side alone. An alert is noise where it was over so soon that nobody could have done anything about it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Literal

import msgspec

from ..engine import TICK_MS
from ..event import instant
from .spans import Span

What = Literal["more", "fewer", "earlier", "later"]


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """What one side told."""

    alerts: int
    minutes: float
    """In which they stood, each by itself."""
    noise_alerts: int
    noise_minutes: float
    by_severity: dict[str, int]
    by_rule: dict[str, int]
    """An alert counts for each rule that was broken."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One alert that the new side told otherwise."""

    what: What
    level: str
    place: str
    severity: str
    rules: list[str]
    since: datetime
    until: datetime
    by_s: float
    """Earlier or later by so many seconds; otherwise how long it stood."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The new rules against what was."""

    new: Side
    old: Side
    same: int
    """Told by both, at the same time."""
    more: int
    fewer: int
    earlier: int
    later: int
    differences: list[Difference]
    """In order of time."""


def compared(new: Sequence[Span], old: Sequence[Span], *, noise_s: float) -> Comparison:
    """Compare two sides over the same time; shorter than `noise_s` is noise."""
    differences, same = list[Difference](), 0
    for one, other in _pairs(new, old):
        found = _difference(one, other)
        differences += [found] if found is not None else []
        same += found is None
    differences.sort(key=lambda one: (one.since, one.what, one.place))
    count = Counter(one.what for one in differences)
    return Comparison(
        new=side(new, noise_s),
        old=side(old, noise_s),
        same=same,
        more=count["more"],
        fewer=count["fewer"],
        earlier=count["earlier"],
        later=count["later"],
        differences=differences,
    )


def side(told: Sequence[Span], noise_s: float) -> Side:
    """Sum up one side."""
    noise = [span for span in told if span.is_over and span.minutes * 60 < noise_s]
    return Side(
        alerts=len(told),
        minutes=_minutes(told),
        noise_alerts=len(noise),
        noise_minutes=_minutes(noise),
        by_severity=dict(sorted(Counter(span.severity for span in told).items())),
        by_rule=dict(sorted(Counter(rule for span in told for rule in span.rules).items())),
    )


def _minutes(told: Iterable[Span]) -> float:
    return round(sum(span.minutes for span in told), 1)


def _pairs(new: Iterable[Span], old: Iterable[Span]) -> Iterator[tuple[Span | None, Span | None]]:
    """Yield each span once, with that of the other side which overlaps it, the first one first."""
    sides = [(span.alert_id, span.since_ms, True, span) for span in new]
    sides += [(span.alert_id, span.since_ms, False, span) for span in old]
    for _, some in groupby(sorted(sides, key=lambda one: one[:3]), lambda one: one[0]):
        waiting: dict[bool, list[Span]] = {True: [], False: []}
        for _, since_ms, is_new, span in some:
            others = waiting[not is_new]
            while others and others[0].until_ms <= since_ms:
                yield _alone(others.pop(0), not is_new)
            if others:
                other = others.pop(0)
                yield (span, other) if is_new else (other, span)
            else:
                waiting[is_new].append(span)
        for is_new, left in waiting.items():
            yield from (_alone(span, is_new) for span in left)


def _alone(span: Span, is_new: bool) -> tuple[Span | None, Span | None]:
    return (span, None) if is_new else (None, span)


def _difference(new: Span | None, old: Span | None) -> Difference | None:
    """Return what is otherwise; None where both are told at the same time, a tick more or less."""
    if new is None:
        return None if old is None else _told("fewer", old, (old.until_ms - old.since_ms) / 1_000)
    if old is None:
        return _told("more", new, (new.until_ms - new.since_ms) / 1_000)
    by_ms = new.since_ms - old.since_ms
    if abs(by_ms) <= TICK_MS:
        return None
    return _told("later" if by_ms > 0 else "earlier", new, abs(by_ms) / 1_000)


def _told(what: What, span: Span, by_s: float) -> Difference:
    return Difference(
        what=what,
        level=span.level,
        place=span.place,
        severity=span.severity,
        rules=list(span.rules),
        since=instant(span.since_ms),
        until=instant(span.until_ms),
        by_s=by_s,
    )
