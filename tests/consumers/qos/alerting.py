"""Decisions on alerts, as the engine makes them, and their records."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from schemas.events import AlertChanged, AlertSample, AlertTrouble, SilenceMatcher, encode
from schemas.record import Record, content_id, partition_of, traceparent
from schemas.secret import Secret
from schemas.topics import ALERTS

from ..records import NOON

WEBHOOK_SECRET = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
PARTITIONS = 12


def at(seconds: float) -> datetime:
    """Return so many seconds past noon."""
    return NOON + timedelta(seconds=seconds)


def trouble(value: float | None = 0.12, **otherwise: object) -> AlertTrouble:
    """Return why a thing fires: audio that is sent loses more than a tenth."""
    known = AlertTrouble(
        check="audio-loss/audio/sent",
        rule="audio-loss",
        severity="warning",
        since=at(0),
        people=4,
        metric="packet_loss_ratio",
        above=0.1,
        below=None,
        clear=0.05,
        bad=3,
        of=5,
        for_s=30.0,
        keep_firing_for_s=60.0,
        samples=[AlertSample(measured_at=at(0), value=value, bad=True)],
    )
    return msgspec.structs.replace(known, **otherwise)


def alert(change: str = "fired", seconds: float = 0, site: str = "深圳", **otherwise: object) -> AlertChanged:
    """Return a decision on a site, made so many seconds past noon."""
    known = AlertChanged(
        alert_id=content_id("alert", site),
        enterprise="acme",
        change=change,
        level="site",
        place=f"acme/{site}",
        meeting_id=None,
        participant_id=None,
        severity="warning",
        since=at(0),
        occurred_at=at(seconds),
        because="good" if change == "resolved" else None,
        troubles=[trouble()],
        people=4,
        measured=5,
        meetings=2,
        direction="uplink",
        held_by=None,
        muted=False,
    )
    return msgspec.structs.replace(known, **otherwise)


def decision(event: AlertChanged, number: int = 0) -> Record:
    """Return the record of a decision; two on one alert in one second need numbers."""
    event_id = content_id("change", event.alert_id, event.change, str(event.occurred_at), number)
    return Record(
        topic=ALERTS,
        partition=partition_of(event.alert_id, PARTITIONS),
        key=event.alert_id,
        id=f"{event_id}-0",
        type="AlertChanged",
        enterprise="acme",
        occurred_at=event.occurred_at,
        received_ms=int(event.occurred_at.timestamp() * 1_000),
        trace=traceparent(event_id, None),
        value=encode(event),
    )


def matcher(label: str, pattern: str) -> SilenceMatcher:
    """Return a matcher."""
    return msgspec.convert({"label": label, "pattern": pattern}, SilenceMatcher)
