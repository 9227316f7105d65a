"""Each event is one line that a person can read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import msgspec
import pytest

from consumers.tail import Look, line
from consumers.tail.happened import WORDS
from deploy.contract.samples import samples
from schemas.events import AnyEvent, Event, PushSetAside, RecordDeadLettered, SubscriptionChanged, decode
from schemas.record import from_kafka

from .records import NOON, joined, person, record, started

UTC = ZoneInfo("UTC")
PLAIN = Look(zone=UTC)

DEAD = RecordDeadLettered(
    consumer="qos",
    reason="handler_refused",
    topic="meeting.lifecycle.v1",
    partition=3,
    log="1" * 32,
    position=77,
    event_id=None,
    failed_at=NOON,
    value_base64=None,
)


def shown(event: Event, look: Look = PLAIN, *, key: str = "m-1") -> str:
    """Return an event's line."""
    return line(record(event, key=key), look)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        pytest.param(started(), "2026-07-01 12:00:00  started      acme      m-1", id="a meeting"),
        pytest.param(
            msgspec.structs.replace(started(), meeting_cycle_sub_id="s-7"),
            "2026-07-01 12:00:00  started      acme      m-1          series s-7",
            id="one of a series",
        ),
        pytest.param(
            started(late_s=75.0), "2026-07-01 12:00:00  started      acme      m-1          +75 s", id="a minute late"
        ),
        pytest.param(
            started(late_s=1_800.0),
            "2026-07-01 12:00:00  started      acme      m-1          +30 min",
            id="half an hour late",
        ),
        pytest.param(
            started(late_s=86_000.0), "2026-07-01 12:00:00  started      acme      m-1          +24 h", id="a day late"
        ),
        pytest.param(
            joined(person(role="CHAIR", client_type="WeLink-desktop")),
            "2026-07-01 12:00:00  joined       acme      m-1          张三  CHAIR  WeLink-desktop",
            id="a person",
        ),
        pytest.param(
            joined(person(None, account="zhang@acme")),
            "2026-07-01 12:00:00  joined       acme      m-1          zhang@acme",
            id="an account",
        ),
        pytest.param(
            joined(person(None, call_number="+8610")),
            "2026-07-01 12:00:00  joined       acme      m-1          +8610",
            id="a telephone",
        ),
        pytest.param(
            joined(person(None)), "2026-07-01 12:00:00  joined       acme      m-1          ?", id="nobody knows who"
        ),
        pytest.param(
            DEAD,
            "2026-07-01 12:00:00  dead letter  acme      m-1          "
            "qos  handler_refused  meeting.lifecycle.v1/3 at 77",
            id="a dead letter",
        ),
    ],
)
def test_an_event_is_a_line(event: Event, text: str) -> None:
    """Time, what happened, enterprise, meeting, who, and how late where it is late."""
    assert shown(event) == text


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({}, "fired  critical  site 深圳  4 of 4 in 2 meetings  uplink  audio-loss/audio/sent"),
        (
            {"change": "resolved", "because": "good", "meetings": 1, "direction": None},
            "resolved  critical  site 深圳  4 of 4  audio-loss/audio/sent  good",
        ),
        (
            {"level": "all_silent", "place": "all", "people": 0, "measured": 0, "meetings": 0, "direction": None},
            "fired  critical  all_silent all  audio-loss/audio/sent",
        ),
    ],
    ids=["fired", "over", "about nobody"],
)
def test_an_alert_says_where_how_many_and_what(changed: dict[str, Any], text: str) -> None:
    """The enterprise is told in a column of its own."""
    alert = msgspec.structs.replace(decode(bytes(samples()["AlertChanged"].value)), **changed)

    assert shown(alert).endswith(f"  alert        acme      m-1          {text}")


