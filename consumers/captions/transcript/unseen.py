"""Which spans of an occurrence were not seen, and why. Pure.

What no subscription saw was not seen; where two receivers were subscribed at once, what either saw was.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from schemas.archive.manifest import Manifest, Unseen
from schemas.events import SubscriptionChanged

from ..evidence.told import Told
from .extent import extent
from .instants import instant, milliseconds
from .seen import seen
from .shapes import Occurrence
from .spans import Span, between, merged

RECEIVER_SILENT: Final = "receiver_silent"
"""There was a subscription, but no receiver gave a sign of life for half a minute."""

NOT_LISTENED: Final = "not_listened"
"""Nobody told of a subscription."""

EVIDENCE_LOST: Final = "evidence_lost"
"""It was seen and kept, and a segment with lines of it is gone; somebody has accepted that."""

# SubscriptionChanged's word for the one end that is no failure.
MEETING_OVER: Final = "meeting_over"


def unseen(occurrence: Occurrence) -> list[Unseen]:
    """Return the spans, ascending; where two begin at once, what was not seen at all before what is partly missing."""
    changes = _changes(occurrence.told)
    whole = extent(occurrence)
    known = seen(occurrence.told, changes, whole)
    holes = between(known, whole) if known else [whole]
    found = [*(_hole(span, whole, changes) for span in holes), *_gaps(changes), *occurrence.lost]
    return sorted(found, key=_order)


def lost(occurrence: Occurrence, spans: Sequence[Span]) -> list[Unseen]:
    """Return what of these spans, of which evidence is lost, lies in an occurrence."""
    whole = extent(occurrence)
    return [
        Unseen(
            since=None if since <= whole[0] else instant(since),
            until=None if until >= whole[1] else instant(until),
            reason=EVIDENCE_LOST,
        )
        for since, until in merged(spans)
        if since <= whole[1] and until >= whole[0]
    ]


def lost_of(manifest: Manifest) -> list[Unseen]:
    """Return what a manifest says of evidence that is lost: nothing else that is there tells of it."""
    return [one for one in manifest.unseen if one.reason == EVIDENCE_LOST]


def _changes(told: Sequence[Told]) -> list[SubscriptionChanged]:
    found = {one.event_id: one.event for one in told if isinstance(one.event, SubscriptionChanged)}
    return sorted(found.values(), key=lambda one: (one.occurred_at, one.epoch, one.change))


def _hole(span: Span, whole: Span, changes: Sequence[SubscriptionChanged]) -> Unseen:
    return Unseen(
        since=None if span[0] <= whole[0] else instant(span[0]),
        until=None if span[1] >= whole[1] else instant(span[1]),
        reason=_reason(span, changes),
    )


def _reason(span: Span, changes: Sequence[SubscriptionChanged]) -> str:
    """Return what was told of the span: how it came about, else what it ended with, else that nobody was there."""
    told = [one for one in changes if _span(one)[1] >= span[0] and _span(one)[0] <= span[1]]
    causes = [one.reason for one in told if one.change == "lost" or (one.change == "closed" and one.unseen_since)]
    refusals = [one.reason for one in told if one.change == "closed" and one.reason != MEETING_OVER]
    openings = [one.reason for one in told if one.change == "opened"]
    was_open = any(one.change == "opened" and _span(one)[1] <= span[0] for one in changes)
    reasons = [*causes, *refusals, RECEIVER_SILENT if was_open else None, *openings, NOT_LISTENED]
    return next(filter(None, reasons))


def _span(change: SubscriptionChanged) -> Span:
    """Return from when to when a change tells of something unseen."""
    at_ms = milliseconds(change.occurred_at)
    return at_ms if change.unseen_since is None else min(milliseconds(change.unseen_since), at_ms), at_ms


def _gaps(changes: Sequence[SubscriptionChanged]) -> Iterator[Unseen]:
    for one in changes:
        if one.change == "gap":
            yield Unseen(
                since=one.unseen_since,
                until=one.occurred_at,
                reason=one.reason or "gap",
                push_type=one.push_type,
                missed=one.missed,
            )


def _order(one: Unseen) -> tuple[float, bool, float, str, str]:
    return (
        0.0 if one.since is None else one.since.timestamp(),
        one.push_type is not None,
        float("inf") if one.until is None else one.until.timestamp(),
        one.reason,
        one.push_type or "",
    )
