"""A dashboard with everything: the alerts' desk and an archive with a meeting in it, both real."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import structlog

from consumers.captions.archive import opened
from consumers.dashboard.service import Desks
from consumers.qos.alerts import Alerts, alerting
from deploy.desks.archive import archive_desk
from deploy.meters import PrometheusMeters
from schemas.record import Record
from schemas.settings import Captions, Qos

from ..consumers.captions.meetings import keep, settings
from .serving import Served, serving
from .story import PARTITIONS, Story


class StorySink:
    """Where the desk publishes: the log that the test writes."""

    def __init__(self, story: Story) -> None:
        self._story = story

    async def publish(self, records: Sequence[Record]) -> None:
        """Write them down."""
        await asyncio.to_thread(self._story.tell, *records)


class Whole(Served):
    """A dashboard whose installation decides alerts and keeps captions."""

    alerts: Alerts
    archived: str
    """The occurrence that is in the archive."""

    async def decide(self) -> None:
        """Have the desk know what the log says of alerts."""
        await self.alerts.take(self.story.decided)


@contextlib.asynccontextmanager
async def whole(folder: Path, story: Story) -> AsyncIterator[Whole]:
    """Give it."""
    kept: Captions = settings(folder)
    async with contextlib.AsyncExitStack() as stack:
        async with opened(kept) as archive:
            archived = (await keep(archive)).manifest.occurrence
        deciding = alerting(
            Qos(state_folder=str(folder / "qos")),
            StorySink(story),
            partitions=PARTITIONS,
            meters=PrometheusMeters(),
            logger=structlog.get_logger(),
        )
        alerts = await stack.enter_async_context(deciding)
        archive_of = await stack.enter_async_context(archive_desk(kept))
        desks = Desks(alerts=alerts.desk, archive=archive_of)
        served = await stack.enter_async_context(serving(folder, story.writer.folder, desks=desks, kind=Whole))
        served.story, served.alerts, served.archived = story, alerts, archived
        yield served
