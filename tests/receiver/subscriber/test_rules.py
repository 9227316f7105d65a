"""What the operator's words mean for a meeting."""

from __future__ import annotations

import pytest

from receiver.subscriber.asking import DOCUMENTED, push_types, socket_url
from receiver.subscriber.meeting import Meeting
from receiver.subscriber.rules import is_skipped, is_told, switches_captions_on, wanted_types
from schemas.settings import Secret, Subscriber

WEEKLY = Meeting(enterprise="acme", meeting_id="900", subject="[HR] Weekly", scheduler="Li")
UNKNOWN = Meeting(enterprise="acme", meeting_id="900")


@pytest.mark.parametrize(
    ("rule", "meeting", "skipped"),
    [
        ("900", WEEKLY, True),
        ("900", UNKNOWN, True),
        ("[HR]*", WEEKLY, True),
        ("*Week??", WEEKLY, True),
        ("Li", WEEKLY, True),
        ("weekly", WEEKLY, False),
        ("[A-Z]*", WEEKLY, False),
        ("*", UNKNOWN, False),
        ("901", WEEKLY, False),
    ],
)
def test_skip(rule: str, meeting: Meeting, skipped: bool) -> None:
    """IDs, subjects with * and ?, schedulers; brackets are brackets."""
    assert is_skipped(meeting, (rule,)) is skipped


@pytest.mark.parametrize(
    ("rules", "meeting", "told"),
    [
        ((), UNKNOWN, True),
        (("900",), UNKNOWN, True),
        (("*HR*",), UNKNOWN, False),
        (("*HR*",), Meeting(enterprise="acme", meeting_id="1", subject="x"), True),
        (("Li",), Meeting(enterprise="acme", meeting_id="1", subject="x"), False),
        (("Li",), WEEKLY, True),
    ],
)
def test_whether_enough_is_known(rules: tuple[str, ...], meeting: Meeting, told: bool) -> None:
    """A rule about what nobody told us cannot be said not to match."""
    assert is_told(meeting, rules) is told


@pytest.mark.parametrize(
    ("captions", "on"),
    [("always", True), ("never", False), ("when-running", False), (("*Weekly",), True), (("900",), True), ((), False)],
)
def test_captions(captions: str | tuple[str, ...], on: bool) -> None:
    """They are switched on where the settings name the meeting."""
    assert switches_captions_on(WEEKLY, captions) is on


@pytest.mark.parametrize(
    ("settings", "types"),
    [
        (Subscriber(), {*DOCUMENTED, "NetConditionNotify", "CustomMultiPicNotify"}),
        (Subscriber(quality="rest"), {*DOCUMENTED, "CustomMultiPicNotify"}),
        (Subscriber(quality="off"), {*DOCUMENTED, "CustomMultiPicNotify"}),
        (
            Subscriber(captions="never", quality="push"),
            {*DOCUMENTED, "NetConditionNotify", "CustomMultiPicNotify"} - {"RealTimeSubtitleNotify"},
        ),
    ],
)
def test_types(settings: Subscriber, types: set[str]) -> None:
    """What nobody wants is not asked for."""
    assert set(wanted_types(settings)) == types


@pytest.mark.parametrize(
    ("supported", "types"),
    [(None, ("A", "B")), ((), ("A", "B")), (("B", "C"), ("B",)), (("C",), ("A", "B"))],
)
def test_supported_types(supported: tuple[str, ...] | None, types: tuple[str, ...]) -> None:
    """What a meeting supports of what is wanted; everything, where it says nothing that we know."""
    assert push_types(supported, ("A", "B")) == types


def test_address_of_a_socket() -> None:
    """Path and query of the reference; what is odd in an ID is escaped."""
    url = socket_url("wss://10.0.0.1:8443", "9&0", Secret("t=+"))

    assert str(url) == "wss://10.0.0.1:8443/cms/open/websocket/confctl/increment/conn?confID=9%260&tmpToken=t%3D%2B"


def test_meeting_shows_its_id_alone() -> None:
    """Subject, scheduler and password are nobody's business."""
    assert repr(WEEKLY) == "<Meeting 900>"
