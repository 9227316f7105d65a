"""The forwarder draining a full log into a real broker, in the receiver's own process."""

import asyncio
import os
import time
from pathlib import Path
from typing import Final

from tests.kafka.broker import Broker

from .filled import fill
from .parts import ReceiverProcess, broker, cpu_s, folder
from .table import Row

RECORDS: Final = int(os.environ.get("MEETWIRE_TEST_BENCH_RECORDS", "1000000"))


async def measure() -> list[Row]:
    """Return the row."""
    with folder() as place:
        await asyncio.to_thread(fill, place / "log", RECORDS)
        async with broker() as kafka:
            return await asyncio.to_thread(_drain, place, kafka)


def _drain(place: Path, kafka: Broker) -> list[Row]:
    started, kafka_first = time.perf_counter(), cpu_s(kafka)
    process = ReceiverProcess("disk", place, kafka.bootstrap)
    try:
        first = process.figures()
        while process.figures().forwarded == 0:
            time.sleep(0.01)
        begun, before = time.perf_counter(), process.figures()
        while process.figures().forwarded < RECORDS:
            time.sleep(0.2)
        seconds, after = time.perf_counter() - begun, process.figures()
    finally:
        process.stop()
    took = time.perf_counter() - started
    rate = (RECORDS - before.forwarded) / seconds
    ours, its = ((spent / RECORDS * 1e6) for spent in (after.cpu_s - first.cpu_s, cpu_s(kafka) - kafka_first))
    said = f"{rate:,.0f} ({took:.0f} s from start to end; CPU a record: ours {ours:.1f} µs, the broker's {its:.1f} µs)"
    return [Row(f"forwarder: records/s, draining {RECORDS:,} into a real broker", said, "≥ 150,000")]
