"""One meeting's subscription: what it does at each input, by tables and whole stories."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from receiver.cloud.errors import (
    NOT_FOUND_CODE,
    BadRequest,
    CloudError,
    Faulty,
    Forbidden,
    NotFound,
    Throttled,
    Unauthenticated,
)
from receiver.frames import Reply
from receiver.subscriber.meeting import Action, AskControl, Before, Drop, Over, Refused, Send
from receiver.subscriber.subscription import Subscription
from schemas.events import SubscriptionChanged
from schemas.settings import Secret

from .driving import (
    BEATEN,
    DETAIL,
    MEETING,
    RECEIVER,
    STARTED_AT,
    SUBSCRIBED,
    at,
    condition,
    connected,
    control,
    destroyed,
    frame,
    opened,
    reach_socket,
    subscription,
    told,
    words,
)

EPOCH = int(STARTED_AT.timestamp() * 1000)
NOT_THERE = NotFound(code=NOT_FOUND_CODE, status=404)
NO_RIGHT = Forbidden(code="MMC.111070005", status=403)
CONTROLLED = Reply(action="ConfControl", sequence=None, code=0)
UNCONTROLLED = Reply(action="ConfControl", sequence=None, code=7)


def changed(change: str, s: float, **rest: Any) -> SubscriptionChanged:
    """Return the event of one change of the meeting."""
    fields: dict[str, Any] = {
        "reason": None,
        "epoch": EPOCH,
        "unseen_since": None,
        "push_type": None,
        "first_missed": None,
        "last_missed": None,
        "missed": None,
    }
    return SubscriptionChanged(
        enterprise="acme",
        meeting_id="900",
        meeting_uuid="u-1",
        occurred_at=at(s).at,
        change=change,
        receiver=RECEIVER,
        **{**fields, **rest},
    )


def test_way_to_an_open_subscription() -> None:
    """Detail, control token, socket token, connect, Subscribe, its reply: each follows on the one before."""
    made = subscription()

    assert words(made.start(at(0))) == ["turn to ask"]
    assert words(made.turn(0, at(0))) == ["askdetail"]
    assert words(made.detail(DETAIL, at(0.1))) == ["askcontrol"]
    assert words(made.control(control(), at(0.2))) == ["turn to connect"]
    assert words(made.turn(0.2, at(0.2))) == ["askticket"]
    assert words(made.ticket(Secret("t"), at(0.3))) == [f"connect {EPOCH + 300}"]
    assert words(made.connected(at(0.4))) == ["send Subscribe"]
    assert told(made.read(SUBSCRIBED, None, at(0.5))) == [
        changed("opened", 0.5, epoch=EPOCH + 300, unseen_since=STARTED_AT)
    ]
    assert made.is_open


def test_turn_that_is_not_yet_is_waited_for() -> None:
    """The pace gives a time; the call is made then."""
    made = subscription()
    made.start(at(0))

    assert made.turn(2, at(0)) == []
    assert made.wakes_s == 2
    assert words(made.tick(at(2))) == ["askdetail"]


def test_meeting_that_the_list_described_needs_no_detail() -> None:
    """The list has the host's password too."""
    made = subscription(meeting=MEETING.described(DETAIL))
    made.start(at(0))

    assert made.turn(0, at(0)) == [AskControl(DETAIL.host_password)]


def test_push_before_the_reply_shows_that_it_is_open() -> None:
    """The service may push before it answers: `opened` comes first, the frame is kept."""
    made = connected()

    assert words(made.read(*condition(1, 0.1), at(0.1))) == ["tell opened", "keep"]
    assert words(made.read(SUBSCRIBED, None, at(0.2))) == ["drop"]


def test_subscribe_asks_for_what_the_meeting_supports() -> None:
    """Of what we can read, what supportNotifyType says; `data` is a JSON string with a Basic token."""
    made = subscription()
    made.start(at(0))
    made.turn(0, at(0))
    made.detail(DETAIL, at(0))
    made.control(control(push_types=("NetConditionNotify", "NewNotify")), at(0))
    made.turn(0, at(0))
    made.ticket(Secret("t"), at(0))

    [sent] = made.connected(at(0))

    assert isinstance(sent, Send)
    assert msgspec.json.decode(sent.text) == {
        "action": "Subscribe",
        "sequence": f"{EPOCH:030d}",
        "data": '{"subscribeType":["NetConditionNotify"],"confToken":"Basic Y29udHJvbA==","conferenceID":"900"}',
    }


