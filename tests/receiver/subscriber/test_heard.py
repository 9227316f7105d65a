"""A receiver misses no push that had to come to another one."""

from __future__ import annotations

from typing import Final

from receiver.cloud.meetings import OnlineMeeting
from receiver.subscriber.heard import Heard
from schemas.ids import MeetingId
from schemas.record import partition_of

PARTITIONS: Final = 4
ALL: Final = frozenset(range(PARTITIONS))


def meeting(meeting_id: str, room_id: str | None = None) -> OnlineMeeting:
    """Return a meeting that is on."""
    return OnlineMeeting(meeting_id=MeetingId(meeting_id), room_id=room_id)


def without(name: str) -> frozenset[int]:
    """Return all partitions but that of a meeting or room."""
    return ALL - {partition_of(name, PARTITIONS)}


def test_what_begins_while_its_partition_is_ours_is_expected() -> None:
    """What was on at the first list is not: its push may have come before we were there."""
    heard = Heard(PARTITIONS)

    assert heard.expected([meeting("1")], ALL) == []
    assert heard.expected([meeting("1"), meeting("2")], ALL) == [meeting("2")]
    # It is over, and held again.
    assert heard.expected([meeting("2")], ALL) == [meeting("2")]
    assert heard.expected([meeting("1"), meeting("2")], ALL) == [meeting("1"), meeting("2")]


def test_what_another_receiver_owns_is_not_expected() -> None:
    """Its push went there; also where its partition comes to us later."""
    heard = Heard(PARTITIONS)

    assert heard.expected([], without("1")) == []
    assert heard.expected([meeting("1")], without("1")) == []
    assert heard.expected([meeting("1")], ALL) == []
    assert heard.expected([meeting("1")], ALL) == []


def test_what_began_just_before_its_partition_came_is_not_expected() -> None:
    """It is on its first list, and its push went to whoever owned it."""
    heard = Heard(PARTITIONS)
    heard.expected([], without("1"))

    assert heard.expected([meeting("1")], ALL) == []


def test_a_room_is_expected_by_its_own_partition() -> None:
    """The push names the room, whose partition may be another's."""
    room = next(name for name in map(str, range(100)) if partition_of(name, 4) != partition_of("1", 4))
    heard = Heard(PARTITIONS)
    heard.expected([], without(room))

    assert heard.expected([meeting("1", room_id=room)], without(room)) == []
    ours = Heard(PARTITIONS)
    ours.expected([], ALL)
    assert ours.expected([meeting("1", room_id=room)], ALL) == [meeting("1", room_id=room)]
