"""Settings with one enterprise, and pushes that it signed, posted over a real connection."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import aiohttp

from deploy.simulator import Subscriber

from .running import Service

# Stands in no line that the program writes.
PASSWORD = "marker-password"
ACME = Subscriber(app_id="123456789", password=PASSWORD)
PATH = "/openapi/meetingevent"

SETTINGS = f"""\
[webhook]
listen = "127.0.0.1:0"

[admin]
listen = "127.0.0.1:0"

[[enterprises]]
name = "acme"
subscriber_id = "123456789"
callback_passwords = ["{PASSWORD}"]
"""


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes


ACCEPTED = Answer(200, b"")


def settled(folder: Path, more: str = "", *, webhook: str = "") -> Path:
    """Write settings into `folder`, with `more` tables and `webhook` in that one, and return it."""
    (folder / "meetwire.toml").write_text(more + SETTINGS.replace("[webhook]\n", f"[webhook]\n{webhook}"))
    return folder


def push(
    event: str = "meeting.started",
    *,
    meeting_id: str = "900000001",
    at_ms: int | None = None,
    signed_by: Subscriber = ACME,
    attendee: Mapping[str, object] | None = None,
) -> bytes:
    """Return a signed body, of now."""
    now_ms = time.time_ns() // 1_000_000 if at_ms is None else at_ms
    payload: dict[str, object] = {"meetingInfo": {"meetingID": meeting_id, "meetingUUID": "6c1f0a52a1b811f0b5c2"}}
    if attendee is not None:
        payload["attendeeInfo"] = dict(attendee)
    info: dict[str, object] = {"event": event, "timestamp": now_ms, "payload": payload}
    return signed_by.push(info, timestamp_ms=now_ms, nonce="85262798")


async def post(service: Service, body: bytes, *, trusting: ssl.SSLContext | None = None, path: str = PATH) -> Answer:
    """Post one body."""
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting or True)) as session,
        session.post(service.webhook + path, data=body) as answer,
    ):
        return Answer(answer.status, await answer.read())


async def get(url: str) -> Answer:
    """Get a page of the admin listener."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return Answer(answer.status, await answer.read())
