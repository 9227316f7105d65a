"""Phone numbers and e-mail addresses are masked, and nothing else is."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.entry_frames import enter_frame
from receiver.frames import Reply, read_frame
from receiver.normalise.meeting.mask import address, number, text
from tests.frames import framed


@pytest.mark.parametrize(
    ("told", "masked"),
    [
        ("+8657100000001", "+*********0001"),
        ("13800001234", "*******1234"),
        ("12345678", "****5678"),
        ("1234567", "*****67"),
        ("8001", "**01"),
        ("12", "**"),
        ("+86 138-0000-1234", "+** ***-****-1234"),
        ("+86571********", "+***71********"),
        ("sip:+8657100000001@example.com", "s***@example.com"),
        ("conference room", "conference room"),
        ("", ""),
    ],
)
def test_a_number_keeps_its_last_digits(told: str, masked: str) -> None:
    """Four of a long one, two of a short one: enough to tell two apart."""
    assert number(told) == masked


@pytest.mark.parametrize(
    ("told", "masked"),
    [
        ("user.a@example.com", "u***@example.com"),
        ("a@b", "a***@b"),
        ("a@b@example.com", "a***@example.com"),
        ("@example.com", "@***"),
        ("usera", "u***"),
    ],
)
def test_an_address_keeps_its_first_letter_and_its_domain(told: str, masked: str) -> None:
    """How long it is is not told, either."""
    assert address(told) == masked


@pytest.mark.parametrize(
    ("told", "masked"),
    [
        ("User A", "User A"),
        ("用户 12345", "用户 12345"),
        ("13800001234", "*******1234"),
        ("+86 138 0000 1234", "+** *** **** 1234"),
        ("user.a@example.com", "u***@example.com"),
        ("271682cfdbe14fa9ae3a8b25f7502627", "271682cfdbe14fa9ae3a8b25f7502627"),
        ("1234", "1234"),
    ],
)
def test_a_name_is_masked_where_it_is_a_number_or_an_address(told: str, masked: str) -> None:
    """Who joins by telephone has the number for a name."""
    assert text(told) == masked


NUMBER, ADDRESS = "+8613800001234", "marker.a@example.com"
TEXTS = st.sampled_from([NUMBER, ADDRESS, "User A", "", None])
FRAMES: dict[str, Any] = {
    "ParticipantsNotify": ["NAME", "TEL", "ACCOUNT", "ACCOUNT_ID", "THIRDACCOUNT"],
    "WaitingListNotify": ["NAME", "TEL", "ACCOUNT", "ACCOUNT_ID", "THIRDACCOUNT"],
    "AttendeesNotify": ["name", "phone", "email", "accountId", "thirdAccount", "sms", "address"],
    "InviteResultNotify": ["callNumber"],
    "SpeakerChangeNotify": ["name"],
    "InterpreterGroupNotify": ["loginAccount", "callNumber", "name"],
}


@given(st.data(), st.sampled_from(sorted(FRAMES)), st.integers(0, 2), st.integers(0, 1))
def test_no_contact_comes_out_of_any_event(data: st.DataObject, action: str, mode: int, gone: int) -> None:
    """Whatever member holds it, and when the frame goes aside as well: here with a mode that is none."""
    item: dict[str, Any] = {name: data.draw(TEXTS) for name in FRAMES[action]}
    if action in ("ParticipantsNotify", "WaitingListNotify"):
        item = {"pid": "p-1", "mode": gone, "pinfoMap": item}
    elif action == "InterpreterGroupNotify":
        item = {"interpreters": [item]}
    frame = framed(json.dumps({"action": action, "msgMode": mode, "data": [{"resultCode": 1, **item}]}).encode())
    read = read_frame(frame)
    assert not isinstance(read, Reply)

    records = enter_frame(frame, read, partitions=12, mask=True).records

    assert records
    assert re.findall(rb"138000|marker", b"".join(record.value for record in records)) == []
