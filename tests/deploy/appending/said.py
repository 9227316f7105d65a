"""What a consumer has to say."""

from __future__ import annotations

from consumers.letter import Dead, letter
from consumers.qos.desk.remarks import remark
from schemas.events import AlertNotified
from schemas.ids import Position
from schemas.record import Record, Stored, content_id
from tests.consumers.records import LOG, NOON, numbered

PARTITIONS = 12


def notified(number: int, *, key: str = "m-1", channel: str = "ops") -> Record:
    """Return that a channel was told of a decision, by number."""
    event = AlertNotified(
        alert_id="0cb374afcce1717df71e3bc09f3ad58e",
        decision_id=content_id("decision", number),
        channel=channel,
        outcome="told",
        occurred_at=NOON,
    )
    event_id = f"{content_id('notified', number)}-0"
    return remark(event, key=key, event_id=event_id, enterprise="acme", partitions=PARTITIONS)


def dead_letter(number: int = 1) -> Record:
    """Return what tells of a record that could not be taken."""
    stored = Stored(LOG, Position(number), numbered(1)[0])
    return letter("qos", Dead(stored, "undecodable", "$"), NOON)
