"""A meeting starts → its subscription is open: from when the push was received to `opened`, in calm."""

import asyncio
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from typing import Final

import structlog

from consumers.sources import Reading
from consumers.sources.local import LocalSource
from deploy.meters import PrometheusMeters
from schemas.events import MeetingStarted, SubscriptionChanged, decode
from schemas.topics import LIFECYCLE, STATE
from tests.kafka.configuration import free_port

from .listening import Pair, pair
from .table import Row

MEETINGS: Final = 200
_LOG: Final = structlog.get_logger("meetwire.consumers")
_AT_ONCE: Final = 5_000


async def measure() -> list[Row]:
    """Return the rows."""
    with pair(secure=True, push_port=free_port()) as both:
        await asyncio.to_thread(_start, both)
        milliseconds = await _read(both.log)
    p50, p99 = quantiles(milliseconds, n=100)[49], quantiles(milliseconds, n=100)[98]
    said = f"p50 {p50:.0f} ms, p99 {p99:.0f} ms"
    return [Row(f"meeting.started received → subscribed, {MEETINGS} one by one", said, "p99 < 1 s")]


def _start(both: Pair) -> None:
    for _ in range(MEETINGS):
        both.cloud.do("start")
    both.opened(MEETINGS)


async def _read(log: Path) -> list[float]:
    """Return how long each took, in ms."""
    reading = Reading(consumer="bench", topics=frozenset({LIFECYCLE, STATE}))
    received: dict[str, datetime] = {}
    took: list[float] = []
    async with LocalSource(log, reading, meters=PrometheusMeters(), logger=_LOG) as source:
        while len(took) < MEETINGS:
            for stored in (await source.fetch(_AT_ONCE, 5.0)).records:
                event = decode(stored.record.value)
                if isinstance(event, MeetingStarted):
                    received[event.meeting_id] = event.received_at
                elif isinstance(event, SubscriptionChanged) and event.change == "opened":
                    took.append((event.occurred_at - received[event.meeting_id]).total_seconds() * 1_000)
    return took
