"""A frame is sent → its event is read, in another process, from the log and from Kafka; 1,000 frames/s, 50 meetings.

A frame's createTime is when the cloud handed it to the socket, in whole milliseconds: what is measured may be one
more than it was.
"""

import asyncio
import os
import time
from statistics import quantiles
from typing import Final

import structlog

from consumers.sources import Reading, Source
from consumers.sources.kafka import KafkaSource
from consumers.sources.local import LocalSource
from deploy.meters import PrometheusMeters
from receiver.forward.topics import create_topics
from schemas.settings import Kafka
from schemas.topics import CAPTIONS, SPEAKERS

from .listening import Pair, pair
from .parts import LOAD_CORE, broker
from .table import Row

MEETINGS: Final = 50
RATE: Final = 1_000
SECONDS: Final = 20
_LOG: Final = structlog.get_logger("meetwire.consumers")
_AT_ONCE: Final = 250
# What comes before is not counted: whoever reads for the first time is slow.
_WARM_S: Final = 2.0


async def measure() -> list[Row]:
    """Return the rows."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {LOAD_CORE})
    try:
        return [await _from_log(), await _from_kafka()]
    finally:
        os.sched_setaffinity(0, before)


async def _from_log() -> Row:
    with pair(meetings=MEETINGS, secure=True) as both:
        await asyncio.to_thread(both.opened, MEETINGS)
        source = LocalSource(both.log, _reading(), meters=PrometheusMeters(), logger=_LOG)
        return _row("the log", await _measure(both, source), "< 50 ms")


async def _from_kafka() -> Row:
    async with broker() as kafka:
        settings = Kafka(servers=(kafka.bootstrap,))
        await create_topics(settings)
        with pair(meetings=MEETINGS, secure=True, kafka=kafka.bootstrap) as both:
            await asyncio.to_thread(both.opened, MEETINGS)
            source = KafkaSource(settings, _reading(), meters=PrometheusMeters(), logger=_LOG)
            return _row("Kafka", await _measure(both, source), "< 150 ms")


def _reading() -> Reading:
    return Reading(consumer="bench", topics=frozenset({SPEAKERS, CAPTIONS}), start="latest")


async def _measure(both: Pair, opening: LocalSource | KafkaSource) -> list[float]:
    """Return the latencies in ms of all events that came after the warm-up."""
    source: Source
    async with opening as source:
        pouring = asyncio.create_task(asyncio.to_thread(both.cloud.do, f"pour {RATE} {SECONDS + _WARM_S}"))
        took: list[float] = []
        warm = time.time() + _WARM_S
        while not pouring.done():
            batch = await source.fetch(_AT_ONCE, 0.5)
            now = time.time()
            took += [
                (now - stored.record.occurred_at.timestamp()) * 1_000
                for stored in batch.records
                if stored.record.occurred_at.timestamp() >= warm
            ]
        return took


def _row(where: str, took: list[float], to_reach: str) -> Row:
    cuts = quantiles(took, n=100)
    said = f"p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms, {len(took):,} events"
    return Row(f"frame sent → event read from {where}, {RATE:,} frames/s", said, f"p99 {to_reach}")
