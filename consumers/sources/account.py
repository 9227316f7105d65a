"""Keep account of one Kafka partition: what comes next, what was committed, how far behind. Pure."""

from dataclasses import dataclass

from . import Lag


@dataclass
class Account:
    """Where a reader stands in one partition. Offsets are Kafka's."""

    next: int
    end: int
    committed: int | None
    since_ms: int
    """What is not read yet is hardly older than this."""

    def take(self, last: int, timestamp_ms: int) -> None:
        """Note that all up to offset `last` was handed out."""
        self.next = last + 1
        self.since_ms = timestamp_ms

    def done(self, held: int | None) -> int:
        """Return what may be committed where `held` is the first offset that is not done; never less than before."""
        return self.next if held is None else max(min(self.next, held), self.committed or 0)

    def look(self, highwater: int | None, now_ms: int) -> None:
        """Note how far the partition goes; None: not known anew."""
        self.end = max(self.end, highwater or 0)
        if self.next >= self.end:
            self.since_ms = now_ms

    def lag(self, now_ms: int) -> Lag:
        """Say how far behind the reader is in this partition."""
        records = max(0, self.end - self.next)
        return Lag(records, max(0, now_ms - self.since_ms) / 1_000 if records else 0.0)
