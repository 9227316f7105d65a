"""Which meetings are wanted: by events in any order, by the list, and by both."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from receiver.cloud.meetings import OnlineMeeting
from receiver.subscriber.meeting import Key, Meeting
from receiver.subscriber.wanted import Wanted
from schemas.events import (
    LifecycleEvent,
    MeetingClosed,
    MeetingEnded,
    MeetingScheduled,
    MeetingStarted,
    Participant,
    ParticipantJoined,
)
from schemas.ids import MeetingId

from .driving import DETAIL, STARTED_AT


def moment(s: float) -> datetime:
    """Return the instant so many seconds after the start."""
    return STARTED_AT + timedelta(seconds=s)


def heard(kind: type[LifecycleEvent], s: float, meeting_id: str = "900", uuid: str | None = "u-1") -> LifecycleEvent:
    """Return a lifecycle event that happened then."""
    fields: dict[str, Any] = {
        "enterprise": "acme",
        "meeting_id": meeting_id,
        "meeting_uuid": uuid,
        "meeting_cycle_sub_id": None,
        "occurred_at": moment(s),
        "sent_at": moment(s),
        "received_at": moment(s),
        "original": None,
        "original_sha256": "",
    }
    if kind is ParticipantJoined:
        names = Participant.__struct_fields__
        fields["participant"] = Participant(**dict.fromkeys(names))
    return kind(**fields)


def online(meeting_id: str = "900", uuid: str | None = "u-1", **more: Any) -> OnlineMeeting:
    """Return a row of the list."""
    return OnlineMeeting(meeting_id=MeetingId(meeting_id), meeting_uuid=uuid, **more)  # type: ignore[arg-type]  # a plain str


def nothing_open(_: Key) -> bool:
    """No socket is open."""
    return False


def holdings(wanted: Wanted, s: float) -> dict[str, str | None]:
    """Return what is wanted then: meeting IDs, and which holding."""
    return {key[1]: want.meeting.meeting_uuid for key, want in wanted.wants(moment(s)).items()}


@pytest.mark.parametrize(
    ("events", "then"),
    [
        pytest.param([(MeetingStarted, 1, "u-1")], {"900": "u-1"}, id="started"),
        pytest.param([(ParticipantJoined, 1, "u-1")], {"900": "u-1"}, id="somebody joined"),
        pytest.param([(MeetingStarted, 1, None), (ParticipantJoined, 2, "u-1")], {"900": "u-1"}, id="learnt which"),
        pytest.param([(MeetingScheduled, 1, "u-1")], {}, id="scheduled"),
        pytest.param([(MeetingStarted, 1, "u-1"), (MeetingEnded, 5, "u-1")], {}, id="ended"),
        pytest.param([(MeetingStarted, 1, "u-1"), (MeetingClosed, 5, "u-1")], {}, id="closed"),
        pytest.param([(MeetingEnded, 5, "u-1"), (MeetingStarted, 1, "u-1")], {}, id="start overtaken by the end"),
        pytest.param([(MeetingEnded, 5, "u-1"), (ParticipantJoined, 4, "u-1")], {}, id="join overtaken by the end"),
        pytest.param(
            [(MeetingStarted, 1, "u-1"), (MeetingEnded, 5, "u-1"), (MeetingStarted, 9, "u-2")],
            {"900": "u-2"},
            id="held again",
        ),
        pytest.param(
            [(MeetingStarted, 1, "u-1"), (MeetingStarted, 9, "u-2"), (MeetingEnded, 8, "u-1")],
            {"900": "u-2"},
            id="held again, end overtaken by the start",
        ),
        pytest.param(
            [(MeetingStarted, 1, "u-1"), (MeetingEnded, 5, "u-1"), (MeetingStarted, 9, "u-1")],
            {"900": "u-1"},
            id="entered again",
        ),
        pytest.param(
            [(MeetingStarted, 9, "u-2"), (MeetingStarted, 1, "u-1")], {"900": "u-2"}, id="earlier start comes late"
        ),
        pytest.param(
            [(MeetingStarted, 1, "u-1"), (MeetingEnded, 5, "u-1"), (MeetingEnded, 4, "u-1")], {}, id="ended twice"
        ),
        pytest.param([(MeetingStarted, 5, "u-1"), (MeetingStarted, 6, "u-1")], {"900": "u-1"}, id="started twice"),
        pytest.param(
            [(MeetingEnded, 5, "u-1"), (MeetingStarted, 3, "u-2")],
            {"900": "u-2"},
            id="held again, and one clock is behind the other",
        ),
        pytest.param([(MeetingEnded, 65, "u-1"), (MeetingStarted, 4, "u-0")], {}, id="the one before the last"),
    ],
)
def test_events(events: list[tuple[type[LifecycleEvent], float, str | None]], then: dict[str, str | None]) -> None:
    """What happened last counts, in whatever order it was heard."""
    wanted = Wanted()

    for kind, s, uuid in events:
        wanted.heard(heard(kind, s, uuid=uuid), moment(10))

    assert holdings(wanted, 60) == then


def test_last_frames_are_waited_for() -> None:
    """An ended meeting is wanted for ten more seconds, for what is on its way."""
    wanted = Wanted()
    wanted.heard(heard(MeetingStarted, 0), moment(0))
    wanted.heard(heard(MeetingEnded, 50), moment(50))

    assert [holdings(wanted, s) for s in (59, 60)] == [{"900": "u-1"}, {}]


def test_list_heals_a_push_that_was_lost() -> None:
    """What is on is wanted; what is scheduled, or over, is not."""
    wanted = Wanted()

    wanted.listed(
        "acme",
        [
            DETAIL,
            online("901", state="Schedule"),
            online("902", state="Destroyed"),
            online("903", None, state="Created"),
        ],
        moment(60),
        is_open=nothing_open,
    )

    assert holdings(wanted, 60) == {"900": "u-1", "903": None}
    assert wanted.wants(moment(60))["acme", "900"].meeting == Meeting(
        enterprise="acme", meeting_id="900", meeting_uuid="u-1"
    ).described(DETAIL)


def test_meeting_of_a_second_list_began_after_the_first() -> None:
    """So its first subscription knows since when it may have missed something."""
    wanted = Wanted()
    wanted.listed("acme", [online("1")], moment(0), is_open=nothing_open)
    wanted.listed("acme", [online("1"), online("2")], moment(60), is_open=nothing_open)

    assert {key[1]: want.began_at for key, want in wanted.wants(moment(60)).items()} == {"1": None, "2": moment(-60)}


@pytest.mark.parametrize(("lists", "then"), [(1, {"900": "u-1"}), (2, {})])
def test_meeting_that_is_not_listed(lists: int, then: dict[str, str | None]) -> None:
    """One list can be older than the push; two in a row are right."""
    wanted = Wanted()
    wanted.heard(heard(MeetingStarted, 0), moment(0))
    for _ in range(lists):
        wanted.listed("acme", [], moment(60), is_open=nothing_open)

    assert holdings(wanted, 60) == then


def test_meeting_with_an_open_socket_stays_though_it_is_not_listed() -> None:
    """The socket knows better, and another enterprise's list says nothing."""
    wanted = Wanted()
    wanted.heard(heard(MeetingStarted, 0), moment(0))
    for _ in range(3):
        wanted.listed("acme", [], moment(60), is_open=lambda key: key == ("acme", "900"))
        wanted.listed("other", [], moment(60), is_open=nothing_open)

    assert holdings(wanted, 60) == {"900": "u-1"}