def test_captions_are_switched_on_once_it_is_open() -> None:
    """ConfControl REALTIMESUBTITLE, where the settings say so."""
    made = connected(captions_on=lambda meeting: meeting.subject == "Weekly")

    tell, sent = made.read(SUBSCRIBED, None, at(1))[1:]

    assert words([tell, sent]) == ["tell opened", "send ConfControl"]
    assert isinstance(sent, Send)
    assert msgspec.json.decode(sent.text)["type"] == "REALTIMESUBTITLE"
    assert [*made.read(CONTROLLED, None, at(2))] == [Drop(repeated=False)]


def test_captions_that_are_refused_are_asked_for_in_each_form_and_then_it_is_said() -> None:
    """Table and example contradict each other: numbers or texts, the token as Basic or as it is."""
    made = connected(captions_on=lambda _: True)
    sent = made.read(SUBSCRIBED, None, at(1))[-1]
    forms = []
    while isinstance(sent, Send):
        asked = msgspec.json.decode(msgspec.json.decode(sent.text)["data"])
        forms.append((asked["confToken"], asked["isSubtitle"], asked["subtitleType"]))
        sent = made.read(UNCONTROLLED, None, at(2))[-1]

    basic = "Basic Y29udHJvbA=="
    assert forms == [(basic, 1, 0), (basic, "1", "0"), ("control", 1, 0), ("control", "1", "0")]
    assert sent == Refused(7)


def test_form_that_was_taken_is_the_first_on_the_next_socket() -> None:
    """Nobody asks twice in a form that is known to be refused."""
    made = connected(captions_on=lambda _: True, uniform=0)
    made.read(SUBSCRIBED, None, at(1))
    taken = made.read(UNCONTROLLED, None, at(2))[-1]
    made.read(CONTROLLED, None, at(3))
    made.ended("socket_closed", at(40))
    made.turn(40, at(40))
    made.turn(40, at(40))
    made.ticket(Secret("t"), at(40))
    made.connected(at(40))
    again = made.read(SUBSCRIBED, None, at(41))[-1]

    assert isinstance(taken, Send)
    assert isinstance(again, Send)
    assert [msgspec.json.decode(one.text)["data"] for one in (taken, again)] == [
        '{"conferenceID":"900","confToken":"Basic Y29udHJvbA==","isSubtitle":"1","subtitleType":"0"}'
    ] * 2


def test_skipped_meeting_is_not_listened_to() -> None:
    """A rule about the subject is checked before any token is asked for; nothing is told of it."""
    made = subscription(is_skipped=lambda meeting: meeting.subject == "Weekly")
    made.start(at(0))
    made.turn(0, at(0))

    assert words(made.detail(DETAIL, at(0))) == ["hangup", "over skipped"]


def test_room_leads_to_the_meeting_that_is_on_in_it() -> None:
    """A cloud room's ID was pushed; the control token says which meeting it is."""
    made = subscription()
    made.start(at(0))
    made.turn(0, at(0))
    made.detail(DETAIL, at(0))

    assert made.control(control(current_meeting_id="777"), at(0))[-1] == Over("room", "777")


def test_refused_subscribe_is_tried_with_what_is_documented() -> None:
    """A type that is gone may be why; the next attempt asks for what the reference of 2025 lists."""
    made = connected()

    assert words(made.read(Reply(action="Subscribe", sequence=None, code=5), None, at(1))) == [
        "drop",
        "hangup",
        "fail subscribe_refused",
    ]
    made.tick(at(1.5))
    made.turn(1.5, at(1.5))
    made.control(control(), at(1.5))
    made.turn(1.5, at(1.5))
    made.ticket(Secret("t"), at(1.5))
    [sent] = made.connected(at(1.5))
    assert isinstance(sent, Send)
    assert '["ConfDynamicInfoNotify"]' in msgspec.json.decode(sent.text)["data"]
    made.read(Reply(action="Subscribe", sequence=None, code=5), None, at(2))
    assert made.wakes_s == pytest.approx(47)


