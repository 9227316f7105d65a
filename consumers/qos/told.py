"""Know what was decided and is on the topic of alerts, and what is not there yet. Pure.

Whoever runs the engine decides alike, and each decision has an ID that follows from it. So whoever does not lead keeps
what it decided until it sees it on the topic; when it comes to lead, it publishes what is still there.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from schemas.events import AlertChanged
from schemas.record import Record

# What is decided once more after a restart is no older than the last snapshot, which was minutes old by then.
REMEMBERED_MS: Final = 3 * 3_600_000
# Whoever leads is never so far behind: it decided otherwise, since a record came too late for one of the two.
DIVERGED_MS: Final = 600_000


class Told(msgspec.Struct):
    """Part of the snapshot."""

    published: dict[str, int] = {}
    """By the decision's ID, when it was decided, in milliseconds; those of the last hours."""
    pending: dict[str, Record] = {}
    """Decided here, and not seen on the topic; in the order of decision."""
    standing: dict[str, AlertChanged] = {}
    """By the alert's ID, the newest that the topic says of an alert that is not over."""
    over: dict[str, int] = {}
    """By the alert's ID, when it was over last, in milliseconds; those of the last hours."""
    newest_ms: int = 0
    """When the newest decision on the topic was taken."""
    diverged: int = 0
    """Decisions given up, since whoever led decided otherwise."""

    def decided(self, record: Record) -> None:
        """Take a decision of our own."""
        if record.id not in self.published:
            self.pending[record.id] = record

    def read(self, record: Record, event: AlertChanged) -> None:
        """Take what is on the topic now, published by whomever; once."""
        if record.id in self.published:
            return
        self.published[record.id] = record.received_ms
        self.pending.pop(record.id, None)
        self.newest_ms = max(self.newest_ms, record.received_ms)
        before = self.standing.get(event.alert_id)
        # A rule that tells at once can bring a newer one before an older one. And whoever starts reads one partition
        # after another: what is about one meeting and then about several lies in two.
        if before is not None and before.occurred_at > event.occurred_at:
            return
        if self.over.get(event.alert_id, 0) > record.received_ms:
            return
        if event.change == "resolved":
            self.standing.pop(event.alert_id, None)
            self.over[event.alert_id] = record.received_ms
        else:
            self.standing[event.alert_id] = event

    def sweep(self, decided_ms: int) -> None:
        """Forget what is so old that it cannot be decided again, and what another has decided otherwise.

        All up to `decided_ms` is decided here: whoever is hours behind has yet to decide what the topic has long had.
        """
        before_ms = min(self.newest_ms, decided_ms) - REMEMBERED_MS
        self.published = {one: at_ms for one, at_ms in self.published.items() if at_ms >= before_ms}
        self.over = {one: at_ms for one, at_ms in self.over.items() if at_ms >= before_ms}
        given_up = [one.id for one in self.pending.values() if one.received_ms < self.newest_ms - DIVERGED_MS]
        self.diverged += len(given_up)
        for one in given_up:
            del self.pending[one]

    def unknown_to(self, standing: Iterable[str]) -> Iterator[AlertChanged]:
        """Yield what stands on the topic and not among `standing`; what no engine decides is left out."""
        kept = set(standing)
        for alert_id, event in sorted(self.standing.items()):
            if alert_id not in kept and event.level != "pipeline":
                yield event
