"""What becomes of a push that an operator runs once more: only what the service signed, and only once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from receiver.errors import LogUnavailable
from receiver.redrive import Outcome, Redrive
from receiver.verify import Account, Accounts
from schemas.events import MeetingStarted
from schemas.ids import EnterpriseName, SubscriberId
from schemas.record import Record

from .list_log import ListLog
from .signing import ACCOUNTS, SENT_AT, SENT_MS, STARTED, TERMS, event, push


def redrive(log: ListLog, accounts: Accounts = ACCOUNTS) -> Redrive:
    """Return what runs pushes again, into `log`."""
    return Redrive(accounts=lambda: accounts, terms=TERMS, log=log)


def told(record: Record) -> tuple[str, str, datetime, datetime, str | None]:
    """Return what a record says of the push that it came from."""
    started = msgspec.json.decode(record.value, type=MeetingStarted)
    return (record.topic, started.meeting_id, started.occurred_at, started.sent_at, started.original)


async def test_an_old_push_is_an_event_now_and_once() -> None:
    """Its age is no objection when an operator asks; asked twice, it stands there already."""
    log = ListLog()

    outcomes = [await redrive(log).again(push()), await redrive(log).again(push())]

    assert outcomes == ["appended", "repeated"]
    assert [told(record) for record in log.records] == [
        ("meeting.lifecycle.v1", "m-1", SENT_AT, SENT_AT, push().decode())
    ]


def ahead() -> bytes:
    """Return a push of the day after tomorrow."""
    sent_ms = int((datetime.now(UTC) + timedelta(days=2)).timestamp() * 1000)
    return push(STARTED, timestamp=str(sent_ms))


@pytest.mark.parametrize(
    ("original", "outcome"),
    [
        pytest.param(push(event("meeting.unheard", SENT_MS, a=1)), "not_understood", id="still an unknown event"),
        pytest.param(push(event("meeting.started", SENT_MS)), "not_understood", id="still without what it needs"),
        pytest.param(push(event("meeting.verify", SENT_MS)), "not_understood", id="a handshake is no event"),
        pytest.param(ahead(), "not_understood", id="still ahead of our clock"),
        pytest.param(push(password="another"), "not_verified", id="signed with another password"),
        pytest.param(push(app_id="987654321"), "not_verified", id="of another subscriber"),
        pytest.param(push().replace(b"m-1", b"m-2"), "not_verified", id="changed"),
        pytest.param(push().replace(b"c-1", b"[removed]"), "not_verified", id="with a value taken out"),
        pytest.param(b"{}", "not_verified", id="no push"),
        pytest.param(b"", "not_verified", id="nothing"),
        pytest.param(b"\xff" * 100, "not_verified", id="bytes"),
    ],
)
async def test_what_cannot_become_an_event_leaves_no_trace(original: bytes, outcome: Outcome) -> None:
    """Whoever reaches the redrive can add nothing that the service did not sign."""
    log = ListLog()

    assert await redrive(log).again(original) == outcome

    assert log.records == []


async def test_a_password_of_then_counts_while_it_is_configured() -> None:
    """The passwords are those of the moment: put the old one back to redrive what it signed."""
    both: Accounts = {SubscriberId("123456789"): Account(enterprise=EnterpriseName("acme"), passwords=(b"new", b"old"))}
    log = ListLog()

    assert await redrive(log, both).again(push(password="old")) == "appended"


async def test_a_log_that_refuses_is_told() -> None:
    """It is for the operator to ask again."""
    log = ListLog()
    log.refuses = LogUnavailable("disk_full")

    with pytest.raises(LogUnavailable, match="disk_full"):
        await redrive(log).again(push())
