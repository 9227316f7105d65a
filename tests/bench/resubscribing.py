"""A thousand subscriptions that are lost at once: how long until all are back, and how many connects in a second.

The receiver counts when it begins a connect; the cloud, what it accepted from the cut until each meeting is subscribed
to again, which is more wherever the cloud itself stood still.
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
    cap, began = f"{CONNECTS_PER_S:.0f}", both.receiver.figures().busiest_second
    return [
        Row(f"{MEETINGS:,} subscriptions lost at once → all back", f"{came.seconds:.1f} s", "< 30 s"),
        Row(
            f"most connects begun in any second, cap {cap}/s",
            f"{began}; the cloud took up to {came.busiest_second} in one",
            f"no burst above {cap}",
        ),
    ]
