"""One captions archive in a process of its own, on one core: reads a log to its end, or until its input ends."""

import argparse
import asyncio
import contextlib
import os
import resource
import sys
import time
from pathlib import Path
from statistics import quantiles
from typing import Final

import msgspec
import structlog

from consumers.captions.service import READING, archiving
from consumers.dead_letters import DeadLetters
from consumers.sources import NOTHING_HELD, Batch, Held
from consumers.sources.local import LocalSource
from deploy.cli.loop import run
from deploy.meters import PrometheusMeters
from deploy.sinks import ReceiverSink
from schemas.settings import Captions

_LOG: Final = structlog.get_logger("bench")
_PAGE_KIB: Final = 4
# What is received while the process starts waits for that.
_WARM_MS: Final = 2_000


class Figures(msgspec.Struct, frozen=True):
    """What it says at its end."""

    records: int
    seconds: float
    early_mib: float
    """After a fifth of the records."""
    rss_mib: float
    peak_mib: float
    p50_ms: float
    p99_ms: float
    """From a record's receipt until it is durable: said where records come as they are received."""


class Timed(LocalSource):
    """A source that notes when a batch was committed: all of it is durable by then."""

    def __init__(self, place: Path, total: int, meters: PrometheusMeters) -> None:
        super().__init__(place / "log", READING, meters=meters, logger=_LOG)
        self.total, self.count, self.early_mib = total, 0, 0.0
        self.begun, self.ended = 0.0, 0.0
        self.took: list[int] = []
        self.warm_ms = 0
        self.all_done = asyncio.Event()
        self._batch = Batch()

    async def fetch(self, limit: int, wait_s: float) -> Batch:
        """Fetch, and remember what."""
        self.begun = self.begun or time.perf_counter()
        self._batch = await super().fetch(limit, wait_s)
        return self._batch

    async def commit(self, held: Held = NOTHING_HELD) -> None:
        """Note the batch."""
        now_ms = time.time_ns() // 1_000_000
        if self._batch.records:
            if self.warm_ms == 0:
                self.warm_ms = now_ms + _WARM_MS
            received = [one.record.received_ms for one in self._batch.records]
            self.took.extend(now_ms - at for at in received if at >= self.warm_ms)
            self.count += len(self._batch.records)
            self.ended = time.perf_counter()
            if not self.early_mib and self.count >= self.total // 5:
                self.early_mib = _rss_mib()
            if self.count >= self.total:
                self.all_done.set()
        await super().commit(held)


async def _archive(place: Path, total: int) -> Figures:
    settings = Captions(
        store=f"file:{place}/archive",
        spool_folder=f"{place}/spool",
        index_file=f"{place}/index.sqlite",
        signing_key_file=f"{place}/archive.key",
    )
    meters = PrometheusMeters()
    async with Timed(place, total, meters) as source:
        dead_letters = DeadLetters("captions", ReceiverSink(place), meters=meters, logger=_LOG)
        async with archiving(settings, source, dead_letters, meters=meters, logger=_LOG) as consumer:
            stop = asyncio.Event()
            running = asyncio.create_task(consumer.run(stop))
            await source.all_done.wait()
            stop.set()
            await running
    cuts = quantiles(source.took or [0, 0], n=100)
    return Figures(
        records=source.count,
        seconds=source.ended - source.begun,
        early_mib=source.early_mib,
        rss_mib=_rss_mib(),
        peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024,
        p50_ms=cuts[49],
        p99_ms=cuts[98],
    )


def _rss_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_KIB / 1_024


def main() -> None:
    """Archive, and say the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--total", type=int, required=True)
    parser.add_argument("--core", type=int, required=True)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {arguments.core})
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(msgspec.json.encode(run(_archive(arguments.folder, arguments.total))).decode() + "\n")


if __name__ == "__main__":
    main()
