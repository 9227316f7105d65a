"""Drive a subscription's machine by hand: instants, tokens, frames, and what it answers in short words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from receiver.cloud.meetings import ControlToken, OnlineMeeting
from receiver.frames import Frame, Push, Reply, UnreadableFrame, frame_id, read_frame
from receiver.subscriber.meeting import Action, Before, Connect, Fail, Meeting, Now, Over, Send, Tell, Terms, Turn
from receiver.subscriber.subscription import Subscription
from schemas.events import SubscriptionChanged
from schemas.ids import LogId, MeetingId, MeetingUuid
from schemas.settings import Secret

STARTED_AT: Final = datetime(2026, 3, 1, 9, tzinfo=UTC)
RECEIVER: Final = LogId("0" * 32)
MEETING: Final = Meeting(enterprise="acme", meeting_id="900", meeting_uuid="u-1")
DETAIL: Final = OnlineMeeting(
    meeting_id=MeetingId("900"),
    meeting_uuid=MeetingUuid("u-1"),
    subject="Weekly",
    scheduler="Li",
    host_password=Secret("314159"),
)
SUBSCRIBED: Final = Reply(action="Subscribe", sequence=None, code=0)
BEATEN: Final = Reply(action="HeartBeat", sequence=None, code=None)


def at(s: float) -> Now:
    """Return the instant `s` seconds after the start, on both clocks."""
    return Now(STARTED_AT + timedelta(seconds=s), s)


def control(life_s: float = 1_800, **changed: Any) -> ControlToken:
    """Return a control token of the start."""
    token = ControlToken(
        token=Secret("control"), ws_url="wss://sockets.example", expires_at=STARTED_AT + timedelta(seconds=life_s)
    )
    return msgspec.structs.replace(token, **changed)


def terms(**changed: Any) -> Terms:
    """Return what holds for all: captions as they run, nothing skipped."""
    usual = Terms(
        receiver=RECEIVER,
        heartbeat_s=60,
        push_types=("ConfDynamicInfoNotify", "NetConditionNotify"),
        captions_on=lambda _: False,
        is_skipped=lambda _: False,
        is_tight=lambda: False,
    )
    return msgspec.structs.replace(usual, **changed)


def subscription(
    *, meeting: Meeting = MEETING, before: Before | None = None, uniform: float = 0.5, **changed: Any
) -> Subscription:
    """Return a subscription of a meeting that began at the start."""
    return Subscription(
        meeting, terms(**changed), before=before or Before(unseen_since=STARTED_AT), uniform=lambda: uniform
    )


def connected(s: float = 0, **changed: Any) -> Subscription:
    """Return a subscription whose socket is open, and nothing else yet."""
    made = subscription(**changed)
    made.start(at(s))
    reach_socket(made, s)
    return made


def reach_socket(made: Subscription, s: float, life_s: float = 1_800) -> None:
    """Take it from its first turn to an open socket, at one instant."""
    made.turn(s, at(s))
    made.detail(DETAIL, at(s))
    made.control(control(s + life_s), at(s))
    made.turn(s, at(s))
    made.ticket(Secret("ticket"), at(s))
    made.connected(at(s))


def opened(s: float = 0, **changed: Any) -> Subscription:
    """Return a subscription that is open."""
    made = connected(s, **changed)
    made.read(SUBSCRIBED, None, at(s))
    return made


def frame(action: str, s: float, **members: Any) -> tuple[Push | Reply | UnreadableFrame, str]:
    """Return a frame as it is read, and its id."""
    made = at(s).at
    envelope = {"action": action, "confID": "900", "createTime": int(made.timestamp() * 1000), **members}
    whole = Frame(
        enterprise="acme",
        meeting_id="900",
        meeting_uuid="u-1",
        epoch=1,
        received_at=made,
        body=msgspec.json.encode(envelope),
    )
    said = read_frame(whole)
    assert not isinstance(said, Reply)
    return said, frame_id(whole, said)


def condition(number: int, s: float) -> tuple[Push | Reply | UnreadableFrame, str]:
    """Return an incremental NetConditionNotify with this number."""
    return frame("NetConditionNotify", s, version=number, msgMode=1, msgID=f"n-{number}", data=[])


def destroyed(s: float) -> tuple[Push | Reply | UnreadableFrame, str]:
    """Return the ConfDynamicInfoNotify that ends a meeting."""
    return frame("ConfDynamicInfoNotify", s, version=1, msgMode=0, msgID="end", state="Destroyed")


def words(actions: Sequence[Action]) -> list[str]:
    """Return what is to be done, a word or two for each."""
    return [_word(action) for action in actions]


def told(actions: Sequence[Action]) -> list[SubscriptionChanged]:
    """Return the events among what is to be done."""
    return [action.event for action in actions if isinstance(action, Tell)]


def _word(action: Action) -> str:
    match action:
        case Turn():
            return f"turn to {action.what}"
        case Tell():
            return " ".join(filter(None, ("tell", action.event.change, action.event.reason)))
        case Fail() | Over():
            return f"{type(action).__name__.lower()} {action.reason}"
        case Send():
            return f"send {msgspec.json.decode(action.text)['action']}"
        case Connect():
            return f"connect {action.epoch}"
        case _:
            return type(action).__name__.lower()
