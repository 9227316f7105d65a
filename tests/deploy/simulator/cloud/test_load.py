"""The load: many meetings, a fixed rate, and each frame to be found again."""

from __future__ import annotations

import asyncio
import time

import aiohttp

from deploy.simulator.cloud import CloudOptions, running_cloud
from deploy.simulator.cloud.load import CloudLoad, fill, pour

from .client import Client


async def test_frames_come_at_the_rate_that_was_asked() -> None:
    """Speakers and captions by turns, over all meetings, each sentence with its number."""
    stop = asyncio.Event()
    async with running_cloud(CloudOptions(keep_sent=False)) as cloud, aiohttp.ClientSession() as session:
        ids = fill(cloud, CloudLoad(meetings=2, people=2))
        wanted = ("SpeakerChangeNotify", "RealTimeSubtitleNotify")
        client = Client(cloud, session)
        async with client.subscribed(ids[0], *wanted) as one, client.subscribed(ids[1], *wanted) as two:
            snapshots = [await one.frame(), await two.frame()]
            began = time.monotonic()
            pouring = asyncio.create_task(pour(cloud, ids, rate=1_000, stop=stop))
            frames = [frame for _ in range(10) for wire in (one, two) for frame in await wire.frames(4)]
            took = time.monotonic() - began
            stop.set()
            made = await pouring

    numbers = [
        int(frame["data"]["msgs"][0]["id"], 16) for frame in frames if frame["action"] == "RealTimeSubtitleNotify"
    ]
    assert [snapshot["action"] for snapshot in snapshots] == ["SpeakerChangeNotify"] * 2
    assert sorted(numbers) == list(range(0, 80, 2))
    assert made >= 80
    assert 0.07 < took < 10
    assert (cloud.sent, cloud.ledger.count > 80) == ([], True)


async def test_ten_thousand_meetings_are_on_in_a_moment() -> None:
    """Each with its people and captions."""
    async with running_cloud(CloudOptions(keep_sent=False)) as cloud:
        ids = fill(cloud, CloudLoad(meetings=10_000, people=1))

        assert len(set(ids)) == len(cloud.on) == 10_000
        assert cloud.unsent == []
