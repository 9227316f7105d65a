"""A dashboard with everything, all real: a log with a meeting, people of every role, the alerts' desk, an archive."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import aiohttp
import structlog

from consumers.captions.archive import opened
from consumers.dashboard.service import Desks
from consumers.qos.alerts import Alerts, alerting
from deploy.desks.archive import archive_desk
from deploy.meters import PrometheusMeters
from schemas.api.session import Role
from schemas.events import MeetingStarted
from schemas.ports import Sink
from schemas.record import Record, content_id
from schemas.settings import Qos
from tests.consumers.captions.meetings import keep
from tests.consumers.captions.meetings import settings as archive_settings
from tests.consumers.writing import LogWriter

from .events import (
    Told,
    after,
    alert,
    came,
    caption,
    described,
    flow,
    lifecycle,
    person,
    recorded,
    roster,
    sampled,
    subscription,
)
from .serving import Serving, add_user, logged_in, serving, settings_for

MEETING = content_id("occurrence", "acme", "m-1", "u-1")
ALERT = "a" * 32
A_MEETING = (
    lifecycle(MeetingStarted, 0),
    came(1, "a"),
    subscription(3, "opened"),
    described(3, "Budget"),
    roster(4, person("a", name="Ann", role="host"), person("b", name="Bob")),
    sampled(6, "a", flow(packet_loss_ratio=0.3)),
    caption(8, "Good morning."),
    alert(9, ALERT),
)


@dataclass
class Scene:
    """What runs, and who can be asked."""

    folder: Path
    writer: LogWriter
    served: Serving
    alerts: Alerts
    archived: str | None
    """The occurrence that is in the archive."""

    @property
    def url(self) -> str:
        """Return where it is."""
        return self.served.url

    def tell(self, *told: Told) -> None:
        """Write what happens now."""
        self.writer.append(*(recorded(one, received_at=after(60)) for one in told))

    @contextlib.asynccontextmanager
    async def asked_by(self, role: Role) -> AsyncIterator[tuple[aiohttp.ClientSession, dict[str, str]]]:
        """Give the session of somebody with that role, and the header of his writes."""
        async with logged_in(self.url, role) as (client, headers):
            yield client, headers


class WriterSink(Sink):
    """Where the desk publishes: the log that the test writes."""

    def __init__(self, writer: LogWriter) -> None:
        self._writer = writer

    async def publish(self, records: Sequence[Record]) -> None:
        """Append them, in a thread: the log is on a disk."""
        await asyncio.to_thread(self._writer.append, *records)


@contextlib.asynccontextmanager
async def scene(folder: Path, *, archive: bool = False, users: bool = True, **settings: Any) -> AsyncIterator[Scene]:
    """Give it, with an archive where that is wanted."""
    writer = LogWriter(folder / "log")
    writer.append(*(recorded(one, received_at=after(10)) for one in A_MEETING))
    if users:
        await asyncio.gather(*(asyncio.to_thread(add_user, folder, role, role) for role in get_args(Role)))
    async with contextlib.AsyncExitStack() as stack:
        archived, desk = None, None
        if archive:
            kept = archive_settings(folder)
            async with opened(kept) as opens:
                archived = (await keep(opens)).manifest.occurrence
            desk = await stack.enter_async_context(archive_desk(kept))
        alerts = await stack.enter_async_context(
            alerting(
                Qos(state_folder=str(folder / "qos")),
                WriterSink(writer),
                partitions=12,
                meters=PrometheusMeters(),
                logger=structlog.get_logger(),
                now=lambda: after(60),
            )
        )
        await alerts.take([recorded(one) for one in A_MEETING if one.topic == "meeting.alerts.v1"])
        desks = Desks(alerts=alerts.desk, archive=desk)
        made = serving(writer.folder, settings_for(folder, **settings), desks=desks, now=lambda: after(60))
        served = await stack.enter_async_context(made)
        stack.callback(writer.close)
        yield Scene(folder, writer, served, alerts, archived)


async def read_events(answer: aiohttp.ClientResponse, count: int, timeout_s: float = 60.0) -> list[tuple[str, str]]:
    """Return the next server-sent events: names and data. Comments and bare places are left out."""
    found: list[tuple[str, str]] = []
    name, body = "message", None
    async with asyncio.timeout(timeout_s):
        while len(found) < count:
            line = (await answer.content.readline()).decode().rstrip("\n")
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                body = line.removeprefix("data: ")
            elif not line and body is not None:
                found.append((name, body))
                name, body = "message", None
    return found


async def read_until(answer: aiohttp.ClientResponse, *names: str) -> dict[str, str]:
    """Return the first event of each of these names, once all have come; others may come in between."""
    found: dict[str, str] = {}
    while set(names) - found.keys():
        ((name, body),) = await read_events(answer, 1)
        found.setdefault(name, body)
    return found
