"""Say and count what was told of a subscription, whoever told it: its socket, or the one that found it left open."""

from typing import Final

import structlog

from schemas.events import SubscriptionChanged
from schemas.lines import Line, Logger

from .counts import Counts

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")
_LINES: Final[dict[str, Line]] = {
    "opened": "subscription.opened",
    "lost": "subscription.lost",
    "gap": "pushes.missed",
    "closed": "subscription.closed",
}


def say_told(event: SubscriptionChanged, counts: Counts, *, was_open: bool) -> None:
    """Say it once the log has it; `was_open`: by a subscription of this process, until then."""
    counts.told(event, was_open=was_open)
    say = _LOG.warning if event.change in ("lost", "gap") else _LOG.info
    say(
        _LINES[event.change],
        enterprise=event.enterprise,
        meeting=event.meeting_id,
        reason=event.reason,
        epoch=event.epoch,
    )
