"""Bring decisions to the outbox and to the topic, in order, while this process leads; and try again where it fails."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final, Protocol

from schemas.events import AlertChanged
from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.ports import Sink
from schemas.record import Record

from .deciding import Deciding

# All of them are acknowledged before the next go.
AT_ONCE: Final = 200
TRY_AGAIN_S: Final = 1.0


class Telling(Protocol):
    """Who tells people: the outbox and its channels."""

    async def add(self, records: Sequence[Record]) -> None:
        """Return once decisions are in the outbox, durably; one that is there already makes no difference. OSError."""
        ...

    async def take(self, records: Sequence[Record]) -> None:
        """Take records of the topic of alerts, whoever wrote them. Some come again after a restart. Raises OSError."""
        ...

    def lead(self, leading: bool) -> None:
        """Send, or do not."""
        ...

    def doubt(self, doubtful: bool) -> None:
        """Begin nothing anew that another may have ended, while nothing is heard of the topics; or go on as ever."""
        ...

    def standing(self) -> Sequence[AlertChanged]:
        """Return what stands as far as they were told."""
        ...

    def sound(self) -> None:
        """Raise what ended the telling, OSError, where something did: from then on nobody is told of anything."""
        ...


class Publishing:
    """Publishes what is pending."""

    def __init__(self, deciding: Deciding, sink: Sink, telling: Telling, meters: Meters, logger: Logger) -> None:
        self._deciding, self._sink, self._telling, self._logger = deciding, sink, telling, logger
        self._published = meters.counter("meetwire_qos_published_total")
        self._failures = meters.counter("meetwire_qos_publish_failures_total")
        self._outboxed: set[str] = set()
        self._not_before_s, self._failed = 0.0, False

    async def publish(self, now_s: float) -> None:
        """Publish all that is pending; what fails stays so. `now_s` is a monotonic time.

        Raises OSError where the outbox takes nothing: a file that failed once has to be opened anew.
        """
        # All of them first, whatever the topic does: people are told from there.
        await self._add(self._deciding.told.pending)
        while self._deciding.told.pending and now_s >= self._not_before_s:
            some = list(islice(self._deciding.told.pending.values(), AT_ONCE))
            try:
                await self._sink.publish(some)
            except OSError as error:
                self._fail(error, now_s)
                return
            self._succeed(some)

    async def _add(self, pending: Mapping[str, Record]) -> None:
        # Some were published by another meanwhile.
        self._outboxed &= pending.keys()
        fresh = [record for one, record in pending.items() if one not in self._outboxed]
        for first in range(0, len(fresh), AT_ONCE):
            some = fresh[first : first + AT_ONCE]
            await self._telling.add(some)
            self._outboxed.update(record.id for record in some)

    def _succeed(self, records: Sequence[Record]) -> None:
        self._deciding.published(records)
        self._published.inc(len(records))
        if self._failed:
            self._failed = False
            self._logger.info("alerts.published", records=len(records))

    def _fail(self, error: OSError, now_s: float) -> None:
        self._not_before_s = now_s + TRY_AGAIN_S
        self._failures.inc()
        if not self._failed:
            self._failed = True
            self._logger.error("alerts.unpublished", reason=str(error), records=len(self._deciding.told.pending))
