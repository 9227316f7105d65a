"""Who leads on a local log."""

from __future__ import annotations

import asyncio
from pathlib import Path

from consumers.qos.leading import Leading
from deploy.leading import in_line


async def led(member: Leading) -> None:
    """Return once it leads."""
    async with asyncio.timeout(60):
        while not member.leads:  # noqa: ASYNC110 -- as its user does, it looks
            await asyncio.sleep(0.01)


async def test_one_leads_at_once_and_the_other_when_that_one_is_gone(tmp_path: Path) -> None:
    """Never both, whatever state folders they have."""
    async with in_line(tmp_path) as first:
        assert first.leads
        async with in_line(tmp_path) as third, in_line(tmp_path / ".") as second:
            assert not second.leads
            assert not third.leads
    async with in_line(tmp_path) as first:
        line = in_line(tmp_path)
        second = await line.__aenter__()
        assert (first.leads, second.leads) == (True, False)
    await led(second)
    await line.__aexit__(None, None, None)


async def test_logs_do_not_know_each_other(tmp_path: Path) -> None:
    """Each has a leader of its own."""
    other = tmp_path / "other"
    await asyncio.to_thread(other.mkdir)
    async with in_line(tmp_path) as first, in_line(other) as second:
        assert (first.leads, second.leads) == (True, True)