@pytest.mark.parametrize(
    ("until_s", "said"),
    [(1, []), (61, ["send HeartBeat"]), (200, ["send HeartBeat"])],
    ids=["not yet", "after a minute", "late"],
)
def test_heartbeats(until_s: float, said: list[str]) -> None:
    """One each `heartbeat_s`."""
    assert words(opened().tick(at(until_s))) == said


def test_echo_that_does_not_come_is_a_loss() -> None:
    """All since the last heartbeat that was answered is unseen: the socket may have been dead since."""
    made = opened()
    made.tick(at(60))
    made.read(BEATEN, None, at(60.1))
    made.tick(at(120))

    assert made.tick(at(149)) == []
    assert told(made.tick(at(150))) == [
        changed("lost", 150, reason="heartbeat_missed", unseen_since=STARTED_AT + timedelta(seconds=60))
    ]


def test_lost_subscription_is_opened_again_under_a_higher_epoch() -> None:
    """The control token is still good; a socket token is new each time. `opened` closes the span."""
    made = opened()
    made.read(*condition(1, 40), at(40))

    lost = told(made.ended("socket_closed", at(41)))

    assert lost == [changed("lost", 41, reason="socket_closed", unseen_since=STARTED_AT + timedelta(seconds=40))]
    assert words(made.tick(at(41.5))) == ["turn to ask"]
    assert words(made.turn(41.5, at(41.5))) == ["turn to connect"]
    assert words(made.turn(41.5, at(41.5))) == ["askticket"]
    assert words(made.ticket(Secret("t"), at(41.5))) == [f"connect {EPOCH + 41_500}"]
    made.connected(at(41.5))
    assert told(made.read(SUBSCRIBED, None, at(42))) == [
        changed("opened", 42, epoch=EPOCH + 41_500, unseen_since=lost[0].unseen_since)
    ]


def test_clock_that_goes_back_does_not_lower_the_epoch() -> None:
    """It is above the last one that is known, whatever the time is."""
    made = subscription(before=Before(EPOCH + 10**9, STARTED_AT))
    made.start(at(0))
    reach_socket(made, 0)

    assert made.epoch == EPOCH + 10**9 + 1


def test_control_token_is_renewed_before_its_end() -> None:
    """By REST, with the old one; the socket stays."""
    made = opened()

    assert words(made.tick(at(1_599))) == ["send HeartBeat"]
    made.read(BEATEN, None, at(1_599))
    assert made.tick(at(1_600)) == [AskControl(DETAIL.host_password, control())]
    assert made.control(control(3_600), at(1_601)) == []
    assert made.is_open


def test_renewal_that_fails_is_tried_again_and_the_socket_stays() -> None:
    """Whether the socket dies with the token is not known: that it does, the service will show."""
    made = opened()
    made.tick(at(1_600))
    made.read(BEATEN, None, at(1_600))

    assert made.failed(NotFound(), at(1_601)) == []
    assert words(made.tick(at(1_646))) == ["askcontrol"]


def test_end_of_the_meeting_is_kept_and_then_told() -> None:
    """State Destroyed is the last frame."""
    assert words(opened().read(*destroyed(5), at(5))) == [
        "keep",
        "hangup",
        "tell closed meeting_over",
        "over meeting_over",
    ]


def test_close_and_not_found_is_the_end_of_the_meeting() -> None:
    """The service closes the socket at a meeting's end; that it was the end, the detail shows."""
    made = opened()
    made.ended("socket_closed", at(10))
    made.tick(at(11))
    made.turn(11, at(11))
    made.turn(11, at(11))

    assert words(made.failed(NotFound(), at(11))) == ["fail not_found"]
    made.tick(at(13))
    assert words(made.turn(13, at(13))) == ["askcontrol"]
    assert words(made.failed(NotFound(), at(13))) == ["fail not_found"]
    made.tick(at(16))
    assert words(made.turn(16, at(16))) == ["askdetail"]
    assert words(made.failed(NOT_THERE, at(16))) == [
        "fail not_found",
        "hangup",
        "tell closed meeting_over",
        "over meeting_over",
    ]


