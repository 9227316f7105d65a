"""A local log full of quality samples, as the receiver leaves it: what a day of meetings is replayed from."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from schemas.events import Flow, QualitySampled, Surroundings, encode
from schemas.record import Record, content_id, partition_of, traceparent
from schemas.topics import QUALITY

from .spoken import PARTITIONS, Log, alive

PEOPLE: Final = 10
"""In each meeting."""
EVERY_S: Final = 20
"""How far the samples of one participant lie apart."""
_COMMIT: Final = 500
_PLACES: Final = ("深圳", "北京", "杭州", "上海", "东莞")
_SEED: Final = 6


def fill(folder: Path, samples: int, *, meetings: int, start: datetime) -> datetime:
    """Write so many samples of everybody in turn; return when the last one was received."""
    log, waiting = Log(folder), list[Record]()
    for record in sampled(samples, meetings=meetings, start=start):
        waiting.append(record)
        if len(waiting) == _COMMIT:
            log.append(waiting)
            waiting = []
    log.append(waiting)
    log.close()
    return start + timedelta(seconds=samples / (meetings * PEOPLE / EVERY_S))


def sampled(samples: int, *, meetings: int, start: datetime) -> Iterator[Record]:
    """Yield the records, a sign of life every ten seconds among them."""
    chance = random.Random(_SEED)  # noqa: S311 -- figures, no secrets
    rate = meetings * PEOPLE / EVERY_S
    bad: dict[int, int] = {}
    for number in range(samples):
        at = start + timedelta(seconds=number / rate)
        if number % int(10 * rate) == 0:
            yield from alive(at)
        who = number % (meetings * PEOPLE)
        # One in five hundred is bad from now on, for a minute.
        if bad.get(who, 0) == 0 and chance.random() < 0.002:
            bad[who] = 3
        yield sample(who, at, bad=bad.get(who, 0) > 0)
        bad[who] = max(0, bad.get(who, 0) - 1)
    yield from alive(start + timedelta(seconds=samples / rate))


def sample(who: int, at: datetime, *, bad: bool = False) -> Record:
    """Return one look at the audio of participant `who` of all."""
    meeting_id, participant_id = f"m-{who // PEOPLE}", f"p-{who % PEOPLE}"
    flows = [
        Flow(
            modality="audio",
            direction=direction,
            bitrate_bps=64_000,
            packet_loss_ratio=0.2 if bad and direction == "sent" else 0.001,
            jitter_ms=4.0,
            latency_ms=30.0,
        )
        for direction in ("sent", "received")
    ]
    event = QualitySampled(
        enterprise="acme",
        meeting_id=meeting_id,
        meeting_uuid=f"uuid-{meeting_id}",
        occurred_at=at,
        received_at=at,
        message_id=None,
        source="rest",
        participant_id=participant_id,
        over=False,
        rating=None,
        round_trip_ms=None,
        bandwidth_as_sent=None,
        client_cpu_ratio=None,
        system_cpu_ratio=None,
        alarms=[],
        flows=flows,
        surroundings=Surroundings(
            name="张三",
            user_uuid=f"user-{who}",
            department="研发部",
            terminal_type="PC",
            role="guest",
            network_type="wifi",
            country="中国",
            province="广东",
            city=_PLACES[who % len(_PLACES)],
            app_version="90.1.0",
            system="Windows 10",
            data_centre="cn-east",
        ),
    )
    return record_of(event, at)


def record_of(event: QualitySampled, at: datetime) -> Record:
    """Return the record of a sample that was received at `at`."""
    at_ms = int(at.timestamp() * 1_000)
    identity = content_id("quality", event.meeting_uuid, event.participant_id, "audio", at_ms)
    return Record(
        topic=QUALITY,
        partition=partition_of(event.meeting_id, PARTITIONS),
        key=event.meeting_id,
        id=f"{identity}-0",
        type=type(event).__name__,
        enterprise=event.enterprise,
        occurred_at=at,
        received_ms=at_ms,
        trace=traceparent(identity, None),
        value=encode(event),
    )
