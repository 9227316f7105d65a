"""`meetwire consume qos` as an operator runs it, in processes that a test may kill; and what they published."""

from __future__ import annotations

import asyncio
import itertools
import signal
import sys
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from consumers.qos.engine.state import Input
from consumers.sources import Reading
from consumers.sources.kafka import KafkaSource
from schemas.record import Record
from schemas.topics import ALERTS
from tests.consumers.producing import PARTITIONS, Producer
from tests.consumers.reading_kafka import source

from .engine.told import START_MS, alive, loss, sample
from .world import gist, recorded, told

MEETWIRE = str(Path(sys.executable).with_name("meetwire"))
PATIENCE_S = 60.0
RULES = """
[no_data]
participant_after_s = 3600.0
meeting_after_s = 3600.0
all_after_s = 3600.0

[[rules]]
name = "cut"
metric = "packet_loss_ratio"
above = 0.4
for_s = 0
keep_firing_for_s = 10
at_once = true

[[rules]]
name = "loss"
metric = "packet_loss_ratio"
above = 0.1
for_s = 10
keep_firing_for_s = 10

[[roll_ups]]
level = "meeting"
at_least = 3
share = 0.5
"""


def lives(since_s: float, seconds: int) -> list[Input]:
    """Return what happens to nine people in three meetings from `since_s` on, and three partitions' signs of life.

    Each of them is now good, now bad, now cut off, by numbers that look like chance and are none.
    """
    samples = [
        sample(f"p-{who}", since_s + second + who / 10, loss(_ratio(who, second)), meeting=f"m-{who % 3}")
        for second in range(0, seconds, 5)
        for who in range(9)
    ]
    signs = [
        alive(since_s + second, partition=number)
        for second in range(0, seconds + 40, 10)
        for number in range(PARTITIONS)
    ]
    return sorted([*samples, *signs], key=lambda one: one.received_ms)


def _ratio(who: int, second: int) -> float:
    phase = (second // 30 * 7 + who * who * 3) % 11
    return 0.9 if phase in (2, 7) else 0.2 if phase in (3, 5) else 0.0


def soon_s() -> float:
    """Return a moment on a tick in seconds from the start of the tests' own time: later than any process will start.

    What was received before a process began for the first time it tells nobody of.
    """
    now_s = datetime.now(UTC).timestamp() + 300
    return now_s - now_s % 5 - START_MS / 1_000


class AlertsProcess:
    """One process with a state of its own. `async with` ends it."""

    def __init__(self, folder: Path, producer: Producer) -> None:
        self._folder = folder
        folder.mkdir()
        (folder / "qos.toml").write_text(RULES)
        (folder / "meetwire.toml").write_text(
            f'[kafka]\nservers = ["{producer.bootstrap}"]\ntopic_prefix = "{producer.prefix}"\n'
            f"partitions = {PARTITIONS}\n"
            f'[qos]\nstate_folder = "{folder / "state"}"\nrules_file = "{folder / "qos.toml"}"\n'
            # Where the machine is busy the records' clock stands for longer than anybody would let it.
            "snapshot_every_s = 1.0\nsilent_after_s = 3600.0\n"
        )
        self._runs = itertools.count()
        self._process: asyncio.subprocess.Process | None = None
        self._said = folder / "none"

    async def __aenter__(self) -> Self:
        """Start it."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Kill what is left of it."""
        await self.kill()

    async def start(self) -> None:
        """Start it; return at once."""
        self._said = self._folder / f"run-{next(self._runs)}.log"
        with self._said.open("ab") as lines:
            self._process = await asyncio.create_subprocess_exec(
                *(MEETWIRE, "--config", str(self._folder / "meetwire.toml"), "consume", "qos"),
                stdout=lines,
                stderr=lines,
            )

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """End it as an operator would; return its status."""
        return await self._end(signal.SIGTERM)

    def has_said(self, line: str) -> bool:
        """Whether a line is in what this run has logged."""
        return f'"{line}"' in self._said.read_text()

    async def says(self, line: str) -> None:
        """Return once it has logged a line."""
        async with asyncio.timeout(PATIENCE_S):
            while not self.has_said(line):
                assert self._process is not None
                assert self._process.returncode is None, self._said.read_text()[-2_000:]
                await asyncio.sleep(0.05)

    async def _end(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return 0
        process.send_signal(number)
        return await process.wait()


class Published:
    """What is on the topic of alerts, as it comes."""

    def __init__(self, source: KafkaSource) -> None:
        self._source, self.records = source, list[Record]()

    async def until(self, count: int) -> None:
        """Return once there are so many different ones."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.ids()) < count:
                self.records += [stored.record for stored in (await self._source.fetch(500, 1.0)).records]

    def besides(self, expected: Collection[str]) -> list[tuple[str, str, float]]:
        """Return what is none of these, in words."""
        return gist(told(record for record in self.records if record.id not in expected))

    def ids(self) -> list[str]:
        """Return the first of each."""
        return list(dict.fromkeys(record.id for record in self.records))


def alerts_of(producer: Producer) -> KafkaSource:
    """Return a reader of the topic."""
    return source(producer, Reading(consumer="test", topics=frozenset({ALERTS})))


async def publish(producer: Producer, inputs: Sequence[Input]) -> None:
    """Publish their records, as a receiver with three partitions does."""
    await producer.append(*(recorded(one, partitions=PARTITIONS) for one in inputs))