def test_not_found_without_the_services_code_is_not_the_end_at_once() -> None:
    """It may be a gateway's 404, for every meeting that is on; five in a row are believed."""
    made = opened(uniform=0)
    made.ended("socket_closed", at(40))
    lose_token(made, 40)

    said = [words(answered(made, NotFound(status=404), 41)) for _ in range(5)]

    assert said[:4] == [["fail not_found", "turn to ask"]] * 4
    assert said[4] == ["fail not_found", "hangup", "tell closed meeting_over", "over meeting_over"]


def lose_token(made: Subscription, s: float) -> None:
    """Have its control token refused, so that the meeting's detail is asked for again."""
    made.turn(s, at(s))
    made.turn(s, at(s))
    made.failed(Faulty(), at(s))
    made.turn(s, at(s))
    made.failed(Faulty(), at(s))


def answered(made: Subscription, error: CloudError, s: float) -> list[Action]:
    """Return what is done where the next call fails so."""
    made.turn(s, at(s))
    return made.failed(error, at(s))


@pytest.mark.parametrize("error", [NO_RIGHT, BadRequest(status=400)], ids=["forbidden", "bad request"])
def test_who_was_let_in_is_not_refused_for_good(error: CloudError) -> None:
    """A gateway says so, or rights are being changed: it is tried again, ever later, until the meeting is over."""
    made = opened(uniform=0)
    made.ended("socket_closed", at(40))
    lose_token(made, 40)

    said = []
    for number in range(1, 9):
        s = 60.0 * number
        made.tick(at(s))
        said += words(answered(made, error, s))

    assert [word for word in said if not word.startswith("turn")] == [f"fail {error.outcome}"] * 8
    assert made.wakes_s == 480 + 30


def test_sockets_that_fail_say_nothing_against_the_meeting() -> None:
    """However often: what counts against it is what the service says of it."""
    made = subscription(uniform=0)
    made.start(at(0))
    made.turn(0, at(0))
    made.detail(DETAIL, at(0))
    made.control(control(), at(0))
    for _ in range(6):
        made.turn(0, at(0))
        if made.phase == "control":
            made.control(control(), at(0))
            made.turn(0, at(0))
        elif made.phase == "turn":
            made.turn(0, at(0))
        made.ticket(Secret("t"), at(0))
        assert words(made.ended("socket_failed", at(0)))[1:] == ["fail socket_failed", "turn to ask"]
    made.turn(0, at(0))
    made.control(control(), at(0))
    made.turn(0, at(0))

    assert made.phase == "ticket"
    assert words(made.failed(Forbidden(status=403), at(0))) == ["fail forbidden", "turn to ask"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, ["fail unanswered"]),
        (Faulty(), ["fail faulty"]),
        (NotFound(), ["fail not_found", "lookagain"]),
        (Throttled(retry_after_s=7), ["fail throttled"]),
        (Unauthenticated(), ["fail unauthenticated"]),
        (NO_RIGHT, ["fail forbidden", "hangup", "tell closed forbidden", "over forbidden"]),
        (Forbidden(status=403), ["fail forbidden"]),
    ],
    ids=["no answer", "faulty", "not found", "throttled", "keys refused", "forbidden", "forbidden by whom?"],
)
def test_failed_detail(error: CloudError | None, said: list[str]) -> None:
    """One failure is final at once: what is forbidden. A meeting that just started may not be found yet."""
    made = subscription()
    made.start(at(0))
    made.turn(0, at(0))

    assert words(made.failed(error, at(1))) == said


def test_meeting_that_is_never_found_is_given_up() -> None:
    """After five tries; that nothing was seen of it is told."""
    made = subscription(uniform=0)
    made.start(at(0))
    said = []
    for _ in range(5):
        made.turn(1, at(1))
        said += words(made.failed(NotFound(), at(1)))

    assert said == [
        *["fail not_found", "lookagain", "turn to ask"],
        *["fail not_found", "turn to ask"] * 3,
        "fail not_found",
        "hangup",
        "tell closed not_found",
        "over not_found",
    ]


