"""What the log says of its commits: metrics, and a line when they begin to fail and when they succeed again."""

from collections import Counter
from typing import Final

import structlog

from schemas.ids import Position
from schemas.lines import Logger
from schemas.metrics import Meters

from ..errors import Reason
from .fresh import Committed

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")
_REASONS: Final[tuple[Reason, ...]] = ("disk_full", "log_failed", "log_closed")


class Outcomes:
    """Of one log, whose next record gets position `next`. For the loop's thread."""

    def __init__(self, meters: Meters, next: Position) -> None:
        self._meters = meters
        self._commits = meters.counter("meetwire_log_commits_total")
        self._seconds = meters.histogram("meetwire_log_commit_seconds")
        self._failures = {reason: meters.counter("meetwire_log_failures_total", reason=reason) for reason in _REASONS}
        self._position = meters.gauge("meetwire_log_position")
        self._position.set(next - 1)
        self.failing: Reason | None = None
        """Why the last commit failed; None while commits succeed."""

    def took(self, seconds: float) -> None:
        """Count how long a commit took, whatever became of it."""
        self._seconds.observe(seconds)

    def committed(self, committed: Committed) -> None:
        """Count a commit."""
        self.succeeded()
        self._commits.inc()
        chunk = committed.chunk
        if chunk.records:
            self._position.set(chunk.end - 1)
        for topic, count in Counter(record.topic for record in chunk.records).items():
            self._meters.counter("meetwire_log_records_total", topic=topic).inc(count)

    def succeeded(self) -> None:
        """Take it that the disk takes writes."""
        if self.failing is not None:
            _LOG.info("log.recovered", reason=self.failing)
            self.failing = None

    def failed(self, reason: Reason, error: Exception) -> None:
        """Count a commit that came to nothing; of one reason say so once."""
        self._failures[reason].inc()
        if self.failing != reason:
            self.failing = reason
            _LOG.error("log.failed", reason=reason, kind=type(error.__cause__ or error).__name__)
