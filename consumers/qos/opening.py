"""Begin where the last snapshot ends; where there is none that fits, look back a while.

A snapshot fits where its offsets count in the same log, or cluster; then what is known of the topic of alerts holds.
The engine's state holds where the rules are the same as well. Else it is made anew from a look back, and until it has
caught up with the moment of the start nothing that it decides is told: it was decided and told before.
"""

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import datetime, timedelta
from typing import Final

import msgspec

from schemas.topics import ALERTS, LIFECYCLE, PARTICIPANTS, QUALITY, STATE, TopicName

from ..sources import NOWHERE, PlacedSource, Places, Reading
from .deciding import Beginning
from .engine.state import State
from .snapshot import At, Snapshot
from .told import Told

NAME: Final = "qos"
TOPICS: Final[frozenset[TopicName]] = frozenset({LIFECYCLE, STATE, PARTICIPANTS, QUALITY})

Sources = Callable[[Reading], AbstractAsyncContextManager[PlacedSource]]
"""Makes a source to be opened."""


class Open(msgspec.Struct, frozen=True):
    """What is read, and what is known so far."""

    records: PlacedSource
    alerts: PlacedSource
    beginning: Beginning


@contextlib.asynccontextmanager
async def opened(
    sources: Sources, snapshot: Snapshot | None, rules: str, *, look_back: timedelta, now: datetime
) -> AsyncIterator[Open]:
    """Open both sources; `rules`: the ID of the rules in use. Raises SourceUnavailable."""
    since = now - look_back
    async with AsyncExitStack() as stack:
        alerts = await stack.enter_async_context(sources(_of_alerts(snapshot)))
        if snapshot is not None and snapshot.cluster != alerts.cluster:
            # Another log, or another cluster: what was known is of no use, and the places mean nothing.
            snapshot = None
            alerts = await stack.enter_async_context(sources(_of_alerts(None)))
        state_of = snapshot if snapshot is not None and snapshot.rules == rules else None
        begin = NOWHERE if state_of is None else _places(state_of.places)
        records = await stack.enter_async_context(
            sources(Reading(consumer=NAME, topics=TOPICS, start=since, begin=begin))
        )
        yield Open(records, alerts, _beginning(snapshot, state_of, since_ms=_ms(since), now_ms=_ms(now)))


def _beginning(snapshot: Snapshot | None, state_of: Snapshot | None, *, since_ms: int, now_ms: int) -> Beginning:
    told = Told() if snapshot is None else snapshot.told
    if state_of is not None:
        begun_ms = state_of.state.clock.reached_ms or since_ms
        quiet_ms = state_of.quiet_until_ms
        return Beginning(
            state=state_of.state, told=told, signs=state_of.signs, begun_ms=begun_ms, quiet_until_ms=quiet_ms
        )
    # Decided under other rules: not to be published under these.
    told.pending.clear()
    return Beginning(state=State(), told=told, begun_ms=since_ms, quiet_until_ms=now_ms)


def _of_alerts(snapshot: Snapshot | None) -> Reading:
    begin = NOWHERE if snapshot is None else _places(snapshot.alert_places)
    return Reading(consumer=f"{NAME}-alerts", topics=frozenset({ALERTS}), begin=begin)


def _places(listed: list[At]) -> Places:
    return {(at.topic, at.partition): at.offset for at in listed}


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1_000)