def test_service_says_how_long_to_leave_it_alone() -> None:
    """Retry-After is kept to."""
    made = subscription()
    made.start(at(0))
    made.turn(0, at(0))
    made.failed(Throttled(retry_after_s=70), at(1))

    assert made.wakes_s == 71


def test_hole_in_a_contiguous_sequence_is_told_and_healed() -> None:
    """Numbers that went up by one so far: what does not come was lost. A new socket brings the lists whole."""
    made = opened()
    for number in range(1, 11):
        made.read(*condition(number, number), at(number))

    gap = told(made.read(*condition(14, 20), at(20)))

    assert gap == [
        changed(
            "gap",
            20,
            reason="version_gap",
            unseen_since=STARTED_AT + timedelta(seconds=10),
            push_type="NetConditionNotify",
            first_missed=11,
            last_missed=13,
            missed=3,
        )
    ]
    assert made.wakes_s == 21.5
    assert words(made.tick(at(21.5))) == ["hangup", "tell lost version_gap", "turn to ask"]


def test_hole_that_is_filled_late_needs_no_healing() -> None:
    """Out of order is not lost."""
    made = opened()
    for number in [*range(1, 11), 12, 11]:
        made.read(*condition(number, number), at(number))

    assert made.wakes_s == 60


def test_full_frame_heals_by_itself() -> None:
    """The whole list came anyway."""
    made = opened()
    for number in [*range(1, 11), 13]:
        made.read(*condition(number, number), at(number))
    made.read(*frame("NetConditionNotify", 14, version=EPOCH, msgMode=0, msgID="full", data=[]), at(14))

    assert made.wakes_s == 60


def test_healing_is_not_done_all_the_time() -> None:
    """Once a minute for each meeting at the most."""
    made = opened(uniform=0)
    for number in [*range(1, 11), 13]:
        made.read(*condition(number, number), at(number))
    made.tick(at(13))
    reach_socket(made, 13)
    made.turn(13, at(13))
    made.ticket(Secret("t"), at(13))
    made.connected(at(13))
    made.read(SUBSCRIBED, None, at(13))
    for number in [*range(1, 11), 13]:
        made.read(*condition(number + 100, 14), at(14))

    assert made.wakes_s == 73


def test_repeated_frame_is_dropped() -> None:
    """The same id on the same socket."""
    made = opened()
    made.read(*condition(1, 1), at(1))

    assert words(made.read(*condition(1, 1), at(1.1))) == ["drop"]


def test_log_that_takes_nothing_is_a_loss() -> None:
    """From before the first frame that was not appended."""
    made = opened()
    made.read(*condition(1, 20), at(20))

    assert told(made.log_failed(at(20).at, at(30))) == [changed("lost", 30, reason="log_full", unseen_since=at(15).at)]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("stopping", ["hangup", "tell lost stopping", "over stopping"]),
        ("moved", ["hangup", "tell closed moved", "over moved"]),
        ("meeting_over", ["hangup", "tell closed meeting_over", "over meeting_over"]),
    ],
)
def test_told_to_stop(reason: str, said: list[str]) -> None:
    """A process that stops comes back: lost, not closed."""
    assert words(opened().stop(reason, at(9))) == said  # type: ignore[arg-type]  # parametrised


def test_told_to_stop_twice() -> None:
    """The second time nothing happens."""
    made = opened()
    made.stop("moved", at(9))

    assert made.stop("stopping", at(9)) == []
    assert made.read(*condition(1, 9), at(9)) != []
    assert made.crashed(at(9)) == []


def test_own_failure_is_a_loss_and_tried_again() -> None:
    """Whatever it was."""
    made = opened()

    assert words(made.crashed(at(5))) == ["hangup", "tell lost failed"]
    assert words(made.crashed(at(5))) == ["hangup", "fail failed"]


def test_socket_that_cannot_be_opened_is_tried_again() -> None:
    """The second time with another control token: its address may be another."""
    made = subscription(uniform=0)
    made.start(at(0))
    made.turn(0, at(0))
    made.detail(DETAIL, at(0))
    made.control(control(), at(0))
    for _ in range(2):
        made.turn(0, at(0))
        made.turn(0, at(0))
        made.ticket(Secret("t"), at(0))
        said = words(made.ended("socket_failed", at(0)))

        assert said == ["hangup", "fail socket_failed", "turn to ask"]

    assert words(made.turn(0, at(0))) == ["askcontrol"]


