"""Whose meeting it is: partitions of meeting IDs, and what another receiver held open in them. Pure.

A receiver that dies leaves subscriptions that no `lost` tells of. Whoever takes its partitions over reads
meeting.state.v1 back and says it in its place, from the last sign of life on.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from schemas.events import ReceiverAlive, SubscriptionChanged, decode
from schemas.record import Record

Key = tuple[str, str]
"""Enterprise and meeting ID."""

_TOLD: Final = frozenset({SubscriptionChanged.__name__, ReceiverAlive.__name__})


class HeldOpen(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription that was opened and of which nothing else was heard."""

    enterprise: str
    meeting_id: str
    meeting_uuid: str | None
    epoch: int
    receiver: str
    last_seen: datetime
    """The last sign of life of its receiver: all before it was seen."""


def held_open(records: Iterable[Record]) -> dict[Key, HeldOpen]:
    """Return what is open after the records of one partition of meeting.state.v1, in order."""
    opened: dict[Key, SubscriptionChanged] = {}
    alive: dict[str, datetime] = {}
    for record in records:
        if record.type not in _TOLD:
            continue
        event = _read(record)
        if isinstance(event, ReceiverAlive):
            alive[event.receiver] = max(event.occurred_at, alive.get(event.receiver, event.occurred_at))
        elif isinstance(event, SubscriptionChanged):
            _follow(opened, event)
    return {key: _held(event, alive.get(event.receiver)) for key, event in opened.items()}


def _follow(opened: dict[Key, SubscriptionChanged], event: SubscriptionChanged) -> None:
    key = (event.enterprise, event.meeting_id)
    stands = opened.get(key)
    if stands is not None and event.epoch < stands.epoch:
        # Of an owner that was replaced, and comes late.
        return
    if event.change == "opened":
        opened[key] = event
    elif event.change in ("lost", "closed"):
        opened.pop(key, None)


def _held(event: SubscriptionChanged, alive: datetime | None) -> HeldOpen:
    return HeldOpen(
        enterprise=event.enterprise,
        meeting_id=event.meeting_id,
        meeting_uuid=event.meeting_uuid,
        epoch=event.epoch,
        receiver=event.receiver,
        last_seen=event.occurred_at if alive is None else max(alive, event.occurred_at),
    )


def _read(record: Record) -> object:
    try:
        return decode(record.value)
    except msgspec.DecodeError:
        return None
