"""Any order of inputs: nothing raises, epochs rise, opened and lost take turns, what was lost is marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as some

from receiver.cloud.errors import Faulty, Forbidden, NotFound, Throttled, Unauthenticated
from receiver.frames import Reply, UnreadableFrame
from receiver.subscriber.meeting import (
    Action,
    AskControl,
    AskDetail,
    AskTicket,
    Before,
    Connect,
    Drop,
    HangUp,
    Keep,
    Over,
    Send,
    Turn,
)
from receiver.subscriber.subscription import Subscription
from schemas.events import SubscriptionChanged
from schemas.settings import Secret

from .driving import (
    BEATEN,
    DETAIL,
    STARTED_AT,
    SUBSCRIBED,
    at,
    condition,
    control,
    destroyed,
    frame,
    subscription,
    told,
)

Input = Callable[[Subscription, float], Sequence[Action]]

ODD: Final = UnreadableFrame(reason="changed_frame", action=None, where="$")
REFUSED: Final = Reply(action="Subscribe", sequence=None, code=7)
CAPTIONS: Final = Reply(action="ConfControl", sequence=None, code=1)


def held_up(made: Subscription, s: float) -> Sequence[Action]:
    """Let the log have taken nothing for a while."""
    made.held_up(at(s))
    return []


INPUTS: Final[list[Input]] = [
    lambda made, s: made.tick(at(s)),
    lambda made, s: made.turn(s, at(s)),
    lambda made, s: made.detail(DETAIL, at(s)),
    lambda made, s: made.control(control(s + 400), at(s)),
    lambda made, s: made.ticket(Secret("t"), at(s)),
    lambda made, s: made.connected(at(s)),
    lambda made, s: made.read(SUBSCRIBED, None, at(s)),
    lambda made, s: made.read(REFUSED, None, at(s)),
    lambda made, s: made.read(CAPTIONS, None, at(s)),
    lambda made, s: made.read(BEATEN, None, at(s)),
    lambda made, s: made.read(ODD, "0" * 32, at(s)),
    lambda made, s: made.read(*condition(int(s), s), at(s)),
    lambda made, s: made.read(*frame("NetConditionNotify", s, version=1, msgMode=0, msgID=f"f{s}", data=[]), at(s)),
    lambda made, s: made.read(*destroyed(s), at(s)),
    lambda made, s: made.ended("socket_closed", at(s)),
    lambda made, s: made.ended("frame_too_large", at(s)),
    lambda made, s: made.failed(None, at(s)),
    lambda made, s: made.failed(Faulty(), at(s)),
    lambda made, s: made.failed(NotFound(), at(s)),
    lambda made, s: made.failed(Forbidden(), at(s)),
    lambda made, s: made.failed(Unauthenticated(), at(s)),
    lambda made, s: made.failed(Throttled(retry_after_s=3), at(s)),
    lambda made, s: made.log_failed(at(s).at, at(s)),
    held_up,
    lambda made, s: made.crashed(at(s)),
    lambda made, s: made.stop("moved", at(s)),
    lambda made, s: made.stop("stopping", at(s)),
]


@settings(deadline=None)
@given(some.lists(some.tuples(some.sampled_from(INPUTS), some.sampled_from([0.0, 0.5, 1.0, 70.0, 400.0])), max_size=80))
def test_any_input_at_any_time(inputs: list[tuple[Input, float]]) -> None:
    """Whatever comes when nothing waits for it does nothing; the story that is told stays one."""
    made, s = subscription(), 0.0
    actions = list(made.start(at(s)))
    for give, later in inputs:
        s += later
        actions += give(made, s)

    assert_story(told(actions))
    overs = [index for index, action in enumerate(actions) if isinstance(action, Over)]
    assert len(overs) <= 1
    assert all(isinstance(action, Drop) for index in overs for action in actions[index + 1 :])


def assert_story(events: Sequence[SubscriptionChanged]) -> None:
    """Fail where the events of one subscription do not follow on each other."""
    turns = [event for event in events if event.change in ("opened", "lost")]
    assert [event.change for event in turns] == ["opened", "lost"] * (len(turns) // 2) + ["opened"] * (len(turns) % 2)
    epochs = [event.epoch for event in turns if event.change == "opened"]
    assert epochs == sorted(set(epochs))
    assert [event.epoch for event in events] == sorted(event.epoch for event in events)
    assert "closed" not in [event.change for event in events[:-1]]
    gaps_at = [index for index, event in enumerate(events) if event.change == "gap"]
    openings = [[e.change for e in events[:index] if e.change != "gap"][-1:] for index in gaps_at]
    assert openings == [["opened"]] * len(gaps_at)


class Service:
    """Numbers its frames, whoever listens; answers at once; loses what it is told to lose."""

    def __init__(self, made: Subscription) -> None:
        self.made = made
        self.s = 0.0
        self.number = 0
        self.lost: list[datetime] = []
        self.events: list[SubscriptionChanged] = []
        self.kept = 0
        self._connected = self._subscribed = self._frozen = False

    def begin(self) -> None:
        """Begin the meeting, long enough for its numbers to be learnt."""
        self._do(self.made.start(at(self.s)))
        for _ in range(12):
            self.send(loses=False)

    def send(self, *, loses: bool) -> None:
        """Send one frame, to a socket if there is one."""
        self.s += 0.5
        self.number += 1
        if loses or not self._subscribed:
            self.lost.append(at(self.s).at)
            return
        said, identity = condition(self.number, self.s)
        before = self.kept
        actions = self.made.read(said, identity, at(self.s))
        self._do(actions)
        assert self.kept == before + 1

    def send_many(self, count: int) -> None:
        """Send so many that arrive."""
        for _ in range(count):
            self.send(loses=False)

    def cut(self, unread: int) -> None:
        """Send so many that are on their way when the socket is cut."""
        for _ in range(unread):
            self.send(loses=True)
        self._connected = self._subscribed = False
        self._do(self.made.ended("socket_closed", at(self.s)))

    def freeze(self) -> None:
        """Send nothing that arrives, and answer nothing, for two minutes."""
        self._frozen = True
        for _ in range(240):
            self.send(loses=True)
            self._do(self.made.tick(at(self.s)))
        self._frozen = False

    def wait(self, s: float) -> None:
        """Let time go by."""
        self.s += s
        self._do(self.made.tick(at(self.s)))

    def fill(self) -> None:
        """Let the log be full for a frame."""
        self.send(loses=True)
        self._do(self.made.log_failed(at(self.s).at, at(self.s)))

    def crash(self) -> None:
        """Let our own code fail."""
        self._do(self.made.crashed(at(self.s)))

    def _do(self, actions: Sequence[Action]) -> None:
        self.events += told(actions)
        for action in actions:
            self._do(self._answer(action))

    def _answer(self, action: Action) -> Sequence[Action]:
        now = at(self.s)
        match action:
            case HangUp():
                self._connected = self._subscribed = False
            case Keep():
                self.kept += 1
            case Turn():
                return self.made.turn(self.s, now)
            case _ if self._frozen:
                return []
            case AskDetail():
                return self.made.detail(DETAIL, now)
            case AskControl():
                return self.made.control(control(self.s + 1_800), now)
            case AskTicket():
                return self.made.ticket(Secret("t"), now)
            case Connect():
                self._connected = True
                return self.made.connected(now)
            case Send() if b"Subscribe" in action.text and self._connected:
                self._subscribed = True
                return self.made.read(SUBSCRIBED, None, now)
            case Send() if b"HeartBeat" in action.text and self._subscribed:
                return self.made.read(BEATEN, None, now)
        return []


STEPS: Final[list[Callable[[Service], None]]] = [
    lambda service: service.send(loses=False),
    lambda service: service.send_many(20),
    lambda service: service.send(loses=True),
    lambda service: service.cut(0),
    lambda service: service.cut(3),
    lambda service: service.wait(2),
    lambda service: service.wait(59),
    lambda service: service.fill(),
    lambda service: service.crash(),
    lambda service: service.freeze(),
]


@settings(deadline=None)
@given(some.lists(some.sampled_from(STEPS), max_size=30))
def test_every_lost_frame_lies_in_a_marked_span(steps: list[Callable[[Service], None]]) -> None:
    """Lost in an open socket, on its way, while there was none, or unanswered: events tell of it."""
    service = Service(subscription(before=Before(unseen_since=STARTED_AT), uniform=0.3))
    service.begin()
    for step in steps:
        step(service)
    # Time for a socket, and frames enough for the numbers to be believed whatever was lost.
    for _ in range(4):
        service.wait(70)
    for _ in range(1_500):
        service.send(loses=False)
        service.wait(0)

    assert_story(service.events)
    assert service.made.is_open
    assert [sent for sent in service.lost if not is_marked(sent, service.events)] == []


def is_marked(sent: datetime, events: Sequence[SubscriptionChanged]) -> bool:
    """Return whether a span that was not seen holds this instant."""
    spans = [(event.unseen_since, event.occurred_at) for event in events if event.change in ("gap", "opened")]
    return any(since is not None and since <= sent <= until for since, until in spans)
