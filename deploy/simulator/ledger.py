"""What was sent and what was answered: what a test holds against the topics afterwards. No I/O.

A 200 is a promise of the receiver's. The ledger keeps, in the order of the answers, what each 200 was for; and counts
answers that were not right for what was sent.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Final, Literal

import msgspec

from .connection import Answer
from .faults import Delivery, Kind
from .latency import Latencies

Fate = Literal["accepted", "refused", "dropped", "unfinished"]
"""accepted: answered 200 · refused: answered otherwise, and not the service's to repeat · dropped: not accepted in
all of the schedule's tries · unfinished: the sender was stopped first."""

# Answers that promise nothing and ask for another try; right for whatever was sent (RFC 9110 and RFC 6585).
_LATER: Final = frozenset({"429", "503"})


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """The end of one delivery."""

    delivery: Delivery
    answers: tuple[str, ...]
    """One for each try."""
    fate: Fate
    at: datetime
    """By the sender's clock."""


class Ledger:
    """Entries in the order in which deliveries ended; counts alone where nobody `keeps` the entries."""

    def __init__(self, *, keep: bool = True) -> None:
        self._keep = keep
        self.entries: list[Entry] = []
        self.answers: defaultdict[Kind, Counter[str]] = defaultdict(Counter)
        self.fates: Counter[Fate] = Counter()
        self.surprises: Counter[str] = Counter()
        self.retries = 0
        self.latencies = Latencies()

    def accepted(self) -> Iterator[Delivery]:
        """Yield what was answered 200, in the order of the answers."""
        return (entry.delivery for entry in self.entries if entry.fate == "accepted")

    def answered(self, delivery: Delivery, answer: Answer, *, retry: bool) -> None:
        """Count one try."""
        self.answers[delivery.kind][answer.text] += 1
        self.retries += retry
        if not answer.came:
            return
        self.latencies.add(answer.seconds)
        if surprise := _surprise(delivery, answer):
            self.surprises[surprise] += 1

    def ended(self, entry: Entry) -> None:
        """Count, and keep, the end of a delivery."""
        self.fates[entry.fate] += 1
        if self._keep:
            self.entries.append(entry)


def _surprise(delivery: Delivery, answer: Answer) -> str | None:
    """Return in words what is wrong about an answer."""
    what = f"{delivery.kind} ({delivery.what})" if delivery.what else str(delivery.kind)
    if answer.text == str(delivery.kind.answer):
        # Enterprise push reference: an event is answered 200 without a body.
        return f"{what}: a body with the {answer.text}" if answer.body else None
    return None if answer.text in _LATER else f"{what}: {answer.text} instead of {delivery.kind.answer}"
