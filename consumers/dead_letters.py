"""Set aside what a consumer cannot take: publish it, count it, log it, and stop where it is too much."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import get_args

from schemas.events.unrecognised import DeadLetterReason
from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.ports import Sink
from schemas.record import Stored
from schemas.topics import UNRECOGNISED

from .errors import SinkUnavailable, TooManyDeadLetters
from .letter import Dead, letter
from .limit import Limit, Tally
from .sources.clock import utc_now


class DeadLetters:
    """The dead letters of one consumer."""

    def __init__(
        self,
        consumer: str,
        sink: Sink,
        *,
        meters: Meters,
        logger: Logger,
        limit: Limit | None = None,
        now: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._consumer, self._sink, self._meters, self._logger = consumer, sink, meters, logger
        self._now, self._monotonic = now, monotonic
        self._tally = Tally(limit or Limit())
        for reason in get_args(DeadLetterReason):
            # Prometheus sees no increase from nothing to 1, and this is alarmed on.
            meters.counter("meetwire_consumer_dead_letters_total", consumer=consumer, reason=reason)

    async def set_aside(self, dead: Sequence[Dead], *, of: int) -> None:
        """Return once the `dead` among `of` records are published.

        Raises TooManyDeadLetters, with none of them published, or SinkUnavailable.
        """
        self.count(dead, of=of)
        await self.publish(dead)

    def count(self, dead: Sequence[Dead], *, of: int) -> None:
        """Count the `dead` among `of` records. Raises TooManyDeadLetters."""
        within = self._tally.add(self._monotonic(), of, len(dead))
        if dead and not within:
            raise TooManyDeadLetters(
                f"{self._tally.dead} of the last {self._tally.records} records cannot be taken, "
                f"the last at {_where(dead[-1])}: the fault is likely this version's"
            )

    async def publish(self, dead: Sequence[Dead]) -> None:
        """Return once all are published; each has the same ID whenever that is. Raises SinkUnavailable."""
        # A dead letter's own dead letter would be read by the same consumer, and so on without end.
        fit = [one for one in dead if _topic(one) != UNRECOGNISED]
        try:
            if fit:
                await self._sink.publish([letter(self._consumer, one, self._now()) for one in fit])
        except OSError as error:
            raise SinkUnavailable(f"dead letters cannot be published: {error}") from error
        for one in dead:
            self._say(one)

    def _say(self, dead: Dead) -> None:
        self._meters.counter("meetwire_consumer_dead_letters_total", consumer=self._consumer, reason=dead.reason).inc()
        self._logger.warning(
            "record.dead_lettered",
            consumer=self._consumer,
            reason=dead.reason,
            record=_where(dead),
            place=dead.place,
        )


def _topic(dead: Dead) -> str:
    return dead.what.record.topic if isinstance(dead.what, Stored) else dead.what.topic


def _where(dead: Dead) -> str:
    what = dead.what
    if isinstance(what, Stored):
        return f"{what.record.topic}/{what.record.partition} position {what.position} of {what.log}"
    return f"{what.topic}/{what.partition} offset {what.offset}"
