"""Decisions on their way to channels: into the outbox, out of it to webhooks, and the start with a day's that wait."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Final

import structlog

from consumers.qos.alerts import Alerts, alerting
from consumers.qos.outbox.outbox import Outbox
from deploy.meters import PrometheusMeters
from schemas.notify import Notify
from schemas.record import Record
from schemas.secret import Secret
from schemas.settings import Qos
from tests.consumers.handling import ListSink
from tests.consumers.qos.alerting import PARTITIONS, WEBHOOK_SECRET, alert, decision
from tests.consumers.qos.notify.standing_in import StandIn, webhook_checks

from .parts import folder
from .table import Row

DECISIONS: Final = int(os.environ.get("MEETWIRE_TEST_BENCH_DECISIONS", "10000"))
CHANNELS: Final = 5
_BATCH: Final = 200
_MESSAGES: Final = 1_000
_APART_S: Final = 0.02


async def measure() -> list[Row]:
    """Return the rows."""
    with folder() as place:
        kept, begun = await _kept(place / "a"), await _begun(place / "a")
        async with StandIn(webhook_checks).open("/hook") as other:
            return [kept, begun, await _told(place / "b", other), await _delay(place / "c", other)]


def _hooks(url: str, count: int) -> tuple[Notify, ...]:
    secrets = (WEBHOOK_SECRET,)
    return tuple(
        Notify(name=f"ops-{number}", kind="webhook", url=Secret(url), secrets=secrets, per_minute=6_000)
        for number in range(count)
    )


def _decisions(count: int) -> list[Record]:
    now = datetime.now(UTC)
    return [decision(alert(site=f"s-{number}", since=now, occurred_at=now)) for number in range(count)]


async def _kept(place: Path) -> Row:
    records = _decisions(DECISIONS)
    async with Outbox.opened(place, _hooks("http://127.0.0.1:1", CHANNELS)) as outbox:
        began = time.perf_counter()
        for start in range(0, DECISIONS, _BATCH):
            await outbox.take(records[start : start + _BATCH])
        rate = DECISIONS / (time.perf_counter() - began)
    return Row(
        f"decisions into the outbox of {CHANNELS} channels, fsynced in batches of {_BATCH}", f"{rate:,.0f}/s", ""
    )


async def _begun(place: Path) -> Row:
    began = time.perf_counter()
    async with Outbox.opened(place, _hooks("http://127.0.0.1:1", CHANNELS)) as outbox:
        took_s = time.perf_counter() - began
        waiting = sum(len(lane.waiting) for lane in outbox.lanes.values())
    return Row(f"start of the outbox with {waiting:,} letters that wait", f"{took_s:.2f} s", "")


async def _told(place: Path, other: StandIn) -> Row:
    async with _telling(place, _hooks(other.url, CHANNELS)) as alerts:
        before, began = other.asked, time.perf_counter()
        # Less than a minute's number: it is not the limit that is measured.
        await alerts.add(_decisions(_MESSAGES))
        while other.asked - before < _MESSAGES * CHANNELS:  # noqa: ASYNC110 -- the other side wakes nobody
            await asyncio.sleep(0.01)
        rate = _MESSAGES * CHANNELS / (time.perf_counter() - began)
    return Row(f"messages to {CHANNELS} webhooks in the same process, each signed and noted", f"{rate:,.0f}/s", "")


async def _delay(place: Path, other: StandIn) -> Row:
    delays: list[float] = []
    async with _telling(place, _hooks(other.url, 1)) as alerts:
        for record in _decisions(300):
            before, began = other.asked, time.perf_counter()
            await alerts.add([record])
            while other.asked == before:  # noqa: ASYNC110 -- as above
                await asyncio.sleep(0.0005)
            delays.append((time.perf_counter() - began) * 1_000)
            await asyncio.sleep(_APART_S)
    cuts = quantiles(delays, n=100)
    return Row("decision → webhook has it, outbox included, p50 / p99", f"{cuts[49]:.1f} / {cuts[98]:.1f} ms", "")


@asynccontextmanager
async def _telling(place: Path, channels: tuple[Notify, ...]) -> AsyncIterator[Alerts]:
    settings = Qos(state_folder=str(place), notify=channels)
    async with alerting(
        settings, ListSink(), partitions=PARTITIONS, meters=PrometheusMeters(), logger=structlog.get_logger()
    ) as alerts:
        alerts.lead(True)
        yield alerts
