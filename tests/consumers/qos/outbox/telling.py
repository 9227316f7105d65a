"""Alerts with channels that write to stand-ins, run within a test."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from consumers.qos.alerts import Alerts, alerting
from deploy.meters import PrometheusMeters
from schemas.notify import Notify
from schemas.ports import Sink
from schemas.secret import Secret
from schemas.settings import Qos

from ...clock import Clock
from ...handling import ListSink
from ..alerting import PARTITIONS, WEBHOOK_SECRET
from ..notify.standing_in import StandIn

PATIENCE_S = 60.0
# Read before a loop turns.
SHANGHAI = ZoneInfo("Asia/Shanghai")


def hook(other: StandIn, name: str = "ops", **otherwise: object) -> Notify:
    """Return a webhook's settings."""
    known: dict[str, object] = {
        "name": name,
        "kind": "webhook",
        "url": Secret(other.url),
        "secrets": (WEBHOOK_SECRET,),
        "language": "en",
    }
    return Notify(**(known | otherwise))  # type: ignore[arg-type]  # each of its own type


@asynccontextmanager
async def telling(
    folder: Path,
    *channels: Notify,
    sink: Sink | None = None,
    clock: Callable[[], datetime] | None = None,
    meters: PrometheusMeters | None = None,
    leading: bool = True,
    **otherwise: object,
) -> AsyncIterator[Alerts]:
    """Yield alerts whose outbox lies in a folder."""
    settings = Qos(state_folder=str(folder), notify=channels, **otherwise)  # type: ignore[arg-type]  # as asked
    async with alerting(
        settings,
        sink or ListSink(),
        partitions=PARTITIONS,
        meters=meters or PrometheusMeters(),
        logger=structlog.get_logger(),
        now=clock or Clock(),
        # Nobody is relieved here by our waiting.
        delays=lambda: itertools.repeat(0.01),
    ) as alerts:
        alerts.lead(leading)
        yield alerts


async def until(so: Callable[[], bool]) -> None:
    """Return once something is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not so():  # noqa: ASYNC110 -- the other side of a channel wakes nobody here
            await asyncio.sleep(0.01)
