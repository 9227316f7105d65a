"""A receiver and quality alerts, a process each, on one local log; a test fills it while no receiver has it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from pathlib import Path

from consumers.qos.engine.alert import Change
from consumers.qos.engine.engine import Engine
from consumers.qos.engine.state import Input
from consumers.sources import Reading, Source
from deploy.qos_rules import load_rules
from receiver.entry import Entry
from receiver.log import LogFile
from schemas.events import ReceiverAlive
from schemas.record import Record
from schemas.settings import DEFAULT_PARTITIONS
from schemas.topics import ALERTS
from tests.consumers.qos.engine.told import alive
from tests.consumers.qos.processes import PATIENCE_S, RULES, lives, soon_s
from tests.consumers.qos.test_aligning import by_alert
from tests.consumers.qos.test_processes import order
from tests.consumers.qos.world import gist, recorded, told
from tests.consumers.reading_log import local

from .pushes import SETTINGS
from .running import Running, Service, running, serving

ALERTS_ALONE = Reading(consumer="test", topics=frozenset({ALERTS}))
_COMMIT = 200


def happened(seconds: int) -> list[Input]:
    """Return what happens from soon on, on a log that has as many partitions as one without Kafka."""
    since_s = soon_s()
    samples = [one for one in lives(since_s, seconds) if not isinstance(one.event, ReceiverAlive)]
    signs = [
        alive(since_s + second, partition=number)
        for second in range(0, seconds + 40, 10)
        for number in range(DEFAULT_PARTITIONS)
    ]
    return sorted([*samples, *signs], key=lambda one: one.received_ms)


class Place:
    """The folder of one log, and the settings of those who run on it. Blocking."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "log"
        (folder / "qos.toml").write_text(RULES)
        (folder / "receiver.toml").write_text(SETTINGS + f'\n[log]\nfolder = "{self.log}"\n')
        for name in ("a", "b"):
            (folder / f"{name}.toml").write_text(
                f'[log]\nfolder = "{self.log}"\n'
                f'[qos]\nstate_folder = "{folder / name}"\nrules_file = "{folder / "qos.toml"}"\n'
                "snapshot_every_s = 1.0\nsilent_after_s = 3600.0\n"
            )

    def fill(self, inputs: Iterable[Input]) -> None:
        """Append what happened, as its receiver does; raises LogInUse while there is one."""
        file = LogFile(self.log, partitions=DEFAULT_PARTITIONS, min_free_bytes=0)
        try:
            records = [recorded(one, partitions=DEFAULT_PARTITIONS) for one in inputs]
            for first in range(0, len(records), _COMMIT):
                some = records[first : first + _COMMIT]
                file.write([Entry(tuple(some), None)], some[-1].received_ms)
        finally:
            file.close()

    def decided(self, inputs: Sequence[Input]) -> dict[str, list[str]]:
        """Return the decisions of a run without an end, by alert."""
        engine = Engine(load_rules(self.folder / "qos.toml"))
        engine.state.clock.expect(range(DEFAULT_PARTITIONS))
        changes = list[Change]()
        for one in inputs:
            engine.take(one)
            changes += engine.decide()
        return {alert: [f"{change.id}-0" for change in several] for alert, several in by_alert(changes).items()}

    @contextlib.asynccontextmanager
    async def receiving(self) -> AsyncIterator[Service]:
        """Run a receiver, and kill it at the end of the block."""
        async with serving("receive", "--config", "receiver.toml", folder=self.folder) as service:
            yield service
            await killed(service)

    @contextlib.asynccontextmanager
    async def alerting(self, name: str) -> AsyncIterator[Running]:
        """Run quality alerts under a name, `a` or `b`, and kill them at the end of the block."""
        async with running("consume", "qos", "--config", f"{name}.toml", folder=self.folder) as command:
            yield command
            await killed(command)


async def killed(command: Running) -> None:
    """End it as a power cut would; once this returns, what it held is free."""
    if command.process.returncode is None:
        command.tell(signal.SIGKILL)
        await command.ended()


class Published:
    """What is in the log of alerts, as it comes."""

    def __init__(self, source: Source) -> None:
        self._source, self.records = source, list[Record]()

    async def until(self, count: int) -> None:
        """Return once there are so many different ones."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.ids()) < count:
                self.records += [stored.record for stored in (await self._source.fetch(500, 1.0)).records]

    def ids(self) -> list[str]:
        """Return the first of each."""
        return list(dict.fromkeys(record.id for record in self.records))

    def besides(self, expected: Collection[str]) -> list[tuple[str, str, float]]:
        """Return what is none of these, in words."""
        return gist(told(record for record in self.records if record.id not in expected))

    def is_as(self, whole: dict[str, list[str]]) -> bool:
        """Whether it is these decisions, each alert's in order; a reader takes the first of each ID."""
        return order(self.ids(), whole) == whole


@contextlib.asynccontextmanager
async def published(place: Place) -> AsyncIterator[Published]:
    """Read the alerts of a log that is there."""
    async with local(place.log, ALERTS_ALONE) as source:
        yield Published(source)
