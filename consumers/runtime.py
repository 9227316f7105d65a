"""Run a consumer: fetch a batch, decode, hand it over, set aside what cannot be taken, commit.

A batch is committed when its handler has it durably and its dead letters are published, never before; so whatever
ends a consumer, what was not done comes again. One batch is in hand at a time.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Final

from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.record import Stored

from .dead_letters import DeadLetters
from .decoding import decoded
from .errors import InvalidRecord
from .handler import Handler, Received
from .letter import Dead
from .sources import NOTHING_HELD, Batch, Held, Lag, Source
from .waiting import unless

# Large enough that a handler's fsync is shared by many, small enough that a batch is soon done.
BATCH: Final = 500
WAIT_S: Final = 1.0
# Kubernetes and systemd give 30 s and 90 s.
DRAIN_S: Final = 20.0
LOOK_EVERY_S: Final = 5.0

Decoding = Callable[[Iterable[Stored]], tuple[list[Received], list[Dead]]]
"""Makes events of records: `decoded`, or `undecoded` for a handler that keeps records as they are."""


class Consumer:
    """A source, a handler and dead letters, put together. It closes the handler; the source is its opener's."""

    def __init__(
        self,
        name: str,
        source: Source,
        handler: Handler,
        dead_letters: DeadLetters,
        *,
        meters: Meters,
        logger: Logger,
        drain_s: float = DRAIN_S,
        batch: int = BATCH,
        decoding: Decoding = decoded,
        held: Callable[[], Held] = lambda: NOTHING_HELD,
        looked: Callable[[Lag], None] = lambda _: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`held` says after each batch what the handler has and has not done with; `looked` hears of the lag."""
        self._name, self._source, self._handler, self._dead_letters = name, source, handler, dead_letters
        self._logger, self._drain_s, self._monotonic = logger, drain_s, monotonic
        self._batch, self._decoding, self._held, self._looked = batch, decoding, held, looked
        self._records = meters.counter("meetwire_consumer_records_total", consumer=name)
        self._skipped = meters.counter("meetwire_consumer_skipped_total", consumer=name)
        self._seconds = meters.histogram("meetwire_consumer_handler_seconds", consumer=name)
        self._lag = meters.gauge("meetwire_consumer_lag_records", consumer=name)
        self._oldest = meters.gauge("meetwire_consumer_oldest_unread_seconds", consumer=name)
        self._unknown: set[str] = set()
        self._looked_at: float | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop`; then finish the batch in hand, within `drain_s`, and close the handler.

        Raises what ended it before: SourceUnavailable, SinkUnavailable, TooManyDeadLetters, or a handler's own error.
        """
        self._logger.info("consumer.started", consumer=self._name)
        drained = True
        try:
            drained = await self._drain(stop)
        except Exception as error:
            # No traceback: whoever catches the error decides what of its text may be logged.
            self._logger.error("consumer.stopped", consumer=self._name, reason=type(error).__name__)  # noqa: TRY400
            raise
        finally:
            await self._handler.close()
        self._logger.info("consumer.stopped", consumer=self._name, drained=drained)

    async def _drain(self, stop: asyncio.Event) -> bool:
        """Consume; return whether the last batch was finished in time."""
        work, stopping = asyncio.ensure_future(self._consume(stop)), asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait((work, stopping), return_when=asyncio.FIRST_COMPLETED)
            done, _ = await asyncio.wait((work,), timeout=self._drain_s)
            for ended in done:
                ended.result()
            return bool(done)
        finally:
            work.cancel()
            stopping.cancel()
            await asyncio.gather(work, stopping, return_exceptions=True)

    async def _consume(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            batch = await unless(stop, self._source.fetch(self._batch, WAIT_S))
            if batch is None:
                return
            await self._take(batch)
            # After an empty batch too: it passes over what the topics left out.
            await self._source.commit(self._held())
            await self._look()

    async def _take(self, batch: Batch) -> None:
        received, dead = self._decoding(batch.records)
        dead += [Dead(foreign, "undecodable", foreign.header) for foreign in batch.foreign]
        dead += await self._handle(self._wanted(received))
        await self._dead_letters.set_aside(dead, of=len(batch.records) + len(batch.foreign))

    def _wanted(self, received: list[Received]) -> list[Received]:
        """Return what the handler takes, and say what is skipped."""
        if self._handler.takes_unknown:
            return received
        for one in received:
            if one.event is None:
                self._skip(one.stored.record.type)
        return [one for one in received if one.event is not None]

    def _skip(self, kind: str) -> None:
        self._skipped.inc()
        if kind not in self._unknown:
            self._unknown.add(kind)
            hint = "this version does not know the type; update the consumer"
            self._logger.warning("record.skipped", consumer=self._name, type=kind, hint=hint)

    async def _handle(self, batch: list[Received]) -> list[Dead]:
        """Return what the handler refused; it has all the rest."""
        refused: list[Dead] = []
        while batch:
            started = self._monotonic()
            try:
                await self._handler.handle(batch)
            except InvalidRecord as error:
                rest = [one for one in batch if one.stored is not error.stored]
                if len(rest) == len(batch):
                    # Not one of these: that is no record's fault.
                    raise
                refused.append(Dead(error.stored, "handler_refused", "$"))
                batch = rest
            else:
                self._seconds.observe(self._monotonic() - started)
                self._records.inc(len(batch))
                break
        return refused

    async def _look(self) -> None:
        now = self._monotonic()
        if self._looked_at is None or now - self._looked_at >= LOOK_EVERY_S:
            lag = await self._source.lag()
            self._lag.set(lag.records)
            self._oldest.set(lag.oldest_s)
            self._looked_at = now
            self._looked(lag)
