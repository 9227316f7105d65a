"""The receiver in a process and on a core of its own, for the benchmarks to ask: `python -m tests.bench.receiver`.

Modes: `verify` (verifies and decodes, appends nothing: the yardstick), `disk` and `kafka` (the product). Speaks JSON:
a first line when it is ready, then a line for each line on its standard input; it ends when that is closed.
"""

import argparse
import asyncio
import os
import resource
import sys
import time
from pathlib import Path

import msgspec
import structlog

from deploy.cli.loop import run
from deploy.meters import PrometheusMeters
from receiver.decode import EnterprisePush, decode
from receiver.pipeline import Accepted, Pipeline
from receiver.service import Receiver, running
from receiver.verify import Verified
from schemas.settings import Enterprise, Kafka, Log, Logging, Root, Secret, Webhook

SUBSCRIBER, PASSWORD = "123456789", "123456"


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What the process says of itself."""

    address: tuple[str, int]
    cpu_s: float
    rss_mib: float
    peak_rss_mib: float
    position: int
    forwarded: int
    commits: int


class VerifyOnly(Pipeline):
    """The same server without log: verifies and decodes, and answers."""

    async def take(self, verified: Verified) -> Accepted:
        """Decode."""
        push = decode(verified)
        return Accepted(push.info.event if isinstance(push, EnterprisePush) else None)


def main() -> None:
    """Run one receiver."""
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=("verify", "disk", "kafka"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kafka")
    parser.add_argument("--core", type=int)
    chosen = parser.parse_args()
    if chosen.core is not None:
        os.sched_setaffinity(0, {chosen.core})
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40), cache_logger_on_first_use=True)
    run(_run(_settings(chosen.mode, chosen.folder, chosen.kafka), chosen.mode))


def _settings(mode: str, folder: Path, servers: str | None) -> Root:
    kafka = Kafka(servers=(servers,), request_timeout_s=30) if servers else None
    return Root(
        webhook=Webhook(listen="127.0.0.1:0", answer_after="kafka" if mode == "kafka" else "disk", deadline_s=20),
        log=Log(folder=str(folder / "log")),
        kafka=kafka,
        logging=Logging(level="error"),
        enterprises=(Enterprise(name="acme", subscriber_id=SUBSCRIBER, callback_passwords=(Secret(PASSWORD),)),),
    )


async def _run(root: Root, mode: str) -> None:
    meters = PrometheusMeters()
    async with running(root, meters) as receiver:
        if mode == "verify":
            receiver.listener._pipeline.__class__ = VerifyOnly
        print(_line(receiver, meters), flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            await receiver.observe()
            print(_line(receiver, meters), flush=True)


def _line(receiver: Receiver, meters: PrometheusMeters) -> str:
    figures = Figures(
        address=receiver.address,
        cpu_s=time.process_time(),
        rss_mib=_rss_mib(),
        peak_rss_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        position=receiver.log.next - 1,
        forwarded=int(meters.value("meetwire_forwarder_position") or 0),
        commits=int(meters.value("meetwire_log_commits_total") or 0),
    )
    return msgspec.json.encode(figures).decode()


def _rss_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_048_576


if __name__ == "__main__":
    main()
