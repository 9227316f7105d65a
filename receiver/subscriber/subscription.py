"""One meeting's subscription: tokens, connect, Subscribe, pushes, gaps, losing it, having it again, its end.

Pure: each input returns what is to be done, in order. No input raises, and one that comes when nothing waits for it
does nothing. `wakes_s` says when `tick` is wanted at the latest.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Literal

from schemas.settings import Secret

from ..cloud.errors import CloudError, Forbidden, NotFound
from ..cloud.meetings import ControlToken, OnlineMeeting
from ..frames import Push, Reply, UnreadableFrame
from ..normalise.enterprise import milliseconds
from . import asking
from .conversation import BEHIND, Conversation, Learnt
from .delays import MOST_S, Asked, at_least_s, backoff, judge
from .meeting import (
    Action,
    AskControl,
    AskDetail,
    AskTicket,
    Before,
    Connect,
    Drop,
    Fail,
    HangUp,
    Keep,
    Meeting,
    Now,
    Over,
    Reason,
    Send,
    Tell,
    Terms,
    Turn,
)
from .renewal import Renewal
from .telling import Story

Phase = Literal["resting", "turn", "detail", "control", "ticket", "connecting", "subscribing", "open", "over"]

# Longer than the REST client tries, retries included.
ANSWER_WITHIN_S: Final = 120.0
# The token for it lives for a minute ("Querying a WebSocket token").
CONNECT_WITHIN_S: Final = 30.0
SUBSCRIBED_WITHIN_S: Final = 20.0
# Open for so long, a socket that ends was a good one, and the next may be tried at once.
STEADY_S: Final = 30.0
HEAL_EVERY_S: Final = 60.0
# What comes late can still fill the hole, and all meetings of a service that had a fault do not heal at once.
HEAL_AFTER_S: Final = 3.0
DESTROYED: Final = "Destroyed"
_CONTROL_LEFT: Final = timedelta(seconds=60)
# Nobody looks at a meeting any more after these: no event tells of an end that is none.
_SILENT: Final = frozenset({"skipped", "room", "moved", "stopping"})


class Subscription:
    """Made when a meeting is wanted; `start` begins. Over for good with the action `Over`."""

    __slots__ = (
        "_asked", "_by_s", "_cautious", "_control", "_delays", "_heal_s", "_healed_s", "_holed", "_learnt", "_renewal",
        "_story", "_talk", "_terms", "_tries", "_uniform", "_was_on", "meeting", "phase",
    )  # fmt: skip

    def __init__(self, meeting: Meeting, terms: Terms, *, before: Before, uniform: Callable[[], float]) -> None:
        self.meeting = meeting
        self.phase: Phase = "resting"
        self._terms = terms
        self._uniform = uniform
        self._delays = backoff(uniform)
        self._tries = 0
        self._by_s: float | None = None
        self._asked: Literal["ask", "connect"] = "ask"
        self._control: ControlToken | None = None
        self._renewal = Renewal()
        self._cautious = False
        self._was_on = before.epoch > 0
        self._learnt: Learnt = {}
        self._talk: Conversation | None = None
        self._holed: set[str] = set()
        self._heal_s: float | None = None
        self._healed_s = float("-inf")
        self._story = Story(terms.receiver, before)

    @property
    def epoch(self) -> int:
        """The connection's, or the last one's."""
        return self._story.epoch

    @property
    def is_open(self) -> bool:
        """Return whether pushes come."""
        return self.phase == "open"

    @property
    def left(self) -> Before:
        """What a later subscription to the same meeting has to know of this one."""
        return self._story.left

    @property
    def wakes_s(self) -> float | None:
        """When `tick` is wanted at the latest; None: never."""
        dues = [self._by_s]
        if self.phase == "open" and self._talk is not None:
            dues += [self._talk.wakes_s, self._renewal.due_s, self._heal_s]
        return min((due for due in dues if due is not None), default=None)

    # What the clock and the owner say.

    def start(self, now: Now, *, within_s: float = 0.0) -> list[Action]:
        """Begin, at some time within so many seconds."""
        return self._rest(now, self._uniform() * within_s)

    def tick(self, now: Now) -> list[Action]:
        """Take it that time went by."""
        if self.phase == "open":
            return self._tick_open(now)
        if self._by_s is None or now.s < self._by_s:
            return []
        if self.phase == "resting":
            return self._attempt()
        if self.phase == "turn":
            return self._after_turn(now)
        if self.phase == "subscribing":
            return self._lose("subscribe_unanswered", now)
        if self.phase == "connecting":
            return self._fail("connect", now)
        return self.failed(None, now)

    def stop(self, reason: Reason, now: Now) -> list[Action]:
        """End it, for good."""
        return self._end(reason, now)

    # What the service says, and the pace.

    def turn(self, at_s: float, now: Now) -> list[Action]:
        """Take the answer to `Turn`."""
        if self.phase != "turn":
            return []
        self._by_s = at_s
        return self.tick(now)

    def detail(self, found: OnlineMeeting, now: Now) -> list[Action]:
        """Take the answer to `AskDetail`."""
        if self.phase != "detail":
            return []
        self.meeting = self.meeting.described(found)
        if self._terms.is_skipped(self.meeting):
            return self._end("skipped", now)
        return self._ask("control", AskControl(self.meeting.password), now)

    def control(self, token: ControlToken, now: Now) -> list[Action]:
        """Take the answer to `AskControl`."""
        if self.phase not in ("control", "open"):
            return []
        self._control = token
        self._renewal.renewed(token, now)
        if self.phase == "open":
            return []
        if token.current_meeting_id not in (None, "", self.meeting.meeting_id):
            return [*self._end("room", now)[:-1], Over("room", token.current_meeting_id)]
        return self._ask_turn("connect")

    def ticket(self, token: Secret, now: Now) -> list[Action]:
        """Take the answer to `AskTicket`."""
        if self.phase != "ticket" or self._control is None:
            return []
        self.phase, self._by_s = "connecting", now.s + CONNECT_WITHIN_S
        return [Connect(self._control.ws_url, token, self._story.connect(milliseconds(now.at)))]

    def failed(self, error: CloudError | None, now: Now) -> list[Action]:
        """Take it that what was asked for was not had; None: no answer came."""
        if self.phase == "open":
            self._renewal.failed(self._uniform, now)
            return []
        asked = _ASKED.get(self.phase)
        if asked is None:
            return []
        self._tries += 1
        verdict = judge(error, asked, was_on=self._was_on, tries=self._tries)
        if asked != "detail":
            self._forget(asked)
        if verdict in ("over", "refused"):
            return [Fail(_kind(error)), *self._end(self._final(error), now)]
        delay_s = MOST_S * (1 + self._uniform()) / 2 if verdict == "later" else next(self._delays)
        return [Fail(_kind(error)), *self._rest(now, max(delay_s, at_least_s(error)))]

    def _final(self, error: CloudError | None) -> Reason:
        if isinstance(error, NotFound):
            return "meeting_over" if self._was_on else "not_found"
        return "forbidden" if isinstance(error, Forbidden) else "bad_request"

    # What the socket says.

    def connected(self, now: Now) -> list[Action]:
        """Take it that the socket is open."""
        if self.phase != "connecting" or self._control is None:
            return []
        self.phase, self._by_s = "subscribing", now.s + SUBSCRIBED_WITHIN_S
        self._talk = Conversation(now, every_s=self._terms.heartbeat_s, learnt=self._learnt)
        wanted = self._terms.push_types
        if self._cautious:
            wanted = tuple(name for name in wanted if name in asking.DOCUMENTED)
        types = asking.push_types(self._control.push_types, wanted)
        meeting_id = self.meeting.meeting_id
        return [Send(asking.subscribe(meeting_id, self._control, types, asking.sequence_at(now.at)))]

    def read(self, said: Push | Reply | UnreadableFrame, frame_id: str | None, now: Now) -> list[Action]:
        """Take one frame; `frame_id` of all but replies."""
        talk = self._talk
        if talk is None or self.phase not in ("subscribing", "open"):
            return [Drop(repeated=False)]
        if isinstance(said, Reply):
            return [Drop(repeated=False), *self._answered(said, talk, now)]
        if frame_id is not None and talk.repeats(frame_id):
            return [Drop(repeated=True)]
        opened = self._opened(now) if self.phase == "subscribing" else []
        return [*opened, Keep(), *self._pushed(said, talk, now)]

    def ended(self, reason: Reason, now: Now) -> list[Action]:
        """Take it that the socket ended, or could not be opened."""
        if self.phase == "connecting":
            return self._fail(reason, now)
        if self.phase in ("subscribing", "open"):
            return self._lose(reason, now, most=reason == "frame_too_large")
        return []

    def log_failed(self, missed_at: datetime, now: Now) -> list[Action]:
        """Take it that frames from `missed_at` on could not be appended."""
        if self.phase != "open" or self._talk is None:
            return self.ended("log_full", now)
        self._talk.missed(missed_at)
        return self._lose("log_full", now)

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
        if self.phase in ("subscribing", "open"):
            return self._lose("failed", now)
        if self.phase == "over":
            return []
        return self._fail("failed", now)

    # Attempts.

    def _attempt(self) -> list[Action]:
        self._asked = "ask"
        return self._ask_turn("ask")

    def _ask_turn(self, what: Literal["ask", "connect"]) -> list[Action]:
        self.phase, self._by_s, self._asked = "turn", None, what
        return [Turn(what)]

    def _after_turn(self, now: Now) -> list[Action]:
        if self._control is not None and self._control.expires_at - now.at <= _CONTROL_LEFT:
            self._control = None
        if self._control is not None:
            if self._asked == "ask":
                return self._ask_turn("connect")
            return self._ask("ticket", AskTicket(self._control), now)
        if not self.meeting.is_described:
            return self._ask("detail", AskDetail(), now)
        return self._ask("control", AskControl(self.meeting.password), now)

    def _ask(self, asked: Asked, action: Action, now: Now) -> list[Action]:
        self.phase, self._by_s = asked, now.s + ANSWER_WITHIN_S
        return [action]

    def _rest(self, now: Now, delay_s: float) -> list[Action]:
        self.phase, self._by_s = "resting", now.s + delay_s
        return self.tick(now)

    def _forget(self, asked: Asked) -> None:
        # A link token that is refused: the control token is no good. A control token: the password may be another.
        self._control = None
        if asked == "control":
            self.meeting = self.meeting.undescribed()

    def _fail(self, reason: str, now: Now, *, most: bool = False) -> list[Action]:
        self._tries += 1
        self._talk = None
        if self._tries > 1:
            # Its address may be another by now, or the token is what the socket is closed for.
            self._control = None
        delay_s = MOST_S * (1 + self._uniform()) / 2 if most else next(self._delays)
        return [HangUp(), Fail(reason), *self._rest(now, delay_s)]

    # An open subscription.

    def _opened(self, now: Now) -> list[Action]:
        if self._talk is None or self._control is None:
            return []
        self.phase, self._by_s = "open", None
        self._talk.opened_s = now.s
        self._was_on, self._tries = True, 0
        self._renewal.renewed(self._control, now)
        actions: list[Action] = [Tell(self._story.opened(self.meeting, now.at))]
        if self._terms.captions_on(self.meeting):
            frame = asking.captions_on(self.meeting.meeting_id, self._control, asking.sequence_at(now.at))
            actions.append(Send(frame))
        return actions

    def _tick_open(self, now: Now) -> list[Action]:
        talk = self._talk
        if talk is None:
            return []
        if talk.misses_echo(now):
            return self._lose("heartbeat_missed", now)
        if self._heal_s is not None and now.s >= self._heal_s:
            return self._heal(now)
        actions: list[Action] = [*talk.tick(now)]
        if self._renewal.is_due(now):
            self._renewal.asked(now)
            actions.append(AskControl(self.meeting.password, self._control))
        return actions

    def _answered(self, reply: Reply, talk: Conversation, now: Now) -> list[Action]:
        if reply.action == "HeartBeat":
            talk.echoed(reply)
        if reply.action != "Subscribe":
            return []
        if reply.code not in (None, 0):
            self._cautious, self._control = not self._cautious, None
            return self._lose("subscribe_refused", now, most=not self._cautious)
        return self._opened(now) if self.phase == "subscribing" else []

    def _pushed(self, push: Push | UnreadableFrame, talk: Conversation, now: Now) -> list[Action]:
        holes = talk.pushed(push, now)
        actions: list[Action] = [Tell(self._story.gap(self.meeting, push.action, hole, now.at)) for hole in holes]
        self._plan_heal(push, bool(holes), talk, now)
        if isinstance(push, Push) and getattr(push.payload, "state", None) == DESTROYED:
            actions += self._end("meeting_over", now, seen_all=True)
        return actions

    def _plan_heal(self, push: Push | UnreadableFrame, is_holed: bool, talk: Conversation, now: Now) -> None:
        if push.action is None:
            return
        if is_holed:
            self._holed.add(push.action)
        elif push.mode == "full" or talk.is_whole(push.action):
            self._holed.discard(push.action)
        if not self._holed:
            self._heal_s = None
        elif self._heal_s is None:
            self._heal_s = max(now.s, self._healed_s + HEAL_EVERY_S) + self._uniform() * HEAL_AFTER_S

    def _heal(self, now: Now) -> list[Action]:
        """Have the lists sent whole again: by another socket, as nobody knows what a second Subscribe does."""
        self._healed_s = now.s
        return self._lose("version_gap", now, delay_s=0.0)

    # Its end.

    def _lose(self, reason: Reason, now: Now, *, most: bool = False, delay_s: float | None = None) -> list[Action]:
        talk, was_open = self._talk, self.phase == "open"
        if not was_open or talk is None:
            return self._fail(reason, now, most=most)
        steady = talk.opened_s is not None and now.s - talk.opened_s >= STEADY_S
        if steady:
            self._delays = backoff(self._uniform)
        self._unplan()
        tell = Tell(self._story.lost(self.meeting, reason, talk.seen_until, now.at))
        if delay_s is None:
            delay_s = MOST_S * (1 + self._uniform()) / 2 if most else next(self._delays)
        return [HangUp(), tell, *self._rest(now, delay_s)]

    def _end(self, reason: Reason, now: Now, *, seen_all: bool = False) -> list[Action]:
        if self.phase == "over":
            return []
        actions: list[Action] = [HangUp()]
        seen_until = self._talk.seen_until if self.phase == "open" and self._talk is not None else None
        if reason == "stopping":
            # Whoever starts next goes on from there: the meeting is not over.
            if seen_until is not None:
                actions.append(Tell(self._story.lost(self.meeting, reason, seen_until, now.at)))
        elif self._story.is_begun or reason not in _SILENT:
            since = None if seen_all else seen_until
            actions.append(Tell(self._story.closed(self.meeting, reason, now.at, since=since)))
        self._unplan()
        self.phase, self._by_s = "over", None
        return [*actions, Over(reason)]

    def _unplan(self) -> None:
        self._talk = None
        self._holed.clear()
        self._heal_s = None
        self._renewal.idle()


_ASKED: Final[dict[Phase, Asked]] = {"detail": "detail", "control": "control", "ticket": "ticket"}


def _kind(error: CloudError | None) -> str:
    return error.outcome if error is not None else "unanswered"
