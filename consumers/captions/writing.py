"""Make lines of evidence of the records of a batch: left out, open, or sealed, as settings and policy say."""

from collections.abc import Iterable, Sequence

from schemas.record import Stored

from .evidence.line import Salt, encoded, left
from .evidence.piece import Entry
from .life.covers import Place
from .life.sealing import Sealing
from .policy import ALWAYS, Policy


class Writing:
    """What turns a record into a line. The same record gives the same line."""

    def __init__(self, policy: Policy, salt: Salt, seals: Sealing | None) -> None:
        self._policy, self._salt, self._seals = policy, salt, seals
        # A few meetings, over and over.
        self._left: dict[tuple[str, str], bool] = {}

    async def ready(self, batch: Iterable[Stored]) -> None:
        """Have at hand what `entries` needs for this batch. Raises StoreUnavailable."""
        if self._seals is None:
            return
        hours: dict[tuple[str, str], set[int]] = {}
        for one in batch:
            if one.record.enterprise:
                hour = one.record.received_ms // 3_600_000
                hours.setdefault((one.record.enterprise, one.record.key), set()).add(hour)
        for (enterprise, meeting), mine in hours.items():
            await self._seals.ready(enterprise, meeting, mine)

    def entries(self, batch: Sequence[Stored]) -> list[Entry]:
        """Return a line for each record, in order."""
        return [self._entry(one) for one in batch]

    def _entry(self, one: Stored) -> Entry:
        record, offset = one.record, one.offset
        return Entry(record.topic, record.partition, offset, record.received_ms, self._line(one, offset))

    def _line(self, one: Stored, offset: int) -> bytes:
        record = one.record
        if record.type not in ALWAYS and self._is_left(record.enterprise, record.key):
            return left(record, offset)
        line = encoded(one, offset, self._salt(record.topic, record.partition, offset))
        if self._seals is None or not record.enterprise:
            # A receiver's sign of life is no meeting's.
            return line
        place = Place(record.topic, record.partition, offset, record.received_ms)
        return self._seals.seal(line, place, record.enterprise, record.key)

    def _is_left(self, enterprise: str, meeting: str) -> bool:
        key = (enterprise, meeting)
        found = self._left.get(key)
        if found is None:
            if len(self._left) > 10_000:
                self._left.clear()
            found = self._left[key] = self._policy.is_left(enterprise, meeting)
        return found
