"""What is seen of a meeting and what was not, as its subscription's events tell it. Pure."""

from collections import deque
from datetime import datetime
from typing import Final

import msgspec

from schemas.api.meetings import Seeing, UnseenSpan
from schemas.events import SubscriptionChanged

_MOST: Final = 100


class Span(msgspec.Struct, frozen=True, gc=False):
    """A span in which not everything was seen; `until` None: it is not over."""

    since: datetime | None
    until: datetime | None
    reason: str | None


class Seen:
    """The state of one subscription, over its lives."""

    __slots__ = ("_lost", "opened_at", "over_at", "spans", "subscription")

    def __init__(self) -> None:
        self.subscription: Seeing = "none"
        self.opened_at: datetime | None = None
        self.over_at: datetime | None = None
        """When the subscription was closed since the meeting was over."""
        self.spans: deque[Span] = deque(maxlen=_MOST)
        self._lost: Span | None = None

    def take(self, event: SubscriptionChanged) -> None:
        """Count one change in."""
        match event.change:
            case "opened":
                self.subscription, self.opened_at = "open", event.occurred_at
                self._found(event)
            case "lost":
                self.subscription = "lost"
                self._lost = self._lost or Span(event.unseen_since or event.occurred_at, None, event.reason)
            case "gap":
                self.spans.append(Span(event.unseen_since or event.occurred_at, event.occurred_at, event.reason))
            case "closed":
                self._closed(event)
            case _:
                pass

    def _found(self, event: SubscriptionChanged) -> None:
        lost, self._lost = self._lost, None
        since = lost.since if lost is not None else event.unseen_since
        if since is not None:
            self.spans.append(Span(since, event.occurred_at, lost.reason if lost is not None else event.reason))

    def _closed(self, event: SubscriptionChanged) -> None:
        self.subscription = "none"
        if self._lost is not None:
            self.spans.append(Span(self._lost.since, event.occurred_at, self._lost.reason))
            self._lost = None
        if event.reason == "meeting_over":
            self.over_at = event.occurred_at

    def shown(self) -> list[UnseenSpan]:
        """Return the spans as the API shows them."""
        spans = [*self.spans, *([self._lost] if self._lost is not None else [])]
        return [UnseenSpan(since=one.since, until=one.until, reason=one.reason) for one in spans]
