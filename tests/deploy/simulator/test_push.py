"""Bodies: every spelling is signed, and says the same."""

from __future__ import annotations

import json

import pytest

from deploy.simulator import Style, Subscriber, build_push

from .signatures import PASSWORD, is_signed

EVENT_INFO = {
    "event": "meeting.join",
    "timestamp": 1671523596351,
    "payload": {
        "meetingInfo": {"meetingID": "900000001"},
        "attendeeInfo": {"displayName": '李娜 🎧 / "é" \\', "leftTime": 0},
    },
}
SPELT = {
    Style.COMPACT: '"displayName":"李娜 🎧 / \\"é\\" \\\\"',
    Style.SPACED: '", "eventInfo": {"event":"meeting.join","timestamp"',
    Style.PRETTY: '"eventInfo":{\n    "event": "meeting.join",\n',
    Style.SLASHES: '"displayName":"李娜 🎧 \\/ \\"é\\" \\\\"',
    Style.ASCII: '"displayName":"\\u674e\\u5a1c \\ud83c\\udfa7 / \\"\\u00e9\\" \\\\"',
}


def body_in(style: Style) -> bytes:
    """Return the push in a spelling."""
    return build_push(
        EVENT_INFO, app_id="100", password=PASSWORD, timestamp_ms=1671523596351, nonce="00426560", style=style
    )


@pytest.mark.parametrize("style", list(Style))
def test_every_spelling_is_signed(style: Style) -> None:
    """A receiver that checks the slice, or the slice without white space, accepts it."""
    assert is_signed(body_in(style))


@pytest.mark.parametrize("style", list(Style))
def test_every_spelling_says_the_same(style: Style) -> None:
    """Styles differ in bytes alone."""
    assert json.loads(body_in(style))["eventInfo"] == EVENT_INFO


@pytest.mark.parametrize(("style", "spelt"), SPELT.items())
def test_spelling_is_what_its_name_says(style: Style, spelt: str) -> None:
    """Each style does what a serialiser of its kind would."""
    assert spelt in body_in(style).decode()


def test_compact_push_has_the_members_of_the_reference_in_its_order() -> None:
    """The default body is, byte for byte, the one that the reference describes."""
    body = build_push(
        {"event": "meeting.verify", "timestamp": 1629183619116},
        app_id="1988692299",
        password="123456",
        timestamp_ms=1629183619116,
        nonce="85262798",
    )

    assert body == (
        b'{"appID":"1988692299","timestamp":1629183619116,"nonce":"85262798",'
        b'"signature":"262ccb5f8854f824c41ea5854ba1798bfa850706fbc85b2be9fd7535ed6b8ff3",'
        b'"eventInfo":{"event":"meeting.verify","timestamp":1629183619116}}'
    )


def test_password_is_in_no_repr() -> None:
    """A subscriber in a traceback or a log line does not give its password away."""
    assert repr(Subscriber(app_id="100", password=PASSWORD)) == "<Subscriber 100>"