@pytest.mark.parametrize(
    ("made_to", "late_s", "said"),
    [
        ("detail", 120, ["fail unanswered"]),
        ("connecting", 30, ["hangup", "fail unanswered"]),
        ("subscribing", 20, ["hangup", "fail subscribe_unanswered"]),
    ],
)
def test_nothing_is_waited_for_for_ever(made_to: str, late_s: float, said: list[str]) -> None:
    """Each answer has its time."""
    made = subscription()
    made.start(at(0))
    made.turn(0, at(0))
    if made_to != "detail":
        made.detail(DETAIL, at(0))
        made.control(control(), at(0))
        made.turn(0, at(0))
        made.ticket(Secret("t"), at(0))
    if made_to == "subscribing":
        made.connected(at(0))

    assert made.phase == made_to
    assert made.tick(at(late_s - 0.1)) == []
    assert words(made.tick(at(late_s))) == said


def test_control_token_that_ends_while_a_turn_is_waited_for_is_had_anew() -> None:
    """A socket token that it no longer gives is not asked for."""
    made = subscription()
    made.start(at(0))
    made.turn(0, at(0))
    made.detail(DETAIL, at(0))
    made.control(control(life_s=70), at(0))

    assert words(made.turn(11, at(0))) == []
    assert words(made.tick(at(11))) == ["askcontrol"]


def test_log_that_held_up_reading_held_up_the_echo() -> None:
    """It stands in the socket, unread: it has its time from now on."""
    made = opened()
    made.tick(at(60))
    made.held_up(at(89))

    assert made.tick(at(118)) == []
    assert words(made.tick(at(119))) == ["hangup", "tell lost heartbeat_missed"]


def test_late_echo_of_an_earlier_heartbeat_is_none() -> None:
    """A service that answers the one before the last has not answered the last."""
    made = opened()
    made.tick(at(60))
    made.read(Reply(action="HeartBeat", sequence=f"{EPOCH:030d}", code=None), None, at(61))

    assert words(made.tick(at(90))) == ["hangup", "tell lost heartbeat_missed"]


def test_heartbeats_that_follow_each_other_closely_wait_for_the_first_echo() -> None:
    """One each second: the first that is not answered counts."""
    made = opened(heartbeat_s=1)
    for s in range(1, 31):
        assert words(made.tick(at(s))) == ["send HeartBeat"]

    assert words(made.tick(at(31))) == ["hangup", "tell lost heartbeat_missed"]


def test_numbers_of_many_types_are_not_all_remembered() -> None:
    """Names of actions are the service's word, and memory is ours."""
    made = opened()
    for number in range(40):
        said, identity = frame(f"New{number}Notify", 1, version=1, msgMode=1, msgID=f"m{number}")

        assert words(made.read(said, identity, at(1))) == ["keep"]


@pytest.mark.parametrize("action", ["x" * 65, "pwd=314159", "名"])
def test_hole_of_what_is_no_name_is_not_told(action: str) -> None:
    """It would be in an event as the service wrote it: of any length, and not to be seen perhaps."""
    made = opened()
    for number in [*range(1, 11), 14]:
        said, identity = frame(action, number, version=number, msgMode=1, msgID=f"m{number}")

        assert words(made.read(said, identity, at(number))) == ["keep"]


def test_missed_frame_of_our_own_failure_is_in_the_span() -> None:
    """The frame that could not be entered is not in the log."""
    made = opened(1)
    made.read(*condition(1, 20), at(20))

    assert told(made.crashed(at(30), missed_at=at(20).at))[0].unseen_since == at(15).at


def test_missed_frames_of_an_ended_socket_are_in_the_next_span() -> None:
    """They are told with `opened`."""
    made = opened()
    made.ended("socket_closed", at(40))
    made.missed(at(30).at)

    assert made.left == Before(EPOCH, STARTED_AT)
