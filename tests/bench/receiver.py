"""The receiver in a process and on a core of its own, for the benchmarks to ask: `python -m tests.bench.receiver`.

Modes: `verify` (verifies and decodes, appends nothing: the yardstick), `disk` and `kafka` (the product). With the App
of a cloud as JSON it listens to that one's meetings. Speaks JSON: a first line when it is ready, then a line for each
line on its standard input; it ends when that is closed.
"""

import argparse
import asyncio
import os
import resource
import sys
import time
from bisect import bisect_right
from pathlib import Path
from typing import ClassVar

import msgspec
import structlog

from deploy.cli.loop import run
from deploy.meters import PrometheusMeters
from receiver.decode import EnterprisePush, decode
from receiver.pipeline import Accepted, Pipeline
from receiver.service import Receiver, running
from receiver.subscriber.pace import Window
from receiver.verify import Verified
from schemas.push.meeting import PUSHES
from schemas.settings import App, Enterprise, Kafka, Log, Logging, Root, Secret, Subscriber, Webhook

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
    answered: int
    in_10_ms: int
    """Of those, from the request's head to the answer."""
    subscriptions: int = 0
    """Those that are open."""
    frames: int = 0
    """Pushes that were read from sockets."""
    busiest_second: int = 0
    """The most connects that were begun within any one second."""


class Listened(msgspec.Struct, frozen=True, kw_only=True):
    """The cloud whose meetings are listened to, and how."""

    api: str
    app_id: str
    app_key: str
    ca_file: str | None = None
    connects_per_s: float = 50.0
    pushed: bool = False
    """Its webhook comes here too; else the list of meetings is all there is."""


class VerifyOnly(Pipeline):
    """The same server without log: verifies and decodes, and answers."""

    async def take(self, verified: Verified) -> Accepted:
        """Decode."""
        push = decode(verified)
        return Accepted(push.info.event if isinstance(push, EnterprisePush) else None)


class CountedWindow(Window):
    """The same cap on connects, counted."""

    began: ClassVar[list[float]] = []
    busiest: ClassVar[int] = 0

    def ask(self, now_s: float) -> float:
        """Count who may go, with those of the second before."""
        wait_s = super().ask(now_s)
        if not wait_s:
            self.began.append(now_s)
            count = len(self.began) - bisect_right(self.began, now_s - 1.0)
            CountedWindow.busiest = max(CountedWindow.busiest, count)
        return wait_s


def main() -> None:
    """Run one receiver."""
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=("verify", "disk", "kafka"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kafka")
    parser.add_argument("--core", type=int)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--listened", type=lambda text: msgspec.json.decode(text, type=Listened))
    chosen = parser.parse_args()
    if chosen.core is not None:
        os.sched_setaffinity(0, {chosen.core})
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(40),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    root = _settings(chosen.mode, chosen.folder, chosen.kafka, chosen.port)
    run(_run(root if chosen.listened is None else _listening(root, chosen.listened), chosen.mode))


def _settings(mode: str, folder: Path, servers: str | None, port: int) -> Root:
    kafka = Kafka(servers=(servers,), request_timeout_s=30) if servers else None
    return Root(
        webhook=Webhook(listen=f"127.0.0.1:{port}", answer_after="kafka" if mode == "kafka" else "disk", deadline_s=20),
        log=Log(folder=str(folder / "log")),
        kafka=kafka,
        logging=Logging(level="error"),
        enterprises=(Enterprise(name="acme", subscriber_id=SUBSCRIBER, callback_passwords=(Secret(PASSWORD),)),),
    )


def _listening(root: Root, listened: Listened) -> Root:
    app = App(id=listened.app_id, keys=(Secret(listened.app_key),), api=listened.api, ca_file=listened.ca_file)
    subscriber = Subscriber(quality="off", connects_per_s=listened.connects_per_s, max_subscriptions=100_000)
    passwords = (Secret(PASSWORD),) if listened.pushed else ()
    acme = Enterprise(name="acme", subscriber_id=SUBSCRIBER, callback_passwords=passwords, app=app)
    return msgspec.structs.replace(root, enterprises=(acme,), subscriber=subscriber)


async def _run(root: Root, mode: str) -> None:
    meters = PrometheusMeters()
    async with running(root, meters) as receiver:
        if mode == "verify":
            receiver.listener._pipeline.__class__ = VerifyOnly
        if receiver.listening is not None:
            receiver.listening.supervisor._around.window.__class__ = CountedWindow
        print(_line(receiver, meters), flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            await receiver.observe()
            print(_line(receiver, meters), flush=True)


def _line(receiver: Receiver, meters: PrometheusMeters) -> str:
    # Once for all of them: whoever asks for one has the registry look through all there are, for two milliseconds.
    values = {
        (sample.name, sample.labels.get("event") or sample.labels.get("le")): int(sample.value)
        for metric in meters.registry.collect()
        for sample in metric.samples
    }
    figures = Figures(
        address=receiver.address,
        cpu_s=time.process_time(),
        rss_mib=_rss_mib(),
        peak_rss_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        position=receiver.log.next - 1,
        forwarded=values.get(("meetwire_forwarder_position", None), 0),
        commits=values.get(("meetwire_log_commits_total", None), 0),
        answered=values.get(("meetwire_push_seconds_count", None), 0),
        in_10_ms=values.get(("meetwire_push_seconds_bucket", "0.01"), 0),
        subscriptions=receiver.listening.supervisor.open_count() if receiver.listening else 0,
        frames=sum(values.get(("meetwire_frames_total", action), 0) for action in PUSHES),
        busiest_second=CountedWindow.busiest,
    )
    return msgspec.json.encode(figures).decode()


def _rss_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_048_576


if __name__ == "__main__":
    main()
