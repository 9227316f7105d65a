"""Kill the process that tells, at random moments: every decision is told, under its own ID, and few of them twice."""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from ..notify.standing_in import StandIn, webhook_checks
from .telling import until

ROOT = Path(__file__).parents[4]
DECISIONS = 60
ROUNDS = 8


async def started(folder: Path, url: str, at: str) -> asyncio.subprocess.Process:
    """Start one."""
    words = (sys.executable, "-m", "tests.consumers.qos.outbox.child", str(folder), url, str(DECISIONS), at)
    return await asyncio.create_subprocess_exec(*words, cwd=ROOT, stdout=asyncio.subprocess.DEVNULL)


async def test_a_process_that_is_killed_at_any_moment_tells_everything(tmp_path: Path) -> None:
    """Each kill can repeat no more than what was on its way: one message of a webhook."""
    moments, at = random.Random(6), datetime.now(UTC).isoformat()  # noqa: S311 -- the same moments each time
    async with StandIn(webhook_checks).open("/hook") as other:
        for _ in range(ROUNDS):
            process = await started(tmp_path / "qos", other.url, at)
            # Some are killed while they are at it, some just after they began.
            enough = min(other.asked + moments.randrange(1, 8), DECISIONS)
            await until(lambda: other.asked >= enough)  # noqa: B023 -- waited for right here
            process.kill()
            await process.wait()
        process = await started(tmp_path / "qos", other.url, at)
        await until(lambda: len({head["webhook-id"] for head in other.heads}) >= DECISIONS)
        process.kill()
        await process.wait()

    times = Counter(head["webhook-id"] for head in other.heads)
    assert len(times) == DECISIONS
    assert sum(times.values()) - DECISIONS <= ROUNDS
