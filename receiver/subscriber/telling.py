"""What is told of a subscription: opened, lost, gap, closed; with epochs that rise, and what was not seen. Pure."""

from datetime import datetime

from schemas.events import SubscriptionChanged
from schemas.events.state import SubscriptionChange
from schemas.ids import LogId

from ..normalise.enterprise import milliseconds
from .meeting import SINCE_EVER, Before, Meeting, Reason
from .sequence import Hole
from .thrift import Span


class Story:
    """The events of one subscription, in order: opened and lost take turns, closed is the last."""

    __slots__ = ("_floor", "_receiver", "_unseen_since", "epoch", "is_begun")

    def __init__(self, receiver: LogId, before: Before) -> None:
        self._receiver = receiver
        self._unseen_since: datetime | None = before.unseen_since or SINCE_EVER
        self._floor = before.floor
        self.epoch = before.epoch
        """The last one: what is told next is told under it, but for `opened`, which follows `connect`."""
        self.is_begun = before.epoch > 0
        """Something of the meeting was told, by us or by another before us."""

    @property
    def left(self) -> Before:
        """Return what a later story has to go on from."""
        return Before(self.epoch, self._unseen_since)

    def connect(self, now_ms: int) -> int:
        """Return the epoch of a new connection: it rises, also from owner to owner as far as their clocks agree."""
        self.epoch = max(self.epoch + 1, self._floor + 1, now_ms)
        return self.epoch

    def opened(self, meeting: Meeting, at: datetime) -> SubscriptionChanged:
        """Tell that pushes come, and since when none had."""
        self.is_begun = True
        since, self._unseen_since = self._unseen_since, None
        reason: Reason | None = "start_unknown" if since == SINCE_EVER else None
        return self._event(meeting, "opened", reason, at, unseen_since=since)

    def lost(self, meeting: Meeting, reason: Reason, since: datetime, at: datetime) -> SubscriptionChanged:
        """Tell that none come any more, and from when on what was sent may not have come."""
        self._unseen_since = since
        return self._event(meeting, "lost", reason, at, unseen_since=since)

    def missed(self, since: datetime) -> None:
        """Take it that what is unseen began earlier than was told."""
        if self._unseen_since is not None:
            self._unseen_since = min(self._unseen_since, since)

    def gap(self, meeting: Meeting, push_type: str | None, hole: Hole, at: datetime) -> SubscriptionChanged:
        """Tell that numbers of a type did not come."""
        return self._event(
            meeting,
            "gap",
            "version_gap",
            at,
            unseen_since=hole.since,
            push_type=push_type,
            first_missed=hole.first,
            last_missed=hole.last,
            missed=hole.last - hole.first + 1,
        )

    def given_up(self, meeting: Meeting, span: Span, at: datetime) -> SubscriptionChanged:
        """Tell that pushes of a type are given up from now on, or were until now."""
        return self._event(
            meeting,
            "gap",
            "disk_tight",
            at,
            unseen_since=span.since,
            push_type=span.push_type,
            missed=span.count,
        )

    def closed(
        self, meeting: Meeting, reason: Reason, at: datetime, *, since: datetime | None = None
    ) -> SubscriptionChanged:
        """Tell that nothing more comes, and since when nothing had come; `since`: of what was open until now."""
        if not self.is_begun:
            # Nothing was ever opened: its end has an epoch all the same.
            self.connect(milliseconds(at))
        self._unseen_since = since or self._unseen_since
        return self._event(meeting, "closed", reason, at, unseen_since=self._unseen_since)

    def _event(
        self,
        meeting: Meeting,
        change: SubscriptionChange,
        reason: Reason | None,
        at: datetime,
        *,
        unseen_since: datetime | None,
        push_type: str | None = None,
        first_missed: int | None = None,
        last_missed: int | None = None,
        missed: int | None = None,
    ) -> SubscriptionChanged:
        return SubscriptionChanged(
            enterprise=meeting.enterprise,
            meeting_id=meeting.meeting_id,
            meeting_uuid=meeting.meeting_uuid,
            occurred_at=at,
            change=change,
            reason=reason,
            epoch=self.epoch,
            receiver=self._receiver,
            unseen_since=unseen_since,
            push_type=push_type,
            first_missed=first_missed,
            last_missed=last_missed,
            missed=missed,
        )