def test_lists_do_not_count_while_a_socket_is_open() -> None:
    """So one that is cut a moment before a list has two lists' time to be open again, as any meeting."""
    wanted, is_open = Wanted(), {("acme", "900"): True}
    wanted.heard(heard(MeetingStarted, 0), moment(0))
    for number in range(9):
        wanted.listed("acme", [], moment(60 * number), is_open=is_open.__getitem__)
    is_open["acme", "900"] = False

    found = []
    for number in range(9, 11):
        wanted.listed("acme", [], moment(60 * number), is_open=is_open.__getitem__)
        found.append(holdings(wanted, 60 * number))
    assert found == [{"900": "u-1"}, {}]


def test_missing_lists_are_counted_in_a_row() -> None:
    """Seen again in between it counts from the beginning."""
    wanted = Wanted()
    wanted.heard(heard(MeetingStarted, 0), moment(0))
    for rows in ([], [online()], []):
        wanted.listed("acme", rows, moment(60), is_open=nothing_open)

    assert holdings(wanted, 60) == {"900": "u-1"}


@pytest.mark.parametrize(("s", "then"), [(30, {}), (61, {"900": "u-1"})], ids=["within a minute", "later"])
def test_list_that_lags_brings_nothing_back(s: float, then: dict[str, str | None]) -> None:
    """For a minute an end is believed more than the list; then the meeting was entered again."""
    wanted = Wanted()
    wanted.heard(heard(MeetingEnded, 0), moment(0))

    wanted.listed("acme", [online()], moment(s), is_open=nothing_open)

    assert holdings(wanted, s) == then


