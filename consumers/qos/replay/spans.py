"""When somebody was told of which alert: decisions folded to spans of time. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from schemas.events import AlertChanged

from ..engine.alert import SEVERITIES, Change

# Alerts on alerting itself: the one always fires, and the other goes by a clock that no replay has.
BESIDE: Final = frozenset({"watchdog", "pipeline"})


class Told(msgspec.Struct, frozen=True):
    """One decision, as far as it matters here."""

    at_ms: int
    id: str
    """The decision's own: what was published twice counts once."""
    alert_id: str
    level: str
    place: str
    severity: str
    rules: tuple[str, ...]
    stands: bool
    """False: resolved."""
    is_heard: bool
    """Neither held back by a wider alert nor muted."""


class Span(msgspec.Struct, frozen=True):
    """From when until when somebody was told of an alert."""

    alert_id: str
    level: str
    place: str
    severity: str
    """The gravest."""
    rules: tuple[str, ...]
    """All that were broken meanwhile."""
    since_ms: int
    until_ms: int
    is_over: bool
    """False: it stood when the replay ended."""

    @property
    def minutes(self) -> float:
        """How long."""
        return (self.until_ms - self.since_ms) / 60_000


def of_change(change: Change) -> Told:
    """Return a decision of the engine."""
    alert = change.alert
    return Told(
        at_ms=change.at_ms,
        id=change.id,
        alert_id=alert.id,
        level=alert.level,
        place=alert.place,
        severity=alert.severity,
        rules=tuple(sorted({trouble.rule for trouble in alert.troubles})),
        stands=change.change != "resolved",
        is_heard=alert.held_by is None and not alert.muted,
    )


def of_event(event: AlertChanged, event_id: str) -> Told:
    """Return a decision that was published."""
    return Told(
        at_ms=int(event.occurred_at.timestamp() * 1_000),
        id=event_id.removesuffix("-0"),
        alert_id=event.alert_id,
        level=event.level,
        place=event.place,
        severity=event.severity,
        rules=tuple(sorted({trouble.rule for trouble in event.troubles})),
        stands=event.change != "resolved",
        is_heard=event.held_by is None and not event.muted,
    )


def spans(decisions: Iterable[Told], since_ms: int, until_ms: int) -> list[Span]:
    """Return the spans within a time, those that reach beyond it cut there; in order of their begin."""
    # Of what was decided afterwards one side may have more than the other.
    once = {told.id: told for told in decisions if told.level not in BESIDE and told.at_ms <= until_ms}
    open_: dict[str, Span] = {}
    found: list[Span] = []
    for told in sorted(once.values(), key=lambda told: (told.at_ms, told.id)):
        found += _taken(open_, told, until_ms)
    found += open_.values()
    cut = (_cut(span, since_ms, until_ms) for span in found)
    return sorted((span for span in cut if span is not None), key=lambda span: (span.since_ms, span.alert_id))


def _taken(open_: dict[str, Span], told: Told, until_ms: int) -> Iterator[Span]:
    before = open_.pop(told.alert_id, None)
    if told.stands and told.is_heard:
        open_[told.alert_id] = _begun(told, until_ms) if before is None else _joined(before, told)
    elif before is not None:
        yield msgspec.structs.replace(before, until_ms=told.at_ms, is_over=True)


def _begun(told: Told, until_ms: int) -> Span:
    return Span(
        alert_id=told.alert_id,
        level=told.level,
        place=told.place,
        severity=told.severity,
        rules=told.rules,
        since_ms=told.at_ms,
        until_ms=max(told.at_ms, until_ms),
        is_over=False,
    )


def _joined(span: Span, told: Told) -> Span:
    return msgspec.structs.replace(
        span,
        severity=max(span.severity, told.severity, key=SEVERITIES.index),
        rules=tuple(sorted({*span.rules, *told.rules})),
    )


def _cut(span: Span, since_ms: int, until_ms: int) -> Span | None:
    if span.until_ms <= since_ms or span.since_ms >= until_ms:
        return None
    return msgspec.structs.replace(
        span,
        since_ms=max(span.since_ms, since_ms),
        until_ms=min(span.until_ms, until_ms),
        is_over=span.is_over and span.until_ms <= until_ms,
    )
