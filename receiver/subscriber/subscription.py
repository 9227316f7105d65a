"""One meeting's subscription: Subscribe, pushes, gaps, losing it, having it again, its end.

Pure: each input returns what is to be done, in order. No input raises, and one that comes when nothing waits for it
does nothing. `wakes_s` says when `tick` is wanted at the latest.

A longer file than others: it is one machine, and what one input does at each stage stands beside what the others do.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal

from schemas.settings import Secret

from ..cloud.errors import CloudError
from ..cloud.meetings import ControlToken, OnlineMeeting
from ..frames import Push, Reply, UnreadableFrame
from ..normalise.enterprise import milliseconds
from . import asking, attempt
from .attempt import Attempt
from .conversation import BEHIND, Conversation, Learnt
from .healing import Healing
from .meeting import (
    Action,
    AskControl,
    Before,
    Connect,
    Drop,
    GiveUp,
    HangUp,
    Keep,
    Meeting,
    Now,
    Over,
    Reason,
    Send,
    Tell,
    Terms,
)
from .renewal import Renewal
from .switching import Switching
from .telling import Story
from .thrift import Thrift

SUBSCRIBED_WITHIN_S: Final = 20.0
# Open for so long, a socket that ends was a good one, and the next may be tried at once.
STEADY_S: Final = 30.0
DESTROYED: Final = "Destroyed"
# Nobody looks at a meeting any more after these: no event tells of an end that is none.
_SILENT: Final = frozenset[Reason]({"skipped", "room", "moved", "stopping"})

_Stage = Literal["attempt", "subscribing", "open", "over"]


class Subscription:
    """Made when a meeting is wanted; `start` begins. Over for good with the action `Over`."""

    __slots__ = (
        "_attempt", "_by_s", "_cautious", "_healing", "_learnt", "_renewal", "_stage", "_story", "_switching", "_talk",
        "_terms", "_thrift", "_uniform",
    )  # fmt: skip

    def __init__(self, meeting: Meeting, terms: Terms, *, before: Before, uniform: Callable[[], float]) -> None:
        self._terms = terms
        self._uniform = uniform
        self._stage: _Stage = "attempt"
        self._attempt = Attempt(meeting, terms, was_on=before.epoch > 0, uniform=uniform)
        self._by_s: float | None = None
        self._cautious = False
        self._renewal = Renewal()
        self._healing = Healing(uniform)
        self._switching = Switching()
        self._thrift = Thrift()
        self._learnt: Learnt = {}
        self._talk: Conversation | None = None
        self._story = Story(terms.receiver, before)

    @property
    def meeting(self) -> Meeting:
        """The meeting, as far as it is known by now."""
        return self._attempt.meeting

    @property
    def phase(self) -> str:
        """How far it is."""
        return self._attempt.phase if self._stage == "attempt" else self._stage

    @property
    def epoch(self) -> int:
        """The connection's, or the last one's."""
        return self._story.epoch

    @property
    def is_open(self) -> bool:
        """Return whether pushes come."""
        return self._stage == "open"

    @property
    def left(self) -> Before:
        """What a later subscription to the same meeting has to know of this one."""
        return self._story.left

    @property
    def wakes_s(self) -> float | None:
        """When `tick` is wanted at the latest; None: never."""
        if self._stage == "attempt":
            return self._attempt.by_s
        dues = [self._by_s]
        if self._stage == "open" and self._talk is not None:
            dues += [self._talk.wakes_s, self._renewal.due_s, self._healing.due_s]
        return min((due for due in dues if due is not None), default=None)

    # What the clock and the owner say.

    def start(self, now: Now, *, within_s: float = 0.0) -> list[Action]:
        """Begin, at some time within so many seconds."""
        return self._attempt.rest(now, self._uniform() * within_s)

    def tick(self, now: Now) -> list[Action]:
        """Take it that time went by."""
        if self._stage == "attempt":
            return self._attempted(self._attempt.tick(now), now)
        if self._stage == "open" and self._talk is not None:
            return self._tick_open(self._talk, now)
        if self._by_s is not None and now.s >= self._by_s:
            return self._lose("subscribe_unanswered", now)
        return []

    def stop(self, reason: Reason, now: Now) -> list[Action]:
        """End it, for good."""
        return self._end(reason, now)

    # What the service says, and the pace.

    def turn(self, at_s: float, now: Now) -> list[Action]:
        """Take the answer to `Turn`."""
        return self._attempted(self._attempt.turn(at_s, now), now) if self._stage == "attempt" else []

    def detail(self, found: OnlineMeeting, now: Now) -> list[Action]:
        """Take the answer to `AskDetail`."""
        return self._attempted(self._attempt.detail(found, now), now) if self._stage == "attempt" else []

    def control(self, token: ControlToken, now: Now) -> list[Action]:
        """Take the answer to `AskControl`."""
        if self._stage == "open":
            self._attempt.control = token
            self._renewal.renewed(token, now)
        return self._attempted(self._attempt.token(token), now) if self._stage == "attempt" else []

    def ticket(self, token: Secret, now: Now) -> list[Action]:
        """Take the answer to `AskTicket`."""
        control = self._attempt.control
        if self.phase != "ticket" or control is None:
            return []
        self._attempt.phase, self._attempt.by_s = "connecting", now.s + attempt.CONNECT_WITHIN_S
        return [Connect(control.ws_url, token, self._story.connect(milliseconds(now.at)))]

    def failed(self, error: CloudError | None, now: Now) -> list[Action]:
        """Take it that what was asked for was not had; None: no answer came."""
        if self._stage == "open":
            self._renewal.failed(self._uniform, now)
        return self._attempted(self._attempt.failed(error, now), now) if self._stage == "attempt" else []

    # What the socket says.

    def connected(self, now: Now) -> list[Action]:
        """Take it that the socket is open."""
        control = self._attempt.control
        if self.phase != "connecting" or control is None:
            return []
        self._stage, self._by_s = "subscribing", now.s + SUBSCRIBED_WITHIN_S
        self._talk = Conversation(now, every_s=self._terms.heartbeat_s, learnt=self._learnt)
        wanted = self._terms.push_types
        if self._cautious:
            wanted = tuple(name for name in wanted if name in asking.DOCUMENTED)
        types = asking.push_types(control.push_types, wanted)
        return [Send(asking.subscribe(self.meeting.meeting_id, control, types, asking.sequence_at(now.at)))]

    def read(self, said: Push | Reply | UnreadableFrame, frame_id: str | None, now: Now) -> list[Action]:
        """Take one frame; `frame_id` of all but replies."""
        talk = self._talk
        if talk is None:
            return [Drop(repeated=False)]
        if isinstance(said, Reply):
            return [Drop(repeated=False), *self._answered(said, talk, now)]
        if frame_id is not None and talk.repeats(frame_id):
            return [Drop(repeated=True)]
        opened = self._opened(talk, now) if self._stage == "subscribing" else []
        return [*opened, *self._kept(said, now), *self._pushed(said, talk, now)]

    def ended(self, reason: Reason, now: Now) -> list[Action]:
        """Take it that the socket ended, or could not be opened."""
        if self.phase == "connecting":
            return self._attempt.fail(reason, now)
        return self._lose(reason, now, most=reason == "frame_too_large") if self._talk is not None else []

    def log_failed(self, missed_at: datetime, now: Now) -> list[Action]:
        """Take it that frames from `missed_at` on could not be appended."""
        if self._talk is not None:
            self._talk.missed(missed_at)
        return self.ended("log_full", now)

    def held_up(self, now: Now) -> None:
        """Take it that the socket was not read for a while, since the log took nothing."""
        if self._talk is not None:
            self._talk.held_up(now)

    def missed(self, received_at: datetime) -> None:
        """Take it that frames from this time on were not kept, of a socket that has ended already."""
        self._story.missed(received_at - BEHIND)

    def crashed(self, now: Now, *, missed_at: datetime | None = None) -> list[Action]:
        """Take it that our own code failed, perhaps over a frame that came then. It is tried again, ever later."""
        if missed_at is not None and self._talk is not None:
            self._talk.missed(missed_at)
        if self._stage == "over":
            return []
        return self._attempt.fail("failed", now) if self._stage == "attempt" else self._lose("failed", now)

    # An open subscription.

    def _opened(self, talk: Conversation, now: Now) -> list[Action]:
        self._stage, self._by_s = "open", None
        talk.opened_s = now.s
        self._attempt.opened()
        actions: list[Action] = [Tell(self._story.opened(self.meeting, now.at))]
        control = self._attempt.control
        if control is not None:
            self._renewal.renewed(control, now)
            if self._terms.captions_on(self.meeting):
                actions.append(self._switching.begin(self.meeting.meeting_id, control, now))
        return actions

    def _kept(self, push: Push | UnreadableFrame, now: Now) -> list[Action]:
        """Keep the push, or give it up."""
        is_kept, spans = self._thrift.take(push, now.at - BEHIND, is_tight=self._terms.is_tight())
        told: list[Action] = [Tell(self._story.given_up(self.meeting, span, now.at)) for span in spans]
        return [*told, Keep() if is_kept else GiveUp(push.action or "")]

    def _tick_open(self, talk: Conversation, now: Now) -> list[Action]:
        if talk.misses_echo(now):
            return self._lose("heartbeat_missed", now)
        if self._healing.is_due(now):
            return self._lose("version_gap", now, at_once=True)
        actions: list[Action] = [*talk.tick(now)]
        if self._renewal.is_due(now):
            self._renewal.asked(now)
            actions.append(AskControl(self.meeting.password, self._attempt.control))
        return actions

    def _answered(self, reply: Reply, talk: Conversation, now: Now) -> list[Action]:
        if reply.action == "HeartBeat":
            talk.echoed(reply)
        control = self._attempt.control
        if reply.action == "ConfControl" and self._stage == "open" and control is not None:
            # Nothing else of ours has such an answer.
            return [*self._switching.answered(reply, self.meeting.meeting_id, control, now)]
        if reply.action != "Subscribe":
            return []
        if reply.code not in (None, 0):
            # The first time with less; where that is not taken either, much later.
            self._cautious, self._attempt.control = not self._cautious, None
            return self._lose("subscribe_refused", now, most=not self._cautious)
        return self._opened(talk, now) if self._stage == "subscribing" else []

    def _pushed(self, push: Push | UnreadableFrame, talk: Conversation, now: Now) -> list[Action]:
        holes = talk.pushed(push, now)
        actions: list[Action] = [Tell(self._story.gap(self.meeting, push.action, hole, now.at)) for hole in holes]
        is_holed = any(not hole.is_past for hole in holes)
        self._healing.pushed(push, now, is_holed=is_holed, is_whole=talk.is_whole(push.action))
        if isinstance(push, Push) and getattr(push.payload, "state", None) == DESTROYED:
            actions += self._end("meeting_over", now, seen_all=True)
        return actions

    # Its end, and the end of a socket.

    def _attempted(self, actions: list[Action], now: Now) -> list[Action]:
        """Tell of it where an attempt was the last one."""
        if actions and isinstance(actions[-1], Over):
            return [*actions[:-1], *self._end(actions[-1].reason, now, meeting_id=actions[-1].meeting_id)]
        return actions

    def _lose(self, reason: Reason, now: Now, *, most: bool = False, at_once: bool = False) -> list[Action]:
        talk, was_open = self._talk, self._stage == "open"
        self._unplan("attempt")
        if not was_open or talk is None:
            return self._attempt.fail(reason, now, most=most)
        if talk.opened_s is not None and now.s - talk.opened_s >= STEADY_S:
            self._attempt.was_steady()
        tell = Tell(self._story.lost(self.meeting, reason, talk.seen_until, now.at))
        return [HangUp(), tell, *self._attempt.rest(now, 0.0 if at_once else self._attempt.delay_s(most=most))]

    def _end(self, reason: Reason, now: Now, *, seen_all: bool = False, meeting_id: str | None = None) -> list[Action]:
        if self._stage == "over":
            return []
        actions: list[Action] = [HangUp()]
        seen_until = self._talk.seen_until if self._stage == "open" and self._talk is not None else None
        if reason == "stopping":
            # Whoever starts next goes on from there: the meeting is not over.
            if seen_until is not None:
                actions.append(Tell(self._story.lost(self.meeting, reason, seen_until, now.at)))
        elif self._story.is_begun or reason not in _SILENT:
            since = None if seen_all else seen_until
            actions.append(Tell(self._story.closed(self.meeting, reason, now.at, since=since)))
        self._unplan("over")
        return [*actions, Over(reason, meeting_id)]

    def _unplan(self, stage: _Stage) -> None:
        self._stage, self._talk, self._by_s = stage, None, None
        self._thrift.over()
        self._healing.idle()
        self._renewal.idle()
