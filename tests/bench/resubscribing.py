"""A thousand subscriptions that are lost at once: how long until all are back, and how many connects in a second.

The cloud counts: sockets that it accepted, from the cut until each meeting is subscribed to again.
"""

import asyncio
from typing import Final

from .listening import Pair, pair
from .table import Row

MEETINGS: Final = 1_000
CONNECTS_PER_S: Final = 50.0
"""The setting's default."""


async def measure() -> list[Row]:
    """Return the rows."""
    with pair(meetings=MEETINGS, connects_per_s=CONNECTS_PER_S, secure=True) as both:
        return await asyncio.to_thread(_measure, both)


def _measure(both: Pair) -> list[Row]:
    both.opened(MEETINGS)
    came = both.cloud.do("cut")
    cap = f"{CONNECTS_PER_S:.0f}"
    return [
        Row(f"{MEETINGS:,} subscriptions lost at once → all back", f"{came.seconds:.1f} s", "< 30 s"),
        Row(f"most connects in any second of that, cap {cap}/s", f"{came.busiest_second}", f"no burst above {cap}"),
    ]
