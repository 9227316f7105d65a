"""What this process appended itself, as it is appended: lifecycle events for the subscriber among it."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from schemas.events import LifecycleEvent, decode
from schemas.ids import Position
from schemas.record import Record
from schemas.topics import LIFECYCLE

from ..log import LogReader, SqliteLog

_AT_ONCE: Final = 500


def lifecycle_events(records: Iterable[Record]) -> list[LifecycleEvent]:
    """Return the lifecycle events among records; what a newer version wrote and we cannot read is left out."""
    events = []
    for record in records:
        if record.topic == LIFECYCLE:
            with contextlib.suppress(msgspec.DecodeError):
                event = decode(record.value)
                if isinstance(event, LifecycleEvent):
                    events.append(event)
    return events


async def follow_log(
    log: SqliteLog, reader: LogReader, appended: Callable[[Sequence[Record]], object], *, start: Position | None = None
) -> None:
    """Tell of records as they are appended, from `start` on, by default from now on. Never returns."""
    position = log.next if start is None else start
    while True:
        await log.news(position)
        chunk = log.recent(position, _AT_ONCE) or await asyncio.to_thread(reader.read, position, _AT_ONCE)
        if chunk is None:  # pragma: no cover -- pruned between the news and the look: what comes next is newer
            position = log.next
            continue
        appended(chunk.records)
        position = chunk.end
