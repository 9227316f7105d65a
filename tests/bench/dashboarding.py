"""A dashboard in a process of its own, on one core: `python -m tests.bench.dashboarding FOLDER --core N`.

The real one, as `meetwire consume dashboard` runs it. It says where it listens once the present is whole, and how much
memory it has whenever a line comes in; it ends with its input.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import sys
import time
from pathlib import Path

import msgspec

from deploy.cli.loop import run
from deploy.dashboard import opened, parts_of
from deploy.meters import PrometheusMeters
from deploy.voice import speak
from schemas.settings import Dashboard, Log, Logging, Root


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What it says of itself."""

    port: int
    ready_s: float
    rss_mib: float
    peak_rss_mib: float
    cpu_s: float


async def _serve(folder: Path) -> None:
    # One token reads it all here, and has a tenth of this.
    settings = Dashboard(listen="127.0.0.1:0", users_file=str(folder / "users.json"), max_readers=10_000)
    root = Root(log=Log(folder=str(folder / "log")), dashboard=settings)
    meters, stop, begun = PrometheusMeters(), asyncio.Event(), time.perf_counter()
    async with opened(settings, parts_of(root, meters, use_log=True), meters) as made:
        reading = asyncio.create_task(made.run(stop))
        ready = asyncio.create_task(made.ready())
        await asyncio.wait((reading, ready), return_when=asyncio.FIRST_COMPLETED)
        ready_s = time.perf_counter() - begun
        loop = asyncio.get_running_loop()
        while True:
            told = Told(
                port=made.address[1],
                ready_s=ready_s,
                rss_mib=_rss_mib(),
                peak_rss_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024,
                cpu_s=time.process_time(),
            )
            print(msgspec.json.encode(told).decode(), flush=True)
            if not await loop.run_in_executor(None, sys.stdin.readline):
                break
        stop.set()
        await reading


def _rss_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1_048_576


def main() -> None:
    """Serve until the input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--core", type=int, default=0)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {arguments.core})
    speak(Logging(level="error"))
    run(_serve(arguments.folder))


if __name__ == "__main__":
    main()
