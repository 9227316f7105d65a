"""Pushes as the service sends them, by a signer of the tests' own: one that shares nothing with `receiver.verify`."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

from receiver.delivery import Delivery
from receiver.entry import Terms
from receiver.verify import Account, Accounts
from schemas.ids import EnterpriseName, SubscriberId

PASSWORD = "password-of-acme"
SENT_MS = 1_772_413_200_351
SENT_AT = datetime(2026, 3, 2, 1, 0, 0, 351_000, tzinfo=UTC)
RECEIVED_AT = datetime(2026, 3, 2, 1, 0, 1, 20_000, tzinfo=UTC)
REQUEST_ID = "539e8b710378987ffc5eb844b5e5c290"

ACCOUNTS: Accounts = {
    SubscriberId("123456789"): Account(enterprise=EnterpriseName("acme"), passwords=(PASSWORD.encode(),))
}
TERMS = Terms(partitions=12, horizon=timedelta(hours=25))

STARTED = (
    b'{"event":"meeting.started","timestamp":1772413200351,"payload":{"meetingInfo":'
    b'{"meetingID":"m-1","meetingUUID":"u-1","meetingCycleSubID":"c-1"}}}'
)


def sign(app_id: str, timestamp: str, nonce: str, event_info: bytes, password: str = PASSWORD) -> str:
    """Return the signature of the enterprise push reference: the four, with nothing between them."""
    message = hmac.new(password.encode(), app_id.encode(), hashlib.sha256)
    for part in (timestamp.encode(), nonce.encode(), event_info):
        message.update(part)
    return message.hexdigest()


def push(
    event_info: bytes = STARTED,
    *,
    app_id: str = "123456789",
    timestamp: str = str(SENT_MS),
    nonce: str = "85262798",
    password: str = PASSWORD,
    signed: bytes | None = None,
    signature: str | None = None,
) -> bytes:
    """Return a body; `signed` is what was signed where that is not `event_info` itself."""
    if signature is None:
        signature = sign(app_id, timestamp, nonce, event_info if signed is None else signed, password)
    return b'{"appID":%s,"timestamp":%s,"nonce":%s,"signature":%s,"eventInfo":%s}' % (
        json.dumps(app_id).encode(),
        timestamp.encode(),
        json.dumps(nonce).encode(),
        json.dumps(signature).encode(),
        event_info,
    )


def event(name: str, timestamp: int = SENT_MS, **payload: object) -> bytes:
    """Return an eventInfo as the service spells it: compact, letters as they are, without an empty payload."""
    members: dict[str, object] = {"event": name, "timestamp": timestamp}
    if payload:
        members["payload"] = payload
    return json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode()


def delivered(body: bytes, request_id: str | None = None, received_at: datetime = RECEIVED_AT) -> Delivery:
    """Return a body as the transport hands it over."""
    return Delivery(body=body, received_at=received_at, request_id=request_id)
