"""What the service answers on a meeting's WebSocket, in its own words."""

from typing import Final

from ..base import Wire
from .pushed import Long, Text


class Head(Wire, frozen=True, kw_only=True):
    """What tells one frame from another."""

    action: str


class Renewed(Wire, frozen=True, kw_only=True):
    """The inner `data` of the answer to REFRESHTOKEN, as one client reads it."""

    token: str
    wsURL: str | None = None
    confTokenExpireTime: Long | None = None
    """Seconds to live, by the reference's text for the same name in its REST call."""


class AnswerContent(Wire, frozen=True, kw_only=True):
    """`data` of an answer."""

    returnCode: Long | None = None
    data: Renewed | None = None


class Answer(Wire, frozen=True, kw_only=True):
    """An answer to Subscribe, HeartBeat or ConfControl; `sequence` is the request's."""

    sequence: Text = None
    data: AnswerContent | None = None


ANSWERS: Final = frozenset({"Subscribe", "HeartBeat", "ConfControl"})
