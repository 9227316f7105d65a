"""From a sample on its topic to the alert in a real Alertmanager, at 5,000 samples a second, of a rule told at once."""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from schemas.ids import LogId, Position
from schemas.record import Record
from schemas.topics import TOPICS
from tests.alertmanager.running import Alertmanager, alertmanager

from .alerting import A_MEETING, EVERY_S, rules_file, sample
from .parts import RECEIVER_CORE, ROOT, broker, folder
from .spoken import LOG, PARTITIONS, alive
from .table import Row

RATE: Final = 5_000
SECONDS: Final = int(os.environ.get("MEETWIRE_TEST_BENCH_ALERTED_S", "40"))
"""Alertmanager is told again of what stands after a minute, and then knows the time of that alone."""
_STEP_S: Final = 0.05
_ONE_IN: Final = 1_000
_SEED: Final = 6
_CUT: Final = """
[[rules]]
name = "cut"
metric = "packet_loss_ratio"
above = 0.4
for_s = 0
at_once = true
severity = "critical"
"""


async def measure() -> list[Row]:
    """Return the row."""
    with folder() as place:
        async with broker() as kafka, alertmanager(place) as manager:
            await _topics(kafka.bootstrap)
            process = _alerts(place, kafka.bootstrap, manager.url)
            try:
                return [await _told(kafka.bootstrap, manager)]
            finally:
                process.kill()
                process.wait()


async def _topics(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, PARTITIONS, 1) for topic in TOPICS])
    await admin.close()


def _alerts(place: Path, bootstrap: str, url: str) -> "subprocess.Popen[bytes]":
    rules = rules_file(place)
    rules.write_text(rules.read_text() + _CUT)
    (place / "meetwire.toml").write_text(
        f'[kafka]\nservers = ["{bootstrap}"]\npartitions = {PARTITIONS}\n'
        f'[qos]\nstate_folder = "{place / "qos"}"\nrules_file = "{rules}"\n'
        f'[[qos.notify]]\nname = "manager"\nkind = "alertmanager"\nurls = ["{url}"]\n'
    )
    core = (
        f"import os, sys; os.sched_setaffinity(0, {{{RECEIVER_CORE}}}); from deploy.cli import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", core, "--config", str(place / "meetwire.toml"), "consume", "qos"]
    return subprocess.Popen(command, cwd=ROOT, stderr=(place / "qos.log").open("wb"))


async def _told(bootstrap: str, manager: Alertmanager) -> Row:
    # The group, the sources, the state: some seconds until somebody leads.
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_batch_size=524_288) as producer:
        load = _Load(producer)
        await load.run(15)
        load.bad.clear()
        await load.run(SECONDS)
        await asyncio.sleep(3)
    delays = sorted(load.delays(await manager.alerts()))
    missing = len(load.bad) - len(delays)
    said = f"p50 {_share(delays, 0.5):.2f} s, p99 {_share(delays, 0.99):.2f} s, {len(delays)} alerts, {missing} missing"
    return Row(
        f"sample on the topic → alert in Alertmanager, {load.rate():,.0f} samples/s, for = 0, at once", said, "< 1 s"
    )


def _share(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class _Load:
    """A forwarder: a batch for each partition twenty times a second."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer, self._chance = producer, random.Random(_SEED)  # noqa: S311 -- figures, no secrets
        self._next, self._who = 1, 0
        self._sent, self._took_s = 0, 0.0
        self.bad: dict[str, float] = {}
        """By participant, when the bad sample was given to the producer."""

    async def run(self, seconds: int) -> None:
        """Publish for so long."""
        self._sent, began = 0, time.monotonic()
        for step in range(int(seconds / _STEP_S)):
            at = datetime.now(UTC)
            records = [self._sample(at) for _ in range(int(RATE * _STEP_S))]
            if step % int(10 / _STEP_S) == 0:
                records += alive(at)
            await self._publish(records)
            await asyncio.sleep(max(0.0, began + (step + 1) * _STEP_S - time.monotonic()))
        self._took_s = time.monotonic() - began

    def rate(self) -> float:
        """Return the samples a second that were published."""
        return self._sent / self._took_s

    def delays(self, alerts: list[dict[str, Any]]) -> list[float]:
        """Return how long each alert took, in seconds."""
        came = {
            f"{one['labels']['meeting_id']}/{one['labels']['participant_id']}": one["updatedAt"]
            for one in alerts
            if "participant_id" in one["labels"]
        }
        times = {who: msgspec.convert(at, datetime, strict=False).timestamp() for who, at in came.items()}
        return [times[who] - sent for who, sent in self.bad.items() if who in times]

    def _sample(self, at: datetime) -> Record:
        self._who += 1
        self._sent += 1
        who = self._who % (RATE * EVERY_S)
        bad = self._chance.randrange(_ONE_IN) == 0
        if bad:
            self.bad.setdefault(f"m-{who // A_MEETING}/p-{who % A_MEETING}", at.timestamp())
        return sample(who, at, bad=bad)

    async def _publish(self, records: list[Record]) -> None:
        by_place: dict[tuple[str, int], Any] = defaultdict(self._producer.create_batch)
        for record in records:
            headers = record.headers(LogId(LOG), Position(self._next))
            self._next += 1
            batch = by_place[record.topic, record.partition]
            key, at_ms = record.key.encode(), record.received_ms
            if batch.append(key=key, value=record.value, timestamp=at_ms, headers=headers) is None:
                raise ValueError("the batch is full")
        on_the_way = [
            await self._producer.send_batch(batch, topic, partition=partition)
            for (topic, partition), batch in by_place.items()
        ]
        await asyncio.gather(*on_the_way)
