"""Quality alerts alone, over a log that is there: for figures of a process of its own. Says what it is, line by line.

`python -m tests.bench.alerter FOLDER RULES --core N --born SECONDS`: one line once it has begun, one for each line on
its input, and it ends with that.
"""

import argparse
import asyncio
import contextlib
import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import structlog

from consumers.qos.running import Tools
from consumers.qos.service import Parts, serve_alerts
from consumers.sources.local import LocalSource
from deploy.cli.loop import run
from deploy.meters import PrometheusMeters
from deploy.qos_rules import load_rules
from schemas.events import AlertChanged
from schemas.record import Record
from schemas.settings import Qos

from .spoken import PARTITIONS


class Said(msgspec.Struct, frozen=True):
    """How the process is."""

    since_start_s: float
    """Since the process was started, imports included."""
    rss_mib: float
    peak_rss_mib: float
    waiting: float
    behind_s: float
    snapshot_mib: float


class Alone:
    """There is nobody else; implements Leading."""

    leads = certain = True


class Nobody:
    """Is told and keeps nothing; implements Sink and Telling."""

    async def publish(self, records: Sequence[Record]) -> None:
        """Let them go."""

    async def add(self, records: Sequence[Record]) -> None:
        """Let them go."""

    async def take(self, records: Sequence[Record]) -> None:
        """Let them go."""

    def lead(self, leading: bool) -> None:
        """Do nothing."""

    def standing(self) -> Sequence[AlertChanged]:
        """Return nothing."""
        return ()

    def doubt(self, doubtful: bool) -> None:
        """Do nothing."""

    def sound(self) -> None:
        """Have nothing that could fail."""


async def main(folder: Path, rules: Path, born_s: float) -> None:
    """Run until the input ends."""
    meters, stop, logger = PrometheusMeters(), asyncio.Event(), structlog.get_logger()
    parts = Parts(
        sources=lambda reading: LocalSource(folder / "log", reading, meters=meters, logger=logger),
        sink=lambda: contextlib.nullcontext(Nobody()),
        leading=lambda: contextlib.nullcontext(Alone()),
        telling=lambda sink: contextlib.nullcontext(Nobody()),
        partitions=PARTITIONS,
        one_sequence=True,
    )
    settings = Qos(state_folder=str(folder / "qos"), look_back_h=24.0, silent_after_s=86_400.0, snapshot_every_s=20.0)
    loop = asyncio.get_running_loop()
    listening = threading.Thread(
        target=_listen, args=(meters, born_s, lambda: loop.call_soon_threadsafe(stop.set)), daemon=True
    )
    listening.start()
    await serve_alerts(
        settings,
        load_rules(rules),
        parts,
        stop,
        tools=Tools(meters=meters, logger=logger),
        begun=lambda: _say(meters, born_s),
    )


def _listen(meters: PrometheusMeters, born_s: float, end: Callable[[], object]) -> None:
    for _ in sys.stdin:
        _say(meters, born_s)
    end()


def _say(meters: PrometheusMeters, born_s: float) -> None:
    said = Said(
        since_start_s=time.time() - born_s,
        rss_mib=_rss_mib(),
        peak_rss_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024,
        waiting=meters.value("meetwire_qos_waiting_records") or 0.0,
        behind_s=meters.value("meetwire_qos_clock_behind_seconds") or 0.0,
        snapshot_mib=(meters.value("meetwire_qos_snapshot_bytes") or 0.0) / 1_048_576,
    )
    print(msgspec.json.encode(said).decode(), flush=True)


def _rss_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1_048_576


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("rules", type=Path)
    parser.add_argument("--core", type=int, required=True)
    parser.add_argument("--born", type=float, required=True)
    given = parser.parse_args()
    os.sched_setaffinity(0, {given.core})
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    run(main(given.folder, given.rules, given.born))
