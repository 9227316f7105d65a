"""The corpus: bytes in, events out, through the whole pipeline. A new case is a folder of tests/pushes, no Python.

headers.json is the request's head, body.json the body with a placeholder for its signature, events.json the records
that are appended, in their order; answer.json, where there is one, the body of the answer.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from receiver.log import Log
from receiver.pipeline import Accepted, Pipeline
from schemas.record import Record

from .list_log import ListLog
from .signing import ACCOUNTS, RECEIVED_AT, SENT_MS, TERMS, delivered, push, sign

PUSHES: Final = Path(__file__).parents[1] / "pushes"
CASES: Final = sorted(folder.name for folder in PUSHES.iterdir() if folder.is_dir() and folder.name != "__pycache__")
PLACEHOLDER: Final = b"<signature>"

_STRING_OR_SPACE: Final = re.compile(rb'("[^"\\]*(?:\\.[^"\\]*)*")|[ \t\r\n]+', re.DOTALL)


def pipeline(log: Log) -> Pipeline:
    """Return the receiver's middle, from verify to the log."""
    return Pipeline(accounts=lambda: ACCOUNTS, terms=TERMS, log=log)


def signed(body: bytes) -> bytes:
    """Return a body of the corpus with its signature: over eventInfo, the last member, without white space."""
    envelope = json.loads(body.decode("utf-8", "surrogateescape"))
    event_info = body.partition(b'"eventInfo"')[2].lstrip().removeprefix(b":").rstrip().removesuffix(b"}")
    compact = _STRING_OR_SPACE.sub(rb"\1", event_info)
    signature = sign(envelope["appID"], str(envelope["timestamp"]), envelope["nonce"], compact)
    return body.replace(PLACEHOLDER, signature.encode(), 1)


def shown(record: Record, body: bytes) -> dict[str, Any]:
    """Return a record as events.json has it: what the body says is not said again."""
    event = json.loads(record.value)
    if event["original"] is not None and event["original"].encode() == body:
        event["original"] = "<body>"
    elif event["original"] is not None:
        event["original"] = re.sub(r'"[0-9a-f]{64}"', '"<signature>"', event["original"])
    if event["original_sha256"] == hashlib.sha256(body).hexdigest():
        event["original_sha256"] = "<sha256>"
    return {"topic": record.topic, "key": record.key, "id": record.id, "trace": record.trace, "event": event}


def told(case: str, name: str) -> Any:
    """Return one JSON file of a case, or None where it has none."""
    path = PUSHES / case / name
    return json.loads(path.read_text(errors="surrogateescape")) if path.exists() else None


@pytest.mark.parametrize("case", CASES)
async def test_a_push_becomes_its_events(case: str) -> None:
    """What came over the wire becomes just these records, and is answered just so."""
    log, body = ListLog(), signed((PUSHES / case / "body.json").read_bytes())
    through = pipeline(log)

    verified = through.verify(delivered(body, told(case, "headers.json").get("X-Request-ID")))
    accepted = await through.take(verified)

    assert [shown(record, body) for record in log.records] == told(case, "events.json")
    assert json.loads(accepted.body or b"null") == told(case, "answer.json")


@pytest.mark.parametrize("case", CASES)
async def test_a_retry_of_a_push_appends_nothing(case: str) -> None:
    """The service sends the same bytes again 30 s later, under another request ID: nothing is new."""
    log, body = ListLog(), signed((PUSHES / case / "body.json").read_bytes())
    through = pipeline(log)

    await through.take(through.verify(delivered(body, "first")))
    once = list(log.records)
    again = await through.take(through.verify(delivered(body, "second", RECEIVED_AT + timedelta(seconds=30))))

    assert (log.records, again.repeated) == (once, bool(once))


def test_the_corpus_has_every_event() -> None:
    """All ten names of the reference, so that none is forgotten; and each case is whole."""
    names = {told(case, "body.json")["eventInfo"]["event"] for case in CASES}
    files = {case: {path.name for path in (PUSHES / case).iterdir()} - {"answer.json"} for case in CASES}

    assert names >= {
        "meeting.verify",
        "meeting.started",
        "meeting.end",
        "meeting.conclude",
        "record.finish",
        "meeting.create",
        "meeting.modify",
        "meeting.cancel",
        "meeting.join",
        "meeting.left",
    }
    assert files == {case: {"headers.json", "body.json", "events.json"} for case in CASES}


def test_repr_of_what_became_of_a_push_shows_no_content() -> None:
    """Neither what it is called nor what it is answered with."""
    accepted = Accepted("marker", b"marker", repeated=True, set_aside="stale", enterprise="acme")

    assert repr(accepted) == "<Accepted, repeated=True, set_aside=stale>"


async def test_a_large_push_is_its_event_and_the_body_in_parts() -> None:
    """A body beyond 128 KiB is too large for its event's record: it stands beside it, whole."""
    log = ListLog()
    through = pipeline(log)
    roster = json.dumps([f"成员 {number}" for number in range(12_000)], ensure_ascii=False)
    body = push(
        f'{{"event":"meeting.started","timestamp":{SENT_MS},"payload":{{"meetingInfo":{{"meetingID":"m-1",'
        f'"roster":{roster}}}}}}}'.encode()
    )

    await through.take(through.verify(delivered(body)))

    event, *parts = [shown(record, body) for record in log.records]
    assert (event["topic"], event["event"]["type"]) == ("meeting.lifecycle.v1", "MeetingStarted")
    assert (event["event"]["original"], event["event"]["original_sha256"]) == (None, "<sha256>")
    assert {(part["topic"], part["event"]["reason"]) for part in parts} == {("meeting.unrecognised.v1", "too_large")}
    assert b"".join(bytes_of(part) for part in parts) == body


def bytes_of(part: dict[str, Any]) -> bytes:
    """Return the piece of a push that a part holds."""
    return base64.b64decode(part["event"]["original_base64"])