@pytest.mark.parametrize(
    ("reason", "since", "text"),
    [
        ("start_unknown", datetime.fromtimestamp(0, tz=UTC), "opened  start_unknown"),
        ("found_late", NOON - timedelta(seconds=90), "opened  found_late  unseen for 90 s"),
    ],
)
def test_what_has_no_beginning_has_no_length(reason: str, since: datetime, text: str) -> None:
    """A meeting that was on, nobody knows since when, is not said to have been unseen for ages."""
    opened = SubscriptionChanged(
        enterprise="acme",
        meeting_id="m-1",
        meeting_uuid=None,
        occurred_at=NOON,
        change="opened",
        reason=reason,
        epoch=1,
        receiver="r-1",
        unseen_since=since,
        push_type=None,
        first_missed=None,
        last_missed=None,
        missed=None,
    )

    assert shown(opened) == f"2026-07-01 12:00:00  listening    acme      m-1          {text}"


@pytest.mark.parametrize(("parts", "text"), [(1, ""), (3, "  part 2 of 3")], ids=["whole", "in parts"])
def test_a_push_that_was_set_aside_says_why(parts: int, text: str) -> None:
    """With the member that did not fit, where there is one."""
    push = PushSetAside(
        enterprise="acme",
        subscriber_id="1",
        reason="changed_payload",
        event_name="meeting.started",
        meeting_id="m-1",
        where="$.payload.meetingInfo",
        sent_at=NOON,
        received_at=NOON,
        original="{}",
        original_base64=None,
        original_sha256="0" * 64,
        redacted=False,
        part=2,
        parts=parts,
    )

    told = "changed_payload  meeting.started  $.payload.meetingInfo"
    assert shown(push) == f"2026-07-01 12:00:00  set aside    acme      m-1          {told}{text}"


def test_every_event_has_a_word() -> None:
    """A new event cannot be forgotten here."""
    assert set(WORDS) == set(get_args(AnyEvent))


@pytest.mark.parametrize("name", sorted(samples()))
def test_every_stored_sample_has_a_line(name: str) -> None:
    """Also those that an older version wrote."""
    sample = samples()[name]
    stored = from_kafka(
        topic=sample.topic,
        partition=sample.partition,
        timestamp_ms=sample.timestamp_ms,
        key=sample.key.encode(),
        value=bytes(sample.value),
        headers=sample.raw_headers(),
    )

    assert "unreadable" not in line(stored.record, PLAIN)


def test_what_cannot_be_read_is_a_line_too() -> None:
    """With its type, as a newer version wrote it."""
    unreadable = record(started(), value=b"{}")

    assert line(unreadable, PLAIN) == "2026-07-01 12:00:00  unreadable   acme      m-1          MeetingStarted"


def test_times_are_in_the_zone_that_was_asked_for() -> None:
    """Not the receiver's."""
    assert shown(started(), Look(zone=ZoneInfo("Asia/Shanghai"))).startswith("2026-07-01 20:00:00  ")


@pytest.mark.parametrize(
    ("who", "text"),
    [
        (person(account="a", call_number="b", participant_id="p-1", role="CHAIR"), "p-1  CHAIR"),
        (person(client_type="IOS"), "?  IOS"),
    ],
    ids=["an id", "no id"],
)
def test_names_are_hidden_where_that_was_asked_for(who: object, text: str) -> None:
    """Neither name nor account nor number; the id in the meeting tells people apart."""
    event = msgspec.structs.replace(joined(person()), participant=who)

    assert shown(event, Look(zone=UTC, names=False)).endswith(f"m-1          {text}")


def test_a_hostile_name_stays_in_its_place() -> None:
    """It neither clears the screen, nor fakes a line, nor pushes the rest out of sight."""
    hostile = person("\x1b[2J\r\n2026-07-01 12:00:00  ended " + "x" * 1_000, role="GUEST\x1b[0m")

    assert shown(joined(hostile)) == (
        "2026-07-01 12:00:00  joined       acme      m-1          ␛[2J␍␊2026-07-01 12:00:00  ended xxxxxx…  GUEST␛[0m"
    )


def test_a_hostile_key_stays_in_its_place() -> None:
    """Every text is a stranger's."""
    assert shown(started(), key="\x1b[2J") == "2026-07-01 12:00:00  started      acme      ␛[2J"


def test_colour_is_for_what_happened() -> None:
    """And the time steps back."""
    assert shown(started(), Look(zone=UTC, colour=True)) == (
        "\x1b[2m2026-07-01 12:00:00\x1b[0m  \x1b[32mstarted    \x1b[0m  acme      m-1"
    )
