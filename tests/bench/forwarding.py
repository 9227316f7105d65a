"""The forwarder draining a full log into a real broker, in the receiver's own process."""

import asyncio
import os
import time
from pathlib import Path
from typing import Final

from .filled import fill
from .parts import ReceiverProcess, broker, folder
from .table import Row

RECORDS: Final = int(os.environ.get("MEETWIRE_TEST_BENCH_RECORDS", "1000000"))


async def measure() -> list[Row]:
    """Return the row."""
    with folder() as place:
        await asyncio.to_thread(fill, place / "log", RECORDS)
        async with broker() as kafka:
            return await asyncio.to_thread(_drain, place, kafka.bootstrap)


def _drain(place: Path, bootstrap: str) -> list[Row]:
    started = time.perf_counter()
    process = ReceiverProcess("disk", place, bootstrap)
    try:
        first = process.figures()
        while process.figures().forwarded == 0:
            time.sleep(0.01)
        begun, before = time.perf_counter(), process.figures()
        while process.figures().forwarded < RECORDS:
            time.sleep(0.05)
        seconds, after = time.perf_counter() - begun, process.figures()
    finally:
        process.stop()
    rate = (RECORDS - before.forwarded) / seconds
    cpu = (after.cpu_s - first.cpu_s) / RECORDS * 1e6
    said = f"{rate:,.0f} ({cpu:.1f} µs CPU a record; {time.perf_counter() - started:.0f} s from start to end)"
    return [Row(f"forwarder: records/s, draining {RECORDS:,} into a real broker", said, "≥ 150,000")]
