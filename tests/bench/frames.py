"""Frames a second, decoded, normalised and logged on one core; every other one of speakers and of captions.

Once without sockets, from bytes that the simulator's cloud made, and once over WSS from as fast a cloud as there is on
the other core.
"""

import asyncio
import os
import time
from datetime import UTC, datetime
from statistics import median
from typing import Final

from deploy.meters import PrometheusMeters
from deploy.simulator.clock import RealClock
from deploy.simulator.cloud import Cloud, CloudOptions, Meeting
from deploy.simulator.cloud.exchange import Exchange
from deploy.simulator.cloud.load import CloudLoad, fill, pour
from deploy.simulator.cloud.sent import Made
from receiver.entry_frames import enter_frame
from receiver.frames import Frame, Reply, read_frame
from receiver.log import LogFile, SqliteLog
from receiver.subscriber.keeping import Keeping

from .listening import Pair, pair
from .parts import RECEIVER_CORE, folder
from .table import Row

MEETINGS: Final = 50
FRAMES: Final = 100_000
ROUNDS: Final = 3
SECONDS: Final = 10.0
_PARTITIONS: Final = 12


async def measure() -> list[Row]:
    """Return the rows."""
    before = os.sched_getaffinity(0)
    bodies = await _bodies()
    os.sched_setaffinity(0, {RECEIVER_CORE})
    rates = [await _rate(bodies) for _ in range(ROUNDS)]
    os.sched_setaffinity(0, before)
    with pair(meetings=MEETINGS, secure=True) as both:
        through = await asyncio.to_thread(_through, both)
    figure = "frames/s decoded, normalised and logged on one core"
    return [Row(figure, f"{median(rates):,.0f}", "≥ 15,000"), through]


class _Collecting(Exchange):
    """Keeps what sockets would be handed."""

    made: list[Made]

    def send(self, meeting: Meeting, made: Made) -> None:
        """Keep it."""
        self.made.append(made)


async def _bodies() -> list[tuple[str, bytes]]:
    """Return what a cloud sends, with the meeting of each, in order."""
    cloud = Cloud(CloudOptions(keep_sent=False), RealClock())
    cloud.exchange = collecting = _Collecting(cloud.now_ms, cloud.faults, cloud.ledger, seed=1)
    collecting.made = []
    ids = fill(cloud, CloudLoad(meetings=MEETINGS))
    collecting.made.clear()
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as pouring:
        pouring.create_task(pour(cloud, ids, rate=FRAMES, stop=stop))
        while len(collecting.made) < FRAMES:  # noqa: ASYNC110 -- the list tells nobody
            await asyncio.sleep(0)
        stop.set()
    return [(made.meeting_id, made.text.encode()) for made in collecting.made[:FRAMES]]


async def _rate(bodies: list[tuple[str, bytes]]) -> float:
    """Take them as sockets do: each meeting's in order, several on their way to the log."""
    with folder() as place:
        file = await asyncio.to_thread(lambda: LogFile(place / "log", partitions=_PARTITIONS, min_free_bytes=0))
        async with SqliteLog.opened(file, PrometheusMeters()) as log:
            meetings = {
                meeting_id: Keeping(log, failing=_failing, clock=time.monotonic, sleep=asyncio.sleep)
                for meeting_id, _ in bodies
            }
            began = time.perf_counter()
            for meeting_id, body in bodies:
                await _take(meeting_id, body, meetings[meeting_id])
            for keeping in meetings.values():
                await keeping.settle()
            return len(bodies) / (time.perf_counter() - began)


async def _take(meeting_id: str, body: bytes, keeping: Keeping) -> None:
    frame = Frame(
        enterprise="acme",
        meeting_id=meeting_id,
        meeting_uuid="e4d4d5ee9c8611ee9b4cfa163e4c4b05",
        epoch=1,
        received_at=datetime.now(UTC),
        body=body,
    )
    read = read_frame(frame)
    if isinstance(read, Reply):
        raise TypeError("the simulator's push was not understood")
    entry = enter_frame(frame, read, partitions=_PARTITIONS, mask=False)
    await keeping.put(entry, frame.received_at)


def _failing() -> None:
    raise RuntimeError("the log takes nothing")


def _through(both: Pair) -> Row:
    both.opened(MEETINGS)
    before, cloud_before, began = both.receiver.figures(), both.cloud.do("say"), time.perf_counter()
    poured = both.cloud.do(f"pour 0 {SECONDS}")
    after = both.receiver.figures()
    while after.frames - before.frames < poured.frames - cloud_before.frames:
        time.sleep(0.01)
        after = both.receiver.figures()
    seconds, frames = time.perf_counter() - began, after.frames - before.frames
    receiver, cloud = after.cpu_s - before.cpu_s, poured.cpu_s - cloud_before.cpu_s
    said = f"{frames / seconds:,.0f}; {frames / receiver:,.0f} for each second of CPU"
    limits = f"receiver {receiver / seconds:.0%}, cloud {cloud / seconds:.0%} of their cores"
    return Row(f"the same through sockets, WSS ({limits})", said, "")
