"""Ten thousand subscriptions over TLS in one process: memory for each, how long until all are open, CPU while idle.

Idle is a minute: each socket's heartbeat, and the list of the meetings, come once in it.
"""

import asyncio
import os
import time
from typing import Final

from .listening import Pair, pair
from .table import Row

MEETINGS: Final = int(os.environ.get("MEETWIRE_TEST_BENCH_SUBSCRIPTIONS", "10000"))
CONNECTS_PER_S: Final = 400.0
IDLE_S: Final = 60.0


async def measure() -> list[Row]:
    """Return the rows."""
    with pair(meetings=MEETINGS, connects_per_s=CONNECTS_PER_S, secure=True) as both:
        return await asyncio.to_thread(_measure, both)


def _measure(both: Pair) -> list[Row]:
    before = both.receiver.first
    seconds = both.opened(MEETINGS)
    opened = both.receiver.figures()
    opening = (opened.cpu_s - before.cpu_s) / seconds
    began = time.perf_counter()
    time.sleep(IDLE_S)
    idle = both.receiver.figures()
    share = (idle.cpu_s - opened.cpu_s) / (time.perf_counter() - began)
    each = max(opened.rss_mib, idle.rss_mib) - before.rss_mib
    lost = MEETINGS - idle.subscriptions
    return [
        Row("subscriptions open in one process, over WSS", f"{idle.subscriptions:,}, {lost} lost", "10,000"),
        Row("memory for each", f"{each * 1_024 / MEETINGS:.0f} KiB; {idle.rss_mib:.0f} MiB in all", "≤ 100 KiB"),
        Row(
            f"until all are open, at most {CONNECTS_PER_S:.0f} connects/s",
            f"{seconds:.0f} s, {opening:.0%} of one core",
            "",
        ),
        Row(f"CPU of {MEETINGS:,} idle subscriptions", f"{share:.1%} of one core", ""),
    ]
