"""From when to when an occurrence was on. Pure."""

from collections.abc import Iterator

from schemas.events import ReceiverAlive

from .instants import happened_ms, milliseconds
from .shapes import Occurrence
from .spans import Span


def extent(occurrence: Occurrence) -> Span:
    """Return its start and its end; where one is not known, the first or the last that was seen of it."""
    started_at, ended_at = occurrence.started_at, occurrence.ended_at
    since = min(_times(occurrence)) if started_at is None else milliseconds(started_at)
    until = max(_times(occurrence)) if ended_at is None else milliseconds(ended_at)
    return since, max(since, until)


def _times(occurrence: Occurrence) -> Iterator[int]:
    return (happened_ms(one) for one in occurrence.told if not isinstance(one.event, ReceiverAlive))
