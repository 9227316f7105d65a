"""The loop of quality alerts: one turn reads what there is, decides, and publishes where this process leads."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from schemas.events import AlertChanged
from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.ports import Sink
from schemas.settings import Qos

from ..dead_letters import DeadLetters
from ..decoding import decoded
from ..errors import SourceUnavailable
from ..letter import Dead
from ..sources import Batch, Places
from ..sources.clock import utc_now
from . import snapshot as snapshots
from .aside import Aside
from .counted import Counted
from .deciding import Deciding
from .figures import Figures
from .leading import Leading
from .opening import NAME, Open
from .publishing import Publishing, Telling
from .pulse import Pulse

# Enough to share what a turn costs, few enough that what is told at once is not held up by them.
BATCH: Final = 500
WAIT_S: Final = 0.2
# A receiver's round of records reaches its partitions within a moment of each other, on several brokers.
SETTLE_S: Final = 0.3
LOOK_EVERY_S: Final = 1.0
# Signs of life come every ten seconds. Whoever hears nothing for longer may be cut off, and another may lead: a group's
# session is ten seconds, too.
DOUBT_AFTER_S: Final = 12.0


class Tools(msgspec.Struct, frozen=True, kw_only=True):
    """What every part counts, says and reads the time with."""

    meters: Meters
    logger: Logger
    now: Callable[[], datetime] = utc_now
    monotonic: Callable[[], float] = time.monotonic


class Running:
    """One run, from start to stop."""

    def __init__(
        self,
        settings: Qos,
        found: Open,
        deciding: Deciding,
        sink: Sink,
        telling: Telling,
        leading: Leading,
        tools: Tools,
    ) -> None:
        self._settings, self._records, self._alerts = settings, found.records, found.alerts
        self._deciding, self._telling, self._leading, self._tools = deciding, telling, leading, tools
        self._aside = Aside(DeadLetters(NAME, sink, meters=tools.meters, logger=tools.logger), tools.logger)
        self._publishing = Publishing(deciding, sink, telling, tools.meters, tools.logger)
        self._pulse = Pulse(settings.silent_after_s, tools.monotonic(), self._now_ms())
        self._counted, self._figures = Counted(tools.meters), Figures(tools.meters, deciding.rules)
        self._barrier: Places | None = None
        self._leads = False
        self._looked_s = self._kept_s = self._read_s = tools.monotonic()
        self._writing: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Keep where this begins: whoever is killed before the first minute is over begins at the same place again."""
        await self._keep()

    async def run(self, stop: asyncio.Event) -> None:
        """Read and decide until `stop`; at the end keep where it is."""
        self._tools.logger.info("consumer.started", consumer=NAME)
        beside = [asyncio.create_task(self._ask()), asyncio.create_task(self._figures.keep(self._deciding.state))]
        try:
            while not stop.is_set():
                await self._turn()
                for ended in filter(asyncio.Task.done, beside):
                    # Without them time stands still, or is not shown: a fault of ours, as any in a turn.
                    ended.result()
            while not self._deciding.idle:
                self._deciding.decide(self._records.places())
            if not self._aside.holds(self._tools.monotonic()):
                await self._keep()
        finally:
            self._telling.lead(False)
            # Whoever is begun again after a failure, and fails again, leads nobody.
            self._counted.ended()
            for task in beside:
                task.cancel()
            writing = [self._writing] if self._writing is not None else []
            await asyncio.gather(*beside, *writing, return_exceptions=True)
        self._tools.logger.info("consumer.stopped", consumer=NAME, drained=True)

    async def _turn(self) -> None:
        self._take(await self._records.fetch(BATCH, WAIT_S if self._deciding.idle else 0.0))
        if self._deciding.idle:
            await self._read_alerts()
        self._deciding.decide(self._records.places())
        await self._lead()
        now_s = self._tools.monotonic()
        if now_s - self._looked_s >= LOOK_EVERY_S:
            self._look(now_s)
        if self._leads:
            await self._aside.say(now_s)
            self._deciding.compared(self._telling.standing)
            await self._publishing.publish(now_s)
        else:
            self._aside.leave(now_s)
        if self._is_due(now_s):
            self._writing = asyncio.create_task(self._write(self._packed()))

    def _is_due(self, now_s: float) -> bool:
        """Whether it is time for a snapshot, and there can be one: what is still to be said must be read again."""
        is_free = (self._writing is None or self._writing.done()) and not self._aside.holds(now_s)
        return is_free and self._deciding.idle and now_s - self._kept_s >= self._settings.snapshot_every_s

    def _take(self, batch: Batch) -> None:
        received, dead = decoded(batch.records)
        dead += [Dead(foreign, "undecodable", foreign.header) for foreign in batch.foreign]
        self._deciding.take(received)
        if batch.records or batch.foreign:
            self._read_s = self._tools.monotonic()
        self._aside.take(dead, len(batch.records) + len(batch.foreign), self._tools.monotonic())

    async def _read_alerts(self) -> None:
        while batch := (await self._alerts.fetch(BATCH, 0.0)).records:
            await self._telling.take([stored.record for stored in batch])
            for one in decoded(batch)[0]:
                if isinstance(one.event, AlertChanged):
                    self._deciding.read(one.stored.record, one.event)

    async def _lead(self) -> None:
        """Follow who leads; whoever comes to do so has read the topic of alerts up to its end first."""
        if not self._leading.leads:
            self._barrier = None
            self._be(leads=False)
        elif self._barrier is None:
            self._barrier = await self._alerts.ends()
        elif not self._leads:
            places = self._alerts.places()
            if all(places.get(place, 0) >= end for place, end in self._barrier.items()):
                self._deciding.led()
                self._be(leads=True)

    def _be(self, *, leads: bool) -> None:
        if leads != self._leads:
            self._leads = leads
            self._telling.lead(leads)
            if leads:
                self._tools.logger.info("alerting.led")
            else:
                self._tools.logger.info("alerting.released")

    def _look(self, now_s: float) -> None:
        """Do what need not be done with every turn."""
        self._looked_s = now_s
        self._telling.sound()
        self._telling.doubt(not self._leading.certain and now_s - self._read_s > DOUBT_AFTER_S)
        self._records.hold_back(self._deciding.alignment.ahead(self._records.places()))
        stands = self._deciding.told.standing.get(self._pulse.alert_id)
        change = self._pulse.felt(self._deciding.state.clock, now_s, stands)
        if change is not None and self._leads:
            self._deciding.raise_alone(change)
        self._counted.show(self._deciding, self._now_ms(), leads=self._leads)

    async def _ask(self) -> None:
        """Ask where the partitions end whenever signs of life wait for that."""
        while True:
            signs = self._deciding.alignment.unasked()
            await asyncio.sleep(SETTLE_S)
            if signs:
                try:
                    self._deciding.alignment.answered(signs, await self._records.ends())
                except SourceUnavailable as error:
                    self._tools.logger.warning("consumer.failed", consumer=NAME, reason=str(error))

    async def _keep(self) -> None:
        """Return once a snapshot of now is on disk."""
        if self._writing is not None:
            await self._writing
        await self._write(self._packed())

    def _packed(self) -> bytes:
        self._kept_s = self._tools.monotonic()
        places, alert_places = self._records.places(), self._alerts.places()
        return snapshots.pack(self._deciding.snapshot(self._records.cluster, places, alert_places))

    async def _write(self, packed: bytes) -> None:
        try:
            await asyncio.to_thread(snapshots.write, Path(self._settings.state_folder), packed)
        except OSError as error:
            self._tools.logger.warning("snapshot.failed", reason=error.strerror, hint="a restart reads more meanwhile")
        else:
            self._counted.snapshot_seconds.observe(self._tools.monotonic() - self._kept_s)
            self._counted.snapshot_bytes.set(len(packed))

    def _now_ms(self) -> int:
        return int(self._tools.now().timestamp() * 1_000)
