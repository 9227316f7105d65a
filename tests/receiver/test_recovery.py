"""What an earlier process left open is told before anything is listened to, and holds up no start."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from deploy.simulator.cloud import running_cloud
from receiver.log import LogFile

from .listening import (
    LAST_S,
    MEETING,
    Found,
    Listening,
    app_of,
    changes,
    enterprise,
    left_open,
    listening_to,
    settings,
    subscriptions,
)
from .log.running import metric
from .test_service import numbered, post


class Disk:
    """The disk of the log, as far as its room goes."""

    def __init__(self) -> None:
        self.free = -1

    def relieve(self) -> None:
        """Have room."""
        self.free = 2**40


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """A disk without room, until it is relieved."""
    made = Disk()
    monkeypatch.setattr("receiver.log.room.Room.free_bytes", lambda _: made.free)
    return made


async def refused(one: Listening, count: float) -> None:
    """Return once so many commits failed."""
    async with asyncio.timeout(60):
        while (await metric(one.meters, "meetwire_log_failures_total", reason="disk_full") or 0) < count:
            await one.receiver.log.run(lambda _: None)


def is_all_told(found: Found) -> bool:
    """Return whether the meeting is told as over, and a sign of life came."""
    return ("closed", "meeting_over") in changes(found) and "ReceiverAlive" in {record.type for record in found}


async def test_a_full_disk_holds_up_no_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disk: Disk) -> None:
    """Pushes are answered 503 and nobody is listened to; with room again all is told in its order, by the same process.

    No list counts before, by which the meeting would be over and forgotten untold; no sign of life says meanwhile that
    the meeting was seen.
    """
    monkeypatch.setattr("receiver.subscriber.alive.EVERY_S", 0.01)
    await asyncio.to_thread(left_open, tmp_path)
    async with running_cloud() as cloud:
        root = settings(tmp_path, enterprise(app_of(cloud), pushed=True), discover_every_s=0.01)
        async with asyncio.timeout(60), listening_to(cloud, root) as one:
            status = await post(one.receiver, numbered(1))
            reasons = [line.partition(":")[0] for line in await one.receiver.unready()]
            await refused(one, 5)
            listed = await metric(
                one.meters, "meetwire_cloud_calls_total", enterprise="acme", call="online_meetings", outcome="good"
            )
            disk.relieve()
            found = await one.has(is_all_told)

    assert (status, reasons, listed or 0) == (503, ["log", "disk"], 0)
    assert changes(found) == [("opened", None), ("lost", "restarted"), ("closed", "meeting_over")]
    types = [record.type for record in found]
    assert "ReceiverAlive" not in types[: types.index("SubscriptionChanged", 1)]
    _, lost, closed = subscriptions(found)
    assert lost.unseen_since is not None
    assert lost.unseen_since.timestamp() < time.time() - LAST_S
    assert (lost.epoch, closed.epoch, closed.unseen_since) == (7, 7, lost.unseen_since)


async def test_what_a_stop_leaves_untold_is_told_at_the_next_start(tmp_path: Path, disk: Disk) -> None:
    """Each stop while the log takes nothing is one: the note stays, and is told once."""
    await asyncio.to_thread(left_open, tmp_path)
    async with running_cloud() as cloud:
        root = settings(tmp_path, enterprise(app_of(cloud)), discover_every_s=0.01)
        for _ in range(2):
            async with asyncio.timeout(60), listening_to(cloud, root) as one:
                await refused(one, 1)
        disk.relieve()
        async with listening_to(cloud, root) as one:
            found = await one.has(lambda records: ("closed", "meeting_over") in changes(records))

    assert changes(found) == [("opened", None), ("lost", "restarted"), ("closed", "meeting_over")]


async def test_a_recovery_that_failed_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disk: Disk
) -> None:
    """A fault of ours must not keep a receiver from listening until somebody starts it again."""
    monkeypatch.setattr("receiver.kept_going.AGAIN_S", 0.0)
    disk.relieve()
    fails = [ValueError("marker")]
    await asyncio.to_thread(left_open, tmp_path)

    def marks(self: LogFile, prefix: str) -> dict[str, bytes]:
        if fails:
            raise fails.pop()
        return real(self, prefix)

    real = LogFile.marks
    monkeypatch.setattr(LogFile, "marks", marks)
    async with running_cloud() as cloud:
        cloud.start_meeting(MEETING)
        root = settings(tmp_path, enterprise(app_of(cloud)), discover_every_s=0.05)
        async with listening_to(cloud, root) as one:
            found = await one.has(lambda records: len(changes(records)) == 3)

    assert [change for change, _ in changes(found)] == ["opened", "lost", "opened"]
