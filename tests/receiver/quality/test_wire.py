"""From the service's answers to records, through the real client: the port is what the client offers."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from deploy.meters import PrometheusMeters
from receiver.entry import Entry
from receiver.log import Appended
from receiver.quality.source import QualitySource
from schemas.events import decode
from schemas.events.quality import Flow, QualitySampled, Surroundings
from schemas.record import Record
from schemas.settings import Subscriber
from tests.receiver.cloud import asking as client
from tests.receiver.cloud.service import MEASURED, PARTICIPANTS, QOS, Reply
from tests.receiver.list_log import ListLog

from .test_samples import sample
from .world import NOON

FIGURE = {"time": "2026-03-02T12:00:00.000Z"}
MEETINGS = [{"confUUID": "uuid-1", "conferenceID": 900, "alarm": "YES", "audioAlarm": "YES", "subject": "marker"}]
PEOPLE = [
    {"participantID": "p-1", "displayName": "Li Wei", "leftTime": "0", "existQos": True, "audioAlarmSend": "YES"},
    {"participantID": "p-2", "existQos": "false"},
]
FIGURES = {
    "type": "audio",
    "send": {
        "bitrate": [FIGURE | {"value": "64"}],
        "latency": [FIGURE | {"value": 250, "alarm": "true", "threshold": "200"}],
        "packet_loss_max": [FIGURE | {"value": "1.5", "alarm": False}, FIGURE | {"value": "-"}, None],
    },
    "receive": {"jitter": [{"time": "yesterday", "value": 3}]},
    "cpu": {"client_cpu_max": [FIGURE | {"value": "12.5"}]},
}


def read(record: Record) -> QualitySampled:
    """Return the event of a record."""
    event = decode(record.value)
    assert isinstance(event, QualitySampled)
    return event


class FourLog(ListLog):
    """Tells when it has four records."""

    def __init__(self) -> None:
        super().__init__()
        self.enough = asyncio.Event()

    async def append(self, entry: Entry) -> Appended:
        """Append, then tell."""
        appended = await super().append(entry)
        if len(self.records) == 4:
            self.enough.set()
        return appended


async def test_what_the_service_answers_becomes_records() -> None:
    """Numbers as strings, flags as texts, times that are none: each is read or unknown, and nothing stops."""
    log = FourLog()
    async with client.asking() as parts:
        for path, rows in ((MEASURED, MEETINGS), (PARTICIPANTS, PEOPLE)):
            parts.service.answers(path, Reply(200, {"count": len(rows), "offset": 0, "limit": 500, "data": rows}))
        parts.service.answers(QOS, Reply(200, {"user": {}, "qos": FIGURES}))
        received_at = NOON + timedelta(minutes=1)
        source = QualitySource(
            parts.cloud,
            log,
            enterprise="acme",
            settings=Subscriber(quality_calls_per_minute=6_000),
            partitions=12,
            meters=PrometheusMeters(),
            owned=lambda _: True,
            now=lambda: received_at,
        )
        task = asyncio.create_task(source.run())
        async with asyncio.timeout(60):
            await log.enough.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    common = {
        "meeting_id": "900",
        "meeting_uuid": "uuid-1",
        "received_at": received_at,
        "surroundings": Surroundings(name="Li Wei"),
    }
    # The answers may come in any order.
    by_kind = {event.flows[0].modality if event.flows else "cpu": event for event in map(read, log.records)}
    assert [asked.query["participantID"] for asked in parts.service.of(QOS)] == ["p-1"] * 4
    assert by_kind == {
        **{
            kind: sample(
                flows=[
                    Flow(
                        modality=kind,
                        direction="sent",
                        bitrate_bps=64_000,
                        packet_loss_ratio=0.015,
                        latency_ms=250,
                        alarms=["latency"],
                    )
                ],
                **common,
            )
            for kind in ("audio", "video", "screen")
        },
        "cpu": sample(client_cpu_ratio=0.125, **common),
    }
