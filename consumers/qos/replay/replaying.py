"""Read what is stored, once, and say what would have been told. It publishes nothing and keeps no position."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from schemas.rules import QosRules
from schemas.topics import ALERTS, LIFECYCLE, PARTICIPANTS, QUALITY, STATE, TopicName

from ...errors import SourceUnavailable
from ...sources import PlacedSource, Reading
from ..event import instant
from .aligning import Aligning
from .comparison import Comparison, compared
from .running import Running
from .spans import spans

CONSUMER: Final = "qos-replay"
TOPICS: Final[frozenset[TopicName]] = frozenset({LIFECYCLE, PARTICIPANTS, QUALITY, STATE})
# A tick is decided by the sign of life after its lateness; these come every ten seconds.
_SIGNS: Final = timedelta(seconds=30)
_AT_ONCE: Final = 2_000
_WAIT_S: Final = 0.5
# What was there when the reading began is there: a source that gives nothing of it for so long is away.
_PATIENCE: Final = 120


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What to replay."""

    rules: QosRules
    against: QosRules | None = None
    """None: against what was published when it happened."""
    since: datetime
    until: datetime
    warm_up: timedelta = timedelta(hours=2)
    """So much before `since` is read as well, for what stood by then, and what was known."""
    noise_s: float = 300.0
    """What is over sooner is noise."""


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    since: datetime
    until: datetime
    """What is stored may end before what was asked for."""
    against: str
    """published, or rules."""
    records: int
    samples: int
    late: int
    """Records that came too late to count."""
    unreadable: int
    comparison: Comparison


Progress = Callable[[float, int], object]
"""Told now and then: which share is done, and how many samples that were."""


def reading(asked: Asked) -> Reading:
    """Return what the source has to give."""
    topics: frozenset[TopicName] = TOPICS if asked.against is not None else TOPICS.union((ALERTS,))
    return Reading(consumer=CONSUMER, topics=topics, start=asked.since - asked.warm_up)


async def replayed(source: PlacedSource, asked: Asked, progress: Progress = lambda *_: None) -> Replay:
    """Read to the end of what is asked for, or of what there is. Raises SourceUnavailable."""
    files = [asked.rules] if asked.against is None else [asked.rules, asked.against]
    start_ms, until_ms = _ms(asked.since - asked.warm_up), _ms(asked.until)
    lateness = timedelta(seconds=max(rules.lateness_s for rules in files))
    aligning = Aligning(await source.ends(), _ms(asked.until + lateness + _SIGNS))
    running = Running(files)
    running.take(aligning.take([], source.places()).records)
    in_vain = 0
    while not aligning.is_done:
        batch = await source.fetch(_AT_ONCE, _WAIT_S)
        in_vain = 0 if batch.records else in_vain + 1
        if in_vain > _PATIENCE:
            raise SourceUnavailable(f"nothing came for {_PATIENCE * _WAIT_S:.0f} s, and there is more to read")
        aligned = aligning.take(batch.records, source.places())
        source.hold_back(aligned.hold_back)
        running.take(aligned.records)
        progress((aligning.reached_ms - start_ms) / (until_ms - start_ms), running.samples)
    return _summed_up(running, asked)


def _summed_up(running: Running, asked: Asked) -> Replay:
    since_ms = _ms(asked.since)
    until_ms = max(since_ms, min(_ms(asked.until), running.decided_ms))
    old = running.published if asked.against is None else running.told[1]
    comparison = compared(
        spans(running.told[0], since_ms, until_ms), spans(old, since_ms, until_ms), noise_s=asked.noise_s
    )
    return Replay(
        since=asked.since,
        until=instant(until_ms),
        against="published" if asked.against is None else "rules",
        records=running.records,
        samples=running.samples,
        late=running.late,
        unreadable=running.unreadable,
        comparison=comparison,
    )


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1_000)
