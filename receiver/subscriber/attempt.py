"""The way to a socket: a turn, the meeting's detail, its control token, a token for one socket, the connect. Pure.

Where it cannot go on for good, what is returned ends with `Over`; the subscription tells of it.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final, Literal

from ..cloud.errors import CloudError, Forbidden, NotFound
from ..cloud.meetings import ControlToken, OnlineMeeting
from ..forward.backoff import backoff
from .delays import FIRST_S, MOST_S, REFUSALS, Asked, at_least_s, judge
from .meeting import (
    Action,
    AskControl,
    AskDetail,
    AskTicket,
    Fail,
    HangUp,
    LookAgain,
    Meeting,
    Now,
    Over,
    Reason,
    Terms,
    Turn,
)

Phase = Literal["resting", "turn", "detail", "control", "ticket", "connecting"]

# Longer than the REST client tries, retries included.
ANSWER_WITHIN_S: Final = 120.0
# The token for it lives for a minute ("Querying a WebSocket token").
CONNECT_WITHIN_S: Final = 30.0
_CONTROL_LEFT: Final = timedelta(seconds=60)


class Attempt:
    """One attempt after the other, with what is good for several: the meeting's detail, the control token."""

    __slots__ = (
        "_delays", "_refusals", "_terms", "_uniform", "_what", "by_s", "control", "meeting", "phase", "tries", "was_on",
    )  # fmt: skip

    def __init__(self, meeting: Meeting, terms: Terms, *, was_on: bool, uniform: Callable[[], float]) -> None:
        self.meeting = meeting
        self.phase: Phase = "resting"
        self.by_s: float | None = None
        """When `tick` has something to do."""
        self.control: ControlToken | None = None
        self.tries = 0
        """Those that failed, in a row."""
        self.was_on = was_on
        """The meeting was seen to be on."""
        self._terms = terms
        self._uniform = uniform
        self._refusals = 0
        self._delays = self._backoff()
        self._what: Literal["ask", "connect"] = "ask"

    def rest(self, now: Now, delay_s: float) -> list[Action]:
        """Begin anew after a delay."""
        self.phase, self.by_s = "resting", now.s + delay_s
        return self.tick(now)

    def tick(self, now: Now) -> list[Action]:
        """Take it that time went by."""
        if self.by_s is None or now.s < self.by_s:
            return []
        if self.phase == "resting":
            return self._ask_turn("ask")
        if self.phase == "turn":
            return self._after_turn(now)
        return self.fail("unanswered", now) if self.phase == "connecting" else self.failed(None, now)

    def turn(self, at_s: float, now: Now) -> list[Action]:
        """Take the answer to `Turn`."""
        if self.phase != "turn":
            return []
        self.by_s = at_s
        return self.tick(now)

    def detail(self, found: OnlineMeeting, now: Now) -> list[Action]:
        """Take the answer to `AskDetail`."""
        if self.phase != "detail":
            return []
        if found.meeting_id != self.meeting.meeting_id:
            return [Over("room", found.meeting_id)]
        self.meeting = self.meeting.described(found)
        if self._terms.is_skipped(self.meeting):
            return [Over("skipped")]
        return self._ask("control", AskControl(self.meeting.password), now)

    def token(self, token: ControlToken) -> list[Action]:
        """Take the answer to `AskControl`."""
        if self.phase != "control":
            return []
        self.control = token
        if token.current_meeting_id not in (None, "", self.meeting.meeting_id):
            return [Over("room", token.current_meeting_id)]
        return self._ask_turn("connect")

    def failed(self, error: CloudError | None, now: Now) -> list[Action]:
        """Take it that what was asked for was not had; None: no answer came."""
        asked = _ASKED.get(self.phase)
        if asked is None:
            return []
        self.tries += 1
        self._refusals += isinstance(error, REFUSALS)
        verdict = judge(error, asked, was_on=self.was_on, tries=self._refusals)
        if asked != "detail":
            self._forget(asked)
        said: list[Action] = [Fail(error.outcome if error is not None else "unanswered")]
        if verdict in ("over", "refused"):
            return [*said, Over(self._final(error))]
        if isinstance(error, NotFound) and self._refusals == 1 and not self.was_on:
            said.append(LookAgain())
        return [*said, *self.rest(now, max(self.delay_s(most=verdict == "later"), at_least_s(error)))]

    def fail(self, reason: str, now: Now, *, most: bool = False) -> list[Action]:
        """Take it that the socket could not be opened, or ended before it was of use."""
        self.tries += 1
        if self.tries > 1:
            # Its address may be another by now, or the token is what the socket is closed for.
            self.control = None
        return [HangUp(), Fail(reason), *self.rest(now, self.delay_s(most=most))]

    def opened(self) -> None:
        """Take it that the socket is of use."""
        self.tries = self._refusals = 0
        self.was_on = True

    def was_steady(self) -> None:
        """Take it that the socket was a good one: the next may be tried at once."""
        self._delays = self._backoff()

    def delay_s(self, *, most: bool = False) -> float:
        """Return how long to wait for the next attempt; `most`: as it will not help soon."""
        return MOST_S * (1 + self._uniform()) / 2 if most else next(self._delays)

    def _backoff(self) -> Iterator[float]:
        return backoff(first_s=FIRST_S, most_s=MOST_S, uniform=self._uniform)

    def _ask_turn(self, what: Literal["ask", "connect"]) -> list[Action]:
        self.phase, self.by_s, self._what = "turn", None, what
        return [Turn(what)]

    def _after_turn(self, now: Now) -> list[Action]:
        if self.control is not None and self.control.expires_at - now.at <= _CONTROL_LEFT:
            self.control = None
        if self.control is not None:
            if self._what == "ask":
                return self._ask_turn("connect")
            return self._ask("ticket", AskTicket(self.control), now)
        if not self.meeting.is_described:
            return self._ask("detail", AskDetail(), now)
        return self._ask("control", AskControl(self.meeting.password), now)

    def _ask(self, asked: Asked, action: Action, now: Now) -> list[Action]:
        self.phase, self.by_s = asked, now.s + ANSWER_WITHIN_S
        return [action]

    def _forget(self, asked: Asked) -> None:
        # A link token that is refused: the control token is no good. A control token: the password may be another.
        self.control = None
        if asked == "control":
            self.meeting = self.meeting.undescribed()

    def _final(self, error: CloudError | None) -> Reason:
        if isinstance(error, NotFound):
            return "meeting_over" if self.was_on else "not_found"
        return "forbidden" if isinstance(error, Forbidden) else "bad_request"


_ASKED: Final[dict[Phase, Asked]] = {"detail": "detail", "control": "control", "ticket": "ticket"}