def test_another_holding_on_the_list_is_wanted_at_once() -> None:
    """The end was of the one before."""
    wanted = Wanted()
    wanted.heard(heard(MeetingStarted, 0), moment(0))

    wanted.listed("acme", [online(uuid="u-2")], moment(9), is_open=nothing_open)

    assert holdings(wanted, 9) == {"900": "u-2"}


def test_room_stands_for_the_meeting_that_is_on_in_it() -> None:
    """The push named the room; the list says which meeting it is, and from then on the room's events are its own."""
    wanted = Wanted()
    wanted.heard(heard(MeetingStarted, 0, "room"), moment(0))
    wanted.listed("acme", [online("900", room_id="room")], moment(9), is_open=nothing_open)

    assert holdings(wanted, 9) == {"900": "u-1"}
    wanted.heard(heard(MeetingEnded, 20, "room"), moment(20))
    assert holdings(wanted, 31) == {}


def room_held(*, uuid: str | None = "u-1") -> Wanted:
    """Return what is wanted once meeting 900 was on in a room, and over."""
    wanted = Wanted()
    wanted.heard(heard(MeetingStarted, 0, "room", uuid), moment(0))
    wanted.listed("acme", [online("900", uuid, room_id="room")], moment(9), is_open=nothing_open)
    wanted.heard(heard(MeetingEnded, 20, "room", uuid), moment(20))
    return wanted


@pytest.mark.parametrize(
    ("kind", "s", "uuid", "then"),
    [
        pytest.param(MeetingStarted, 600, "u-2", {"room": "u-2"}, id="the next one"),
        pytest.param(ParticipantJoined, 600, "u-2", {"room": "u-2"}, id="somebody in the next one"),
        pytest.param(MeetingStarted, 25, "u-2", {"900": "u-1", "room": "u-2"}, id="at once"),
        pytest.param(MeetingStarted, 600, None, {"room": None}, id="which one is not known"),
        pytest.param(MeetingStarted, 600, "u-1", {"900": "u-1"}, id="entered again"),
        pytest.param(MeetingStarted, 10, "u-1", {"900": "u-1"}, id="late"),
    ],
)
def test_next_meeting_in_a_room_is_not_taken_for_the_one_before(
    kind: type[LifecycleEvent], s: float, uuid: str | None, then: dict[str, str | None]
) -> None:
    """It has an ID of its own; that of the one before is on no more, and nothing may be told of it."""
    wanted = room_held()

    wanted.heard(heard(kind, s, "room", uuid), moment(max(s, 25)))

    assert holdings(wanted, max(s, 25)) == then


def test_next_meeting_in_a_room_is_known_once_it_is_listed() -> None:
    """A list that lags shows the one before, and is not believed."""
    wanted = room_held()
    wanted.heard(heard(MeetingStarted, 40, "room", "u-2"), moment(40))

    wanted.listed("acme", [online("900", "u-1", room_id="room")], moment(41), is_open=nothing_open)
    lagging = holdings(wanted, 41)
    wanted.listed("acme", [online("901", "u-2", room_id="room")], moment(60), is_open=nothing_open)

    assert (lagging, holdings(wanted, 60)) == ({"room": "u-2"}, {"901": "u-2"})
    assert (wanted.is_room(("acme", "room")), wanted.is_room(("acme", "901"))) == (True, False)


