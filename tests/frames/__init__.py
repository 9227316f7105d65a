"""The corpus of meeting pushes: a frame in, what is read and the records out. A new case is a folder, no Python.

frame.json holds the bytes of one WebSocket frame, which need be no JSON; events.json what `read_frame` makes of them
and the records that `enter_frame` puts into the log. A case whose name begins with `masked` is entered with contacts
masked. `python -m tests.frames` writes every events.json anew: read the difference before you commit it.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from receiver.entry_frames import enter_frame
from receiver.frames import Frame, Reply, read_frame
from schemas.record import Record

FRAMES: Final = Path(__file__).parent
CASES: Final = sorted(path.parent.name for path in FRAMES.glob("*/frame.json"))
RECEIVED_AT: Final = datetime(2026, 3, 2, 1, 0, 1, 20_000, tzinfo=UTC)


def framed(body: bytes) -> Frame:
    """Return a frame as the subscription of one meeting hands it over."""
    return Frame(
        enterprise="acme",
        meeting_id="900487914",
        meeting_uuid="6c1f0a52a1b811f0b5c20242ac120002",
        epoch=7,
        received_at=RECEIVED_AT,
        body=body,
    )


def told(case: str) -> dict[str, Any]:
    """Return what a case's events.json says."""
    found: dict[str, Any] = json.loads((FRAMES / case / "events.json").read_text())
    return found


def made(case: str) -> dict[str, Any]:
    """Return what the receiver makes of a case, as its events.json has it."""
    frame = framed((FRAMES / case / "frame.json").read_bytes())
    read = read_frame(frame)
    shown: dict[str, Any] = {"read": {"kind": type(read).__name__, **_members(read)}}
    if not isinstance(read, Reply):
        entry = enter_frame(frame, read, partitions=12, mask=case.startswith("masked"))
        shown["set_aside"] = entry.set_aside
        shown["records"] = [_record(record, frame.body) for record in entry.records]
    return shown


def _members(read: Any) -> dict[str, Any]:
    """Return what was read, but for the content in the service's words: the events tell that."""
    names = [field.name for field in msgspec.structs.fields(read) if field.name != "payload"]
    members: dict[str, Any] = json.loads(msgspec.json.encode({name: getattr(read, name) for name in names}))
    return members


def _record(record: Record, body: bytes) -> dict[str, Any]:
    event = json.loads(record.value)
    if event.get("original") is not None and event["original"].encode() == body:
        event["original"] = "<frame>"
    if event.get("original_sha256") == hashlib.sha256(body).hexdigest():
        event["original_sha256"] = "<sha256>"
    head = {"topic": record.topic, "partition": record.partition, "key": record.key, "id": record.id}
    return {**head, "trace": record.trace, "epoch": record.epoch, "event": event}
