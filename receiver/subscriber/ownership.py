"""What other receivers left in partitions: subscriptions that are open, lost, or given away. Pure.

A receiver that dies leaves subscriptions that no `lost` tells of. Whoever takes its partitions over reads
meeting.state.v1 back and says it in its place, from the last sign of life on. One that stopped in order has said since
when nothing was seen, and whoever opens the meeting next goes on from there.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal

import msgspec

from schemas.events import ReceiverAlive, SubscriptionChanged, decode
from schemas.record import Record

Key = tuple[str, str]
"""Enterprise and meeting ID."""

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


def held_open(records: Iterable[Record]) -> dict[Key, HeldOpen]:
    """Return what is left after the records of one partition of meeting.state.v1, in order."""
    last: dict[Key, SubscriptionChanged] = {}
    alive: dict[str, datetime] = {}
    for record in records:
        if record.type not in _TOLD:
            continue
        event = _read(record)
        if isinstance(event, ReceiverAlive):
            alive[event.receiver] = max(event.occurred_at, alive.get(event.receiver, event.occurred_at))
        elif isinstance(event, SubscriptionChanged):
            _follow(last, event)
    return {key: _held(event, alive.get(event.receiver)) for key, event in last.items()}


def _follow(last: dict[Key, SubscriptionChanged], event: SubscriptionChanged) -> None:
    key = (event.enterprise, event.meeting_id)
    stands = last.get(key)
    if event.change == "gap" or (stands is not None and event.epoch < stands.epoch):
        # Of an owner that was replaced, and comes late.
        return
    last[key] = event


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
