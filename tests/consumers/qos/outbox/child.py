"""A process that tells one webhook of many decisions, to be killed at any moment: folder, address, number, time."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path

import structlog

from consumers.qos.alerts import alerting
from deploy.meters import PrometheusMeters
from schemas.notify import Notify
from schemas.secret import Secret
from schemas.settings import Qos

from ...handling import ListSink
from ..alerting import PARTITIONS, WEBHOOK_SECRET, alert, decision


async def tell(settings: Qos, count: int, at: datetime) -> None:
    """Decide everything anew, as an engine does that begins at an old snapshot."""
    meters = PrometheusMeters()
    async with alerting(
        settings, ListSink(), partitions=PARTITIONS, meters=meters, logger=structlog.get_logger()
    ) as alerts:
        alerts.lead(True)
        for number in range(count):
            event = alert(site=f"s-{number}", occurred_at=at)
            await alerts.add([decision(event)])
        print("decided", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    folder, url, decisions, moment = sys.argv[1:]
    hook = Notify(name="ops", kind="webhook", url=Secret(url), secrets=(WEBHOOK_SECRET,))
    Path(folder).mkdir(exist_ok=True)
    asyncio.run(tell(Qos(state_folder=folder, notify=(hook,)), int(decisions), datetime.fromisoformat(moment)))
