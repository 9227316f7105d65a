"""Quality alerts: samples a second through twenty rules, and the memory and the start with 100,000 participants."""

import asyncio
import itertools
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from consumers.qos.engine.engine import Engine
from consumers.qos.engine.state import Input
from deploy.qos_rules import load_rules
from schemas.events import Flow, QualitySampled, decode
from schemas.record import Record

from .alerter import Said
from .parts import RECEIVER_CORE, ROOT, folder
from .replaying import _rules
from .sampled import record_of
from .spoken import Log, alive
from .table import Row

SAMPLES: Final = int(os.environ.get("MEETWIRE_TEST_BENCH_QOS_SAMPLES", "300000"))
PEOPLE: Final = int(os.environ.get("MEETWIRE_TEST_BENCH_QOS_PEOPLE", "100000"))
A_MEETING: Final = 10
EVERY_S: Final = 20
_ROUNDS: Final = 10
_COMMIT: Final = 500
_BAD: Final = 0.01
_SEED: Final = 6


async def measure() -> list[Row]:
    """Return the rows."""
    return [await asyncio.to_thread(_through_rules), *await asyncio.to_thread(_memory)]


def rules_file(place: Path) -> Path:
    """Write the rules that ship and as many more as make twenty."""
    file = place / "qos.toml"
    file.write_text((ROOT / "deploy" / "qos.toml").read_text() + "".join(_rules()))
    return file


def _through_rules() -> Row:
    os.sched_setaffinity(0, {RECEIVER_CORE})
    with folder() as place:
        rules = load_rules(rules_file(place))
    start = datetime.now(UTC)
    records = list(itertools.islice(sampled(start, people=20_000), SAMPLES))
    engine, decisions, began = Engine(rules), 0, time.process_time()
    for number, record in enumerate(records):
        engine.take(Input(record.received_ms, record.id, decode(record.value)))
        if number % _COMMIT == 0:
            decisions += sum(1 for _ in engine.decide())
    seconds = time.process_time() - began
    name = f"samples through {len(rules.rules)} rules, decoding included, one core; {decisions:,} decisions"
    return Row(name, f"{len(records) / seconds:,.0f} samples/s", "≥ 30,000 samples/s")


def sampled(start: datetime, *, people: int, rate: int | None = None) -> Iterator[Record]:
    """Yield samples of everybody in turn, without end: all six flows each; now and then a sign of life."""
    chance, rate = random.Random(_SEED), rate or people // EVERY_S  # noqa: S311 -- figures, no secrets
    for number in itertools.count():
        at = start + timedelta(seconds=number / rate)
        if number % (rate * 10) == 0:
            yield from alive(at)
        yield sample(number % people, at, bad=chance.random() < _BAD)


def sample(who: int, at: datetime, *, bad: bool) -> Record:
    """Return what a push says of participant `who` of all."""
    meeting, participant = f"m-{who // A_MEETING}", f"p-{who % A_MEETING}"
    flows = [
        Flow(
            modality=modality,
            direction=direction,
            bitrate_bps=500_000,
            packet_loss_ratio=0.5 if bad else 0.001,
            jitter_ms=4.0,
            latency_ms=30.0,
            frame_rate_fps=25.0 if modality == "video" else None,
        )
        for modality in ("audio", "video", "screen")
        for direction in ("sent", "received")
    ]
    event = QualitySampled(
        enterprise="acme",
        meeting_id=meeting,
        meeting_uuid=f"uuid-{meeting}",
        occurred_at=at,
        received_at=at,
        message_id=None,
        source="push",
        participant_id=participant,
        over=False,
        rating="good",
        round_trip_ms=60.0,
        bandwidth_as_sent=None,
        client_cpu_ratio=0.2,
        system_cpu_ratio=0.3,
        alarms=[],
        flows=flows,
        surroundings=None,
    )
    return record_of(event, at)


def _memory() -> list[Row]:
    with folder() as place:
        rules = rules_file(place)
        records, log = sampled(datetime.now(UTC) - timedelta(hours=20), people=PEOPLE), Log(place / "log")
        process = _Alerter(place, rules)
        process.say()
        rounds = []
        for _ in range(_ROUNDS):
            process.feed(log, records, PEOPLE)
            rounds.append(process.said)
        early, late = rounds[1], rounds[-1]
        process.stop()
        again = _Alerter(place, rules)
        started = again.say()
        again.stop()
    said = f"{early.rss_mib:.0f} MiB; {late.rss_mib:.0f} MiB; peak {late.peak_rss_mib:.0f} MiB"
    of = f"{PEOPLE:,} participants in {PEOPLE // A_MEETING:,} meetings"
    return [
        Row(
            f"{of}: memory after 2 and after {_ROUNDS} samples of each",
            said,
            "≤ 1 GiB, flat",
        ),
        Row(
            f"start with that state, a snapshot of {late.snapshot_mib:.0f} MiB",
            f"{started.since_start_s:.1f} s",
            "< 10 s",
        ),
    ]


class _Alerter:
    """The process."""

    def __init__(self, place: Path, rules: Path) -> None:
        command = [sys.executable, "-m", "tests.bench.alerter", str(place), str(rules)]
        command += ["--core", str(RECEIVER_CORE), "--born", str(time.time())]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self.said: Said

    def say(self) -> Said:
        """Return the next that it says."""
        assert self._process.stdout is not None
        self.said = msgspec.json.decode(self._process.stdout.readline(), type=Said)
        return self.said

    def feed(self, log: Log, records: Iterator[Record], count: int) -> None:
        """Write so many records, no faster than they are read."""
        assert self._process.stdin is not None
        for _ in range(count // (_COMMIT * 20)):
            for _ in range(20):
                log.append(list(itertools.islice(records, _COMMIT)))
            self._process.stdin.write("\n")
            self._process.stdin.flush()
            self.say()
            while self.said.waiting > 10 * count:
                time.sleep(0.1)
        time.sleep(1.0)

    def stop(self) -> None:
        """End it as SIGTERM does."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)
