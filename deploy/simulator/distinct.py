"""Make pushes that are all distinct, many and fast: what a load needs where a day of meetings would cost too much."""

from collections.abc import Iterator
from datetime import datetime

from yarl import URL

from .connection import request_headers
from .events import instant, meeting_event, milliseconds
from .faults import Delivery, Kind
from .people import PEOPLE
from .push import Subscriber

# One of the millisecond's pushes each: many meetings at once, and times that rise.
_MEETINGS = 1_000


def distinct_pushes(count: int, subscriber: Subscriber, *, start: datetime, first: int = 0) -> Iterator[Delivery]:
    """Yield `count` joins, by turns in a thousand meetings, each of another participant, a millisecond apart.

    Numbered from `first`: the number is the participant's ID and the nonce, so that what is missing can be named.
    """
    start_ms = milliseconds(start)
    for number in range(first, first + count):
        at_ms = start_ms + number
        meeting = {"meetingID": str(100_000_000 + number % _MEETINGS), "meetingUUID": f"{number % _MEETINGS:032x}"}
        attendee = PEOPLE[number % len(PEOPLE)].attendee(f"{number:032x}", at_ms, 0, chair=False)
        event_info = meeting_event("meeting.join", at_ms, meeting, attendee)
        body = subscriber.push(event_info, timestamp_ms=at_ms, nonce=f"{number:08d}")
        yield Delivery(at=instant(at_ms), body=body, kind=Kind.PLAIN, event_info=event_info)


def as_request(body: bytes, url: URL, request_id: str) -> bytes:
    """Return the whole request as it goes over the wire."""
    head = [
        f"POST {url.raw_path_qs} HTTP/1.1",
        *(f"{k}: {v}" for k, v in request_headers(url, body, request_id).items()),
    ]
    return "\r\n".join([*head, "", ""]).encode() + body
