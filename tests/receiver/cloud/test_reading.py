"""The service's JSON, whatever its types drift to."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.cloud import Faulty
from receiver.cloud.measured_calls import measured_meeting_of, measurements_of, participant_of, thresholds_of
from receiver.cloud.meetings import control_of, detail_of, meeting_of, socket_of
from receiver.cloud.push_configuration import push_of
from receiver.cloud.reading import at_iso, at_ms, number, text, texts, whole, yes

from .asking import NOON

FIVE = datetime(2026, 3, 2, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "found"),
    [("a", "a"), ("", None), (None, None), (7, "7"), (7.5, "7.5"), (True, None), ([], None), ({}, None)],
    ids=repr,
)
def test_a_text_says_something(value: object, found: str | None) -> None:
    """What is empty does not, and a number is spelt out."""
    assert text(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (7, 7.0),
        (7.5, 7.5),
        ("7.5", 7.5),
        (" 7 ", 7.0),
        ("seven", None),
        ("nan", None),
        ("inf", None),
        ("9" * 400, None),
        (True, None),
        (None, None),
        ([], None),
    ],
    ids=repr,
)
def test_a_number_is_finite(value: object, found: float | None) -> None:
    """However it is spelt."""
    assert number(value) == found


def test_a_whole_number_is_rounded_towards_nought() -> None:
    """Counts that come with a fraction are counts."""
    assert [whole(value) for value in ("7.9", -7.9, None)] == [7, -7, None]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("YES", True),
        ("no", False),
        (True, True),
        (False, False),
        (1, True),
        ("0", False),
        ("maybe", None),
        (None, None),
    ],
    ids=repr,
)
def test_yes_and_no_come_in_many_spellings(value: object, found: bool | None) -> None:
    """What is neither is not known."""
    assert yes(value) is found


def test_texts_are_a_list() -> None:
    """What is no text in it is left out; no list is not the same as an empty one."""
    assert [texts(value) for value in (["a", None, 1, ""], [], None, "a")] == [("a", "1"), (), None, None]


@pytest.mark.parametrize(
    ("value", "found"),
    [(1772427600000, FIVE), ("1772427600000", FIVE), (0, None), (-5, None), (10**15, None), (None, None)],
    ids=repr,
)
def test_milliseconds_are_a_time(value: object, found: datetime | None) -> None:
    """Nought means that it has not come."""
    assert at_ms(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2026-03-02T05:00:00.000Z", FIVE),
        ("2026-03-02T13:00:00.000+0800", FIVE),
        ("2026-03-02T05:00:00", None),
        ("0001-01-01T00:00:00+09:00", None),
        ("yesterday", None),
        (1772427600000, None),
        (None, None),
    ],
)
def test_a_spelt_time_needs_its_zone(value: object, found: datetime | None) -> None:
    """A guess at one would be hours off."""
    assert at_iso(value) == found


NAMES = [
    "accessToken",
    "conferenceData",
    "conferenceID",
    "confUUID",
    "confTokenExpireTime",
    "data",
    "expireTime",
    "id",
    "joinTime",
    "latency",
    "participantID",
    "passwordEntry",
    "qos",
    "receive",
    "receiving",
    "send",
    "status",
    "supportNotifyType",
    "time",
    "token",
    "url",
    "value",
    "webSocketToken",
    "wsURL",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner),
    max_leaves=20,
)


@given(JSON)
def test_no_answer_breaks_a_reader(answer: object) -> None:
    """Any JSON is read, or it is a fault of the service."""
    body = msgspec.json.encode(answer)
    readers = (
        detail_of,
        socket_of,
        push_of,
        thresholds_of,
        lambda body: control_of(body, now=NOON),
        lambda body: measurements_of(body, "audio"),
    )
    for read in readers:
        try:
            read(body)
        except Faulty:
            continue
    row = msgspec.json.decode(body)
    if isinstance(row, dict):
        for read_row in (meeting_of, measured_meeting_of, participant_of):
            read_row(row)
