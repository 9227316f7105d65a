"""What one socket gives up while the disk has little room: who speaks and how well, which tell of a moment. Pure.

Each type's span is told when it begins, so that no end of the process hides it, and when it is over, with how much was
given up. Of a socket that is lost meanwhile the loss goes on where the span was.
"""

from datetime import datetime
from typing import Final

import msgspec

from ..frames import Push, UnreadableFrame

GIVEN_UP_FIRST: Final = frozenset({"SpeakerChangeNotify", "NetConditionNotify"})


class Span(msgspec.Struct, frozen=True, gc=False):
    """Pushes of one type that are given up."""

    push_type: str
    since: datetime
    """What was sent after it may be missing."""
    count: int | None
    """None: it begins, and nobody knows how many there will be."""


class Thrift:
    """One socket's."""

    __slots__ = ("_spans",)

    def __init__(self) -> None:
        self._spans: dict[str, tuple[datetime, int]] = {}

    def take(self, push: Push | UnreadableFrame, since: datetime, *, is_tight: bool) -> tuple[bool, list[Span]]:
        """Return whether to keep a push, and the spans that begin or end with it.

        `since`: all that was sent before has come. What nobody could read is kept: nobody knows what it is.
        """
        if not is_tight:
            return True, self.over() if self._spans else []
        if not isinstance(push, Push) or push.action not in GIVEN_UP_FIRST:
            return True, []
        began, count = self._spans.get(push.action, (since, 0))
        self._spans[push.action] = began, count + 1
        return False, [] if count else [Span(push.action, began, None)]

    def over(self) -> list[Span]:
        """Return the spans that were, and know of none any more."""
        spans, self._spans = self._spans, {}
        return [Span(push_type, began, count) for push_type, (began, count) in spans.items()]
