"""How long a long meeting takes to close, several times over, in a process and on a core of its own.

What is taken is the whole step of the work in which the meeting is closed: the last segment stored, the meeting's
evidence read back, all files rendered and put, the ledger written, the checkpoint signed, the catalogue filled.
"""

import argparse
import os
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import structlog

from deploy.cli.loop import run
from schemas.ids import Position
from schemas.record import Record, Stored
from tests.consumers.captions.running import NOW, Running, running, settings

from .spoken import LOG, alive, caption, closed, started

_BATCH: Final = 4_000
_BETWEEN: Final = 500


class Closed(msgspec.Struct, frozen=True):
    """One close."""

    wall_s: float
    """As the metric meetwire_captions_close_seconds says."""
    cpu_s: float
    """Processor time of all threads, for the whole step."""


async def close(frames: int, hours: int) -> Closed:
    """Archive a meeting of so many frames, and close it."""
    start = NOW - timedelta(hours=hours + 1)
    end = start + timedelta(hours=hours)
    records = [Stored(LOG, Position(at), one) for at, one in enumerate(_meeting(frames, start, end), 1)]
    with tempfile.TemporaryDirectory(prefix="meetwire-bench-") as folder:
        options = settings(Path(folder), segment_s=300.0)
        async with running(options, cluster=LOG) as archive:
            await archive.take(records, batch=_BATCH)
            begun = time.process_time()
            await _end(archive, end, len(records) + 1)
            cpu_s = time.process_time() - begun
            wall_s = archive.meters.value("meetwire_captions_close_seconds_sum") or 0.0
    return Closed(wall_s, cpu_s)


def _meeting(frames: int, start: datetime, end: datetime) -> list[Record]:
    step = (end - start) / frames
    records = [started("m-1", start)]
    for first in range(0, frames, _BETWEEN):
        records += alive(start + first * step)
        records += [caption("m-1", one, start + one * step) for one in range(first, min(frames, first + _BETWEEN))]
    return [*records, closed("m-1", end), *alive(end + timedelta(seconds=30))]


async def _end(archive: Running, end: datetime, first: int) -> None:
    """Let the time come at which the meeting is closed."""
    late = [Stored(LOG, Position(at), one) for at, one in enumerate(alive(end + timedelta(minutes=11)), first)]
    await archive.take(late)


async def _closes(frames: int, hours: int, times: int) -> list[Closed]:
    return [await close(frames, hours) for _ in range(times)]


def main() -> None:
    """Close, and say what each took."""
    parser = argparse.ArgumentParser()
    for name in ("frames", "hours", "times", "core"):
        parser.add_argument(f"--{name}", type=int, required=True)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {arguments.core})
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    made = run(_closes(arguments.frames, arguments.hours, arguments.times))
    sys.stdout.write(msgspec.json.encode(made).decode() + "\n")


if __name__ == "__main__":
    main()
