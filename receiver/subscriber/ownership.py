"""What other receivers left in partitions: subscriptions that are open, lost, or given away. Pure.

A receiver that dies leaves subscriptions that no `lost` tells of. Whoever takes its partitions over reads
meeting.state.v1 back and says it in its place, from the last sign of life on. One that stopped in order has said since
when nothing was seen, and whoever opens the meeting next goes on from there.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from schemas.events import ReceiverAlive, SubscriptionChanged, decode
from schemas.record import Record

Key = tuple[str, str]
"""Enterprise and meeting ID."""

# A subscription that is older and has not been opened anew since is not found; the socket of a meeting that long has
# been renewed many times.
LOOK_BACK: Final = timedelta(hours=25)

_TOLD: Final = frozenset({SubscriptionChanged.__name__, ReceiverAlive.__name__})


Left = Literal["open", "lost", "moved", "over"]


class HeldOpen(msgspec.Struct, frozen=True, kw_only=True):
    """What was heard last of the subscription to one meeting."""

    enterprise: str
    meeting_id: str
    meeting_uuid: str | None
    epoch: int
    receiver: str
    since: datetime
    """When that was told."""
    last_seen: datetime
    """All before it was seen: the last sign of life of its receiver, or what that said itself."""
    left: Left = "open"
    """open: nothing else was heard. lost, moved, over: its receiver said so."""


class LookedAt:
    """What is left after the records of one partition of meeting.state.v1, in order; keeps one event a meeting."""

    def __init__(self) -> None:
        self._last: dict[Key, SubscriptionChanged] = {}
        self._alive: dict[str, datetime] = {}

    def take(self, records: Iterable[Record]) -> None:
        """Take the next records."""
        for record in records:
            event = _read(record) if record.type in _TOLD else None
            if isinstance(event, ReceiverAlive):
                known = self._alive.get(event.receiver, event.occurred_at)
                self._alive[event.receiver] = max(event.occurred_at, known)
            elif isinstance(event, SubscriptionChanged) and event.change != "gap":
                self._follow(event)

    def held(self) -> list[HeldOpen]:
        """Return what was heard last of each meeting."""
        return [_held(event, self._alive.get(event.receiver)) for event in self._last.values()]

    def _follow(self, event: SubscriptionChanged) -> None:
        key = (event.enterprise, event.meeting_id)
        stands = self._last.get(key)
        # One with an older epoch is of an owner that was replaced, and comes late.
        if stands is None or event.epoch >= stands.epoch:
            self._last[key] = event


def _held(event: SubscriptionChanged, alive: datetime | None) -> HeldOpen:
    left = _left(event)
    last_seen = event.occurred_at
    if left != "open":
        last_seen = event.unseen_since or event.occurred_at
    elif alive is not None:
        last_seen = max(alive, event.occurred_at)
    return HeldOpen(
        enterprise=event.enterprise,
        meeting_id=event.meeting_id,
        meeting_uuid=event.meeting_uuid,
        epoch=event.epoch,
        receiver=event.receiver,
        since=event.occurred_at,
        last_seen=last_seen,
        left=left,
    )


def _left(event: SubscriptionChanged) -> Left:
    if event.change == "opened":
        return "open"
    if event.change == "lost":
        return "lost"
    return "moved" if event.reason == "moved" else "over"


def _read(record: Record) -> object:
    try:
        return decode(record.value)
    except msgspec.DecodeError:
        return None
