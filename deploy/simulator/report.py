"""Say what came of a simulation: one line while it runs, a table at its end. No I/O."""

from collections.abc import Mapping

import msgspec

from .ledger import Fate, Ledger


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a simulation up to now."""

    seconds: float
    answers: Mapping[str, Mapping[str, int]]
    """Tries by kind of delivery and by answer."""
    fates: Mapping[Fate, int]
    """Deliveries by their end."""
    retries: int
    surprises: Mapping[str, int]
    """Answers that were not right for what was sent, in words."""
    p50_ms: float
    p99_ms: float

    @property
    def tries(self) -> int:
        """Requests sent."""
        return sum(sum(counts.values()) for counts in self.answers.values())

    def line(self) -> str:
        """Return the one line of progress."""
        rate = self.tries / self.seconds if self.seconds else 0.0
        fates = ", ".join(f"{count:,} {fate}" for fate, count in self.fates.items()) or "none ended"
        return f"{self.seconds:6.0f} s  {self.tries:,} sent ({rate:,.0f}/s), {self.retries:,} retries  {fates}"

    def table(self) -> str:
        """Return the closing table: a row for each kind, a column for each answer."""
        columns = sorted({answer for counts in self.answers.values() for answer in counts})
        width = max([len(column) for column in columns] + [9])
        head = f"{'sent':<12}" + "".join(f"{column:>{width + 2}}" for column in columns)
        rows = [
            f"{kind:<12}" + "".join(f"{counts.get(column, 0):>{width + 2},}" for column in columns)
            for kind, counts in self.answers.items()
        ]
        return "\n".join([head, *rows, "", self.line(), self._times(), *self._surprised()])

    def _times(self) -> str:
        return f"answers: half within {self.p50_ms:.1f} ms, 99 % within {self.p99_ms:.1f} ms"

    def _surprised(self) -> list[str]:
        return [f"wrong answer, {count:,} times: {what}" for what, count in sorted(self.surprises.items())]


def report_of(ledger: Ledger, seconds: float) -> Report:
    """Return the figures as they stand."""
    return Report(
        seconds=seconds,
        answers={str(kind): dict(counts) for kind, counts in sorted(ledger.answers.items())},
        fates=dict(ledger.fates),
        retries=ledger.retries,
        surprises=dict(ledger.surprises),
        p50_ms=ledger.latencies.percentile_ms(50),
        p99_ms=ledger.latencies.percentile_ms(99),
    )
