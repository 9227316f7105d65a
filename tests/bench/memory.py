"""Memory: after a million pushes, and through an hour's outage of the broker at 1,000 pushes a second, replayed fast.

The outage is 3.6 million pushes that no broker takes; then the broker is there and everything drains. What counts is
that memory is flat: it does not grow with the number of pushes, nor with how long Kafka was away.
"""

import asyncio
import os
import time
from typing import Final

from .parts import ReceiverProcess, broker, folder, load
from .table import Row

PUSHES: Final = int(os.environ.get("MEETWIRE_TEST_BENCH_PUSHES", "1000000"))
OUTAGE: Final = int(os.environ.get("MEETWIRE_TEST_BENCH_OUTAGE", "3600000"))
_STEP: Final = 100_000


async def measure() -> list[Row]:
    """Return the rows."""
    return [await _million(), await _outage()]


async def _million() -> Row:
    with folder() as place:
        async with broker() as kafka:
            process = ReceiverProcess("disk", place, kafka.bootstrap)
            try:
                early, late = await asyncio.to_thread(_push, process, PUSHES)
                peak = process.figures().peak_rss_mib
            finally:
                await asyncio.to_thread(process.stop)
    said = f"{early:.0f} MiB after a tenth, {late:.0f} MiB at the end, peak {peak:.0f} MiB"
    return Row(f"memory over {PUSHES:,} pushes", said, "flat; ≤ 150 MiB")


async def _outage() -> Row:
    with folder() as place:
        async with broker() as kafka:
            process = ReceiverProcess("disk", place, kafka.bootstrap)
            try:
                await asyncio.to_thread(load, process.port, total=1_000, first=50_000_000)
                await kafka.kill()
                early, late = await asyncio.to_thread(_push, process, OUTAGE)
                await kafka.start()
                seconds = await asyncio.to_thread(_drained, process)
                after = process.figures()
            finally:
                await asyncio.to_thread(process.stop)
    said = (
        f"{early:.0f} MiB after a tenth, {late:.0f} MiB at its end, {after.rss_mib:.0f} MiB when drained"
        f" ({seconds:.0f} s later), peak {after.peak_rss_mib:.0f} MiB"
    )
    return Row(f"memory over an outage of {OUTAGE:,} pushes", said, "flat; ≤ 150 MiB")


def _push(process: ReceiverProcess, count: int) -> tuple[float, float]:
    """Send `count` pushes; return the memory in MiB after a tenth and at the end."""
    early = 0.0
    for first in range(0, count, _STEP):
        report = load(process.port, total=_STEP, first=first)
        if report.answers != {"200": _STEP}:
            raise RuntimeError(f"not all were answered 200: {report.answers}")
        if first <= count // 10:
            early = process.figures().rss_mib
    return early, process.figures().rss_mib


def _drained(process: ReceiverProcess) -> float:
    begun = time.perf_counter()
    while (figures := process.figures()).forwarded < figures.position:
        time.sleep(0.2)
    return time.perf_counter() - begun