def test_meeting_that_follows_another_in_a_room_whose_end_was_not_heard() -> None:
    """The push of the end was lost; the start of the next says so."""
    wanted = Wanted()
    wanted.listed("acme", [online("900", "u-1", room_id="room")], moment(9), is_open=nothing_open)

    wanted.heard(heard(MeetingStarted, 600, "room", "u-2"), moment(600))

    assert holdings(wanted, 600) == {"900": "u-1", "room": "u-2"}


def test_room_whose_meeting_no_list_has_any_more_is_a_room_again() -> None:
    """Nothing is known of its end but that."""
    wanted = Wanted()
    wanted.listed("acme", [online("900", "u-1", room_id="room")], moment(9), is_open=nothing_open)
    for s in (60, 120):
        wanted.listed("acme", [], moment(s), is_open=nothing_open)

    wanted.heard(heard(MeetingStarted, 600, "room", "u-2"), moment(600))

    assert holdings(wanted, 600) == {"room": "u-2"}


def test_room_that_a_token_tells_of() -> None:
    """Without waiting for a list. Of two starts that then are one the earlier counts."""
    wanted = Wanted()
    wanted.heard(heard(MeetingStarted, 1, "room"), moment(0))
    wanted.heard(heard(MeetingStarted, 2), moment(2))

    wanted.is_room_of(("acme", "room"), "900", moment(2))

    assert [want.began_at for want in wanted.wants(moment(3)).values()] == [moment(1)]


def test_refused_meeting_is_not_tried_again() -> None:
    """Told once, and not repeated: by no list and no push of the same holding. The next one is another."""
    wanted = Wanted()
    wanted.listed("acme", [online()], moment(0), is_open=nothing_open)
    wanted.over(Meeting(enterprise="acme", meeting_id="900", meeting_uuid="u-1"), moment(1), is_final=True)
    wanted.listed("acme", [online()], moment(3_600), is_open=nothing_open)
    wanted.heard(heard(ParticipantJoined, 3_700), moment(3_700))

    assert holdings(wanted, 3_700) == {}
    wanted.heard(heard(MeetingStarted, 3_800, uuid="u-2"), moment(3_800))
    assert holdings(wanted, 3_800) == {"900": "u-2"}


def test_end_of_an_earlier_holding_ends_not_the_next() -> None:
    """A subscription that ends late ended for another one."""
    wanted = Wanted()
    wanted.heard(heard(MeetingStarted, 0, uuid="u-2"), moment(0))

    wanted.over(Meeting(enterprise="acme", meeting_id="900", meeting_uuid="u-1"), moment(1), is_final=False)

    assert holdings(wanted, 1) == {"900": "u-2"}


def test_ends_are_forgotten() -> None:
    """After more than a day nothing late comes any more."""
    wanted = Wanted()
    wanted.heard(heard(MeetingEnded, 0), moment(0))
    wanted.listed("acme", [], moment(100_000), is_open=nothing_open)

    assert wanted._ends == {}


def test_ends_are_forgotten_though_no_list_ever_comes() -> None:
    """A right to it may be missing for as long as the process lives."""
    wanted = Wanted()
    wanted.wants(moment(0))
    wanted.heard(heard(MeetingEnded, 0), moment(0))
    kept = []
    for s in (90_000, 93_600, 93_601, 97_300):
        wanted.wants(moment(s))
        kept.append(len(wanted._ends))

    assert kept == [1, 1, 1, 0]


def test_rooms_are_forgotten() -> None:
    """After more than a day without a word of them; not where the meeting in one is on for longer than that."""
    wanted = Wanted()
    wanted.listed(
        "acme", [online("900", room_id="short"), online("901", room_id="long")], moment(0), is_open=nothing_open
    )
    for s in (50_000, 100_000):
        wanted.listed("acme", [online("901")], moment(s), is_open=nothing_open)

    assert list(wanted._rooms) == [("acme", "long")]
