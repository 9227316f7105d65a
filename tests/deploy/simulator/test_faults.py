"""Faults: a plan comes whole whatever else is sent, and each delivery says what it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.simulator import Delivery, Kind, Style, Subscriber, day_of_meetings, deliveries
from deploy.simulator.spoil import BROKEN, FORGED

from .signatures import PASSWORD, is_signed

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
PLAN = list(day_of_meetings(seed=7, meetings=20, start=START))
SUBSCRIBER = Subscriber(app_id="100", password=PASSWORD)


def sent(*kinds: Kind, styles: Sequence[Style] = tuple(Style), seed: int = 1) -> list[Delivery]:
    """Return the plan signed, with half of it spoilt in each of these ways."""
    return list(deliveries(PLAN, SUBSCRIBER, seed=seed, rates=dict.fromkeys(kinds, 0.5), styles=styles))


def of(kind: Kind, among: list[Delivery]) -> list[Delivery]:
    """Return the deliveries of a kind; there are some."""
    found = [delivery for delivery in among if delivery.kind is kind]
    assert found
    return found


def test_plan_without_faults_is_sent_as_it_is() -> None:
    """One signed body an event, at its instant, in order."""
    plain = sent()

    assert [delivery.at for delivery in plain] == [planned.at for planned in PLAN]
    assert [json.loads(delivery.body)["eventInfo"] for delivery in plain] == [planned.event_info for planned in PLAN]
    assert {delivery.kind for delivery in plain} == {Kind.PLAIN}


def test_envelope_says_when_the_event_happened() -> None:
    """Outer and inner timestamp are equal, as in every example of the reference; the nonce has eight digits."""
    pushes = [json.loads(delivery.body) for delivery in sent()]

    assert [push["timestamp"] for push in pushes] == [push["eventInfo"]["timestamp"] for push in pushes]
    assert {(len(push["nonce"]), push["nonce"].isdecimal()) for push in pushes} == {(8, True)}


def test_same_seed_spoils_alike() -> None:
    """A fault that a seed found is found again."""
    assert sent(*Kind, seed=3) == sent(*Kind, seed=3)
    assert sent(*Kind, seed=3) != sent(*Kind, seed=4)


def test_deliveries_are_in_order_of_time() -> None:
    """Late ones and duplicates are where their time is."""
    at = [delivery.at for delivery in sent(*Kind)]

    assert at == sorted(at)


def test_every_planned_event_comes_whatever_else_does() -> None:
    """Faults are added; late events and such with new members still come, and say the same."""
    genuine = [delivery for delivery in sent(*Kind) if delivery.kind in (Kind.PLAIN, Kind.EXTRA, Kind.DISORDER)]

    assert {identity(delivery.event_info) for delivery in genuine} == {identity(one.event_info) for one in PLAN}
    assert len(genuine) == len(PLAN)


def identity(event_info: Mapping[str, Any] | None) -> tuple[object, ...]:
    """Return what tells one event from another."""
    assert event_info is not None
    payload = event_info["payload"]
    participant_id = payload.get("attendeeInfo", {}).get("participantID")
    return event_info["event"], event_info["timestamp"], payload["meetingInfo"]["meetingID"], participant_id


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind.genuine])
def test_genuine_kinds_are_signed(kind: Kind) -> None:
    """What the service would have sent verifies, in whatever spelling."""
    found = of(kind, sent(kind))

    assert [is_signed(delivery.body) for delivery in found] == [True] * len(found)
    assert {kind.answer} == {200}


def test_forgeries_are_not_signed() -> None:
    """Each way of forging is used, and none of them verifies. All are refused with 401."""
    forged = of(Kind.FORGED, sent(Kind.FORGED))

    assert {delivery.what for delivery in forged} == {what for what, _ in FORGED}
    # A moved digit leaves the signed text as it was: there the length of the timestamp is what is wrong.
    assert {delivery.what for delivery in forged if is_signed(delivery.body)} == {
        "a digit moved from timestamp to nonce"
    }
    assert {Kind.FORGED.answer, Kind.FORGED.genuine} == {401, False}


def test_moved_digit_leaves_twelve() -> None:
    """The forgery that the formula cannot see has a timestamp of twelve digits."""
    moved = [one for one in of(Kind.FORGED, sent(Kind.FORGED)) if one.what.startswith("a digit moved")]

    assert {len(str(json.loads(delivery.body)["timestamp"])) for delivery in moved} == {12}


def test_broken_bodies_are_no_pushes() -> None:
    """Each way of breaking is used; what still parses is no envelope, or has a key twice."""
    broken = of(Kind.BROKEN, sent(Kind.BROKEN))
    parsed = {}
    for delivery in broken:
        try:
            parsed[delivery.what] = json.loads(delivery.body, object_pairs_hook=list)
        except (ValueError, RecursionError):
            parsed[delivery.what] = None

    assert set(parsed) == {what for what, _ in BROKEN}
    assert {what for what, body in parsed.items() if body is not None} == {"a list", "a key twice", "no eventInfo"}
    assert [key for key, _ in parsed["a key twice"]].count("nonce") == 2
    assert "eventInfo" not in [key for key, _ in parsed["no eventInfo"]]
    assert {Kind.BROKEN.answer, Kind.BROKEN.genuine} == {400, False}


def test_duplicates_are_the_same_bytes_or_signed_anew() -> None:
    """It is not known which the service sends, so both come; the event is the same."""
    pushes = sent(Kind.DUPLICATE)
    first = {json.dumps(delivery.event_info): delivery.body for delivery in of(Kind.PLAIN, pushes)}
    again = of(Kind.DUPLICATE, pushes)

    assert {(one.what, one.body == first[json.dumps(one.event_info)]) for one in again} == {
        ("the same bytes", True),
        ("signed anew", False),
    }


def test_disorder_is_a_late_push() -> None:
    """It keeps the time at which it happened, and comes up to half an hour after."""
    late = [
        delivery.at - datetime.fromtimestamp(json.loads(delivery.body)["eventInfo"]["timestamp"] / 1_000, UTC)
        for delivery in of(Kind.DISORDER, sent(Kind.DISORDER))
    ]

    assert timedelta(seconds=20) <= min(late)
    assert max(late) <= timedelta(minutes=30)


def test_unknown_events_have_names_that_no_reference_has() -> None:
    """The list of events has grown three times; it will again."""
    names = {json.loads(delivery.body)["eventInfo"]["event"] for delivery in of(Kind.UNKNOWN, sent(Kind.UNKNOWN))}

    assert names == {"meeting.lobby.opened", "meeting.hand.raised", "record.started", "会议.开始"}


def test_extra_members_are_at_every_level() -> None:
    """New members come in eventInfo, in the payload and within meetingInfo."""
    event_info = json.loads(of(Kind.EXTRA, sent(Kind.EXTRA))[0].body)["eventInfo"]

    assert {"traceID"} < event_info.keys()
    assert event_info["payload"]["tenant"] == {"id": 7, "labels": ["重要", "🎯", None]}
    assert event_info["payload"]["meetingInfo"]["subject"] == "季度复盘 / Q3 review 📈"


def test_mistyped_members_are_of_four_sorts() -> None:
    """A timestamp in quotes, a payload in a list, an ID that is a number, a meeting that is null."""

    mistyped = of(Kind.MISTYPED, sent(Kind.MISTYPED))

    assert {mistyped_member(json.loads(one.body)["eventInfo"]) for one in mistyped} == {
        "timestamp",
        "payload",
        "meetingID",
        "meetingInfo",
    }


def mistyped_member(event_info: object) -> str:
    """Return which member is not what the reference says."""
    match event_info:
        case {"timestamp": str()}:
            return "timestamp"
        case {"payload": list()}:
            return "payload"
        case {"payload": {"meetingInfo": {"meetingID": int()}}}:
            return "meetingID"
        case {"payload": {"meetingInfo": None}}:
            return "meetingInfo"
        case _:
            return "none"


def test_delivery_shows_no_names() -> None:
    """A delivery in a log line says what it is, not who is in it."""
    forged = of(Kind.FORGED, sent(Kind.FORGED))[0]

    assert repr(forged) == f"<Delivery forged {forged.what} at {forged.at.isoformat()}>"
