"""Let time pass by a manual clock, whoever else sleeps."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from deploy.simulator import ManualClock


async def pass_time(clock: ManualClock, seconds: float) -> None:
    """Return once so many seconds have passed, and who slept until then is awake."""
    waiting = asyncio.create_task(clock.sleep_until(clock.now() + timedelta(seconds=seconds)))
    # Its turn to fall asleep.
    await asyncio.sleep(0)
    while not waiting.done():
        await clock.advance()
        await asyncio.sleep(0)
    await waiting
