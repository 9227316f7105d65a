"""Silence: from when on it is counted, and what it is over with."""

from __future__ import annotations

import msgspec
import pytest

from consumers.qos.engine.alert import Change
from consumers.qos.engine.engine import Engine
from consumers.qos.engine.state import Input, State
from schemas.rules import NoData, QosRules

from .told import START_MS, again, brief, ended, loss, run, sample, subscription

RULES = QosRules(no_data=NoData(participant_after_s=3_600, meeting_after_s=300, all_after_s=300), watchdog=True)
NIGHT = 12 * 3_600.0
EVENING = (
    subscription("opened", 1),
    sample("p-1", 3, loss(0.0)),
    subscription("closed", 20, reason="meeting_over"),
)


def after_a_night() -> Engine:
    """Return an engine that heard something the evening before."""
    engine = Engine(RULES)
    run(engine, EVENING, until=60)
    return engine


@pytest.mark.parametrize("first", [60, 290])
def test_the_first_meeting_of_a_day_is_no_silence_of_all(first: float) -> None:
    """At night nobody listened: silence is counted from when somebody does."""
    engine = after_a_night()
    morning = [subscription("opened", NIGHT + 1), sample("p-1", NIGHT + first, loss(0.0))]

    assert run(engine, morning, until=NIGHT + 300) == []


def test_nor_is_a_meeting_that_is_listened_to_again_after_an_outage() -> None:
    """It is on all the while; but what was not listened to was not silent."""
    outage = [subscription("lost", 100), subscription("opened", 1_000, epoch=2), sample("p-1", 1_200, loss(0.0))]

    changes = run(Engine(RULES), [*EVENING[:2], *outage], until=1_300)

    assert [level for _, level, _, _ in brief(changes)] == ["watchdog"]


def test_a_day_that_begins_in_silence_is_one_from_when_the_first_meeting_is_listened_to() -> None:
    """Those that are opened later put nothing off."""
    engine = after_a_night()
    morning = [subscription("opened", NIGHT + 1), subscription("opened", NIGHT + 200, meeting="m-2")]

    changes = run(engine, morning, until=NIGHT + 320)

    assert brief(changes) == [
        ("fired", "all_silent", "all", NIGHT + 305),
        ("held_back", "meeting_silent", "acme/m-1", NIGHT + 305),
    ]
    assert changes[0].alert.since_ms == START_MS + int(NIGHT + 301) * 1_000


def in_silence() -> Engine:
    """Return an engine that has told of a silent meeting, and of silence everywhere."""
    engine = Engine(RULES)
    changes = run(engine, EVENING[:2], until=400)
    assert brief(changes)[1:] == [
        ("fired", "all_silent", "all", 305.0),
        ("held_back", "meeting_silent", "acme/m-1", 305.0),
    ]
    return engine


def ends(changes: list[Change]) -> list[tuple[str, str | None]]:
    """Return what is over, and why; nothing else happened."""
    assert {one.change for one in changes} == {"resolved"}
    return sorted((one.alert.level, one.because) for one in changes)


BLIND = [
    pytest.param([subscription("lost", 900, reason="heartbeat_missed")], id="lost"),
    pytest.param([subscription("closed", 900, reason="moved")], id="left to another"),
    pytest.param([subscription("opened", 900, epoch=2)], id="opened anew"),
    pytest.param([subscription("lost", 900), subscription("opened", 990, epoch=2)], id="lost and opened anew"),
]


@pytest.mark.parametrize("blind", BLIND)
def test_to_be_blind_or_to_listen_anew_is_no_recovery(blind: list[Input]) -> None:
    """Nothing was heard: both silences stand, also in who goes on from a snapshot."""
    engine = in_silence()

    assert run(engine, blind, until=1_000) == []
    assert run(again(engine, RULES), [], until=2_000) == []


def test_what_an_earlier_version_remembered_is_gone_on_from() -> None:
    """It did not note which meetings are awaited: what becomes of a subscription tells."""
    remembered = msgspec.msgpack.decode(msgspec.msgpack.encode(in_silence().state))
    del remembered["meetings"]["acme/m-1"]["awaited"]
    state = msgspec.msgpack.decode(msgspec.msgpack.encode(remembered), type=State)

    assert run(Engine(RULES, state), [subscription("lost", 900)], until=1_000) == []


def test_a_sample_ends_both_at_once() -> None:
    """Else the silence of the meeting, no more explained by that of all, would be told of as it is over."""
    changes = run(in_silence(), [sample("p-1", 423, loss(0.0))], until=440)

    assert {(change, level) for change, level, _, _ in brief(changes)} == {
        ("resolved", "all_silent"),
        ("resolved", "meeting_silent"),
    }


@pytest.mark.parametrize("blind", BLIND)
def test_a_sample_is(blind: list[Input]) -> None:
    """Whether anybody listens by then or not."""
    samples = [sample("p-1", when, loss(0.0)) for when in range(1_100, 1_300, 10)]

    changes = run(in_silence(), [*blind, *samples], until=1_300)

    over = [(one.alert.level, one.because) for one in changes if one.change == "resolved"]
    assert over == [("all_silent", "good"), ("meeting_silent", "good")]


@pytest.mark.parametrize("blind", BLIND)
@pytest.mark.parametrize(
    "end",
    [
        pytest.param(ended(1_100), id="told by the service"),
        pytest.param(subscription("closed", 1_100, epoch=2, reason="meeting_over"), id="told by the subscriber"),
        pytest.param(subscription("closed", 1_100, epoch=2, reason="room"), id="it was a room's ID"),
    ],
)
def test_the_end_of_the_meeting_ends_its_silence_and_is_no_recovery_either(blind: list[Input], end: Input) -> None:
    """Nor is that of the last meeting one of all."""
    changes = run(in_silence(), [*blind, end], until=1_200)

    assert ends(changes) == [("all_silent", "gone"), ("meeting_silent", "gone")]


def test_a_meeting_that_is_held_again_at_once_was_not_heard_for_that() -> None:
    """Its end and the next holding's beginning are in one tick; of that nothing was heard either."""
    next_one = [subscription("closed", 901, reason="meeting_over"), subscription("opened", 902, epoch=2)]

    changes = run(in_silence(), next_one, until=1_000)

    assert ends(changes) == [("meeting_silent", "gone")]


def test_silence_everywhere_stands_while_there_is_a_meeting_to_be_heard_of() -> None:
    """One that is lost is; one that we are never let into is not."""
    others = [
        subscription("opened", 500, meeting="m-2"),
        subscription("closed", 510, meeting="m-3", reason="forbidden"),
        ended(600),
        subscription("lost", 700, meeting="m-2"),
    ]
    engine = in_silence()

    assert ends(run(engine, others, until=900)) == [("meeting_silent", "gone")]
    assert ends(run(engine, [ended(1_000, meeting="m-2")], until=1_100)) == [("all_silent", "gone")]


def test_a_silence_is_no_younger_since_somebody_listens_anew() -> None:
    """What is told of it later says the same of its beginning."""
    anew = [subscription("opened", 900, epoch=2), sample("p-2", 1_000, loss(0.0), meeting="m-2")]

    changes = run(in_silence(), anew, until=1_050)

    (released,) = [one.alert for one in changes if one.change == "released"]
    (trouble,) = released.troubles
    assert (released.level, released.since_ms, trouble.since_ms) == (
        "meeting_silent",
        START_MS + 303_000,
        START_MS + 303_000,
    )
