"""Reading a million records from either source, decoded into events by nobody: the source alone."""

import asyncio
import os
import time
from pathlib import Path
from typing import Final

import structlog

from consumers.sources import Reading, Source
from consumers.sources.kafka import KafkaSource
from consumers.sources.local import LocalSource
from deploy.meters import PrometheusMeters
from schemas.settings import Kafka

from .filled import fill
from .forwarding import RECORDS
from .parts import RECEIVER_CORE, ReceiverProcess, broker, folder
from .table import Row

_LOG: Final = structlog.get_logger("meetwire.consumers")


async def measure() -> list[Row]:
    """Return the rows."""
    reading, meters = Reading(consumer="bench", start="earliest"), PrometheusMeters()
    with folder() as place:
        await asyncio.to_thread(fill, place / "log", RECORDS)
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {RECEIVER_CORE})
        local = await _read(LocalSource(place / "log", reading, meters=meters, logger=_LOG))
        os.sched_setaffinity(0, before)
        async with broker() as kafka:
            # After that the log lets go of what Kafka has.
            await asyncio.to_thread(_forward, place, kafka.bootstrap)
            os.sched_setaffinity(0, {RECEIVER_CORE})
            settings = Kafka(servers=(kafka.bootstrap,))
            remote = await _read(KafkaSource(settings, reading, meters=meters, logger=_LOG))
        os.sched_setaffinity(0, before)
    return [
        Row(f"records/s read from the local log, {RECORDS:,}", f"{local:,.0f}", "≥ 100,000"),
        Row(f"records/s read from Kafka, {RECORDS:,}", f"{remote:,.0f}", "≥ 100,000"),
    ]


async def _read(opening: LocalSource | KafkaSource) -> float:
    source: Source
    async with opening as source:
        count, begun = 0, time.perf_counter()
        while count < RECORDS:
            count += len((await source.fetch(5_000, 5.0)).records)
        return count / (time.perf_counter() - begun)


def _forward(place: Path, bootstrap: str) -> None:
    process = ReceiverProcess("disk", place, bootstrap)
    try:
        while process.figures().forwarded < RECORDS:
            time.sleep(0.1)
    finally:
        process.stop()
