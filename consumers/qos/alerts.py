"""Put together what happens to decisions: the outbox, a worker for each channel, the desk, and its listener.

The process that decides hands its decisions to `add` and every record of meeting.alerts.v1 to `take`; both are durable
and idempotent by the record's ID. Whoever leads is told so by `lead`, once it has read the topic to its end.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from schemas.events import AlertChanged
from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.ports import Sink
from schemas.record import Record
from schemas.settings import Qos

from .desk.desk import Desk
from .desk.pages import opened as pages_opened
from .desk.remarks import remark
from .notify.letter import Channel
from .notify.making import channel_of
from .outbox.outbox import Now, Outbox, utc_now
from .outbox.pauses import Delays, pauses
from .outbox.store import StoreUnavailable
from .outbox.worker import Worker

_MOST_AT_ONCE: Final = 200
_PAUSE_S: Final = 5.0


class Alerts:
    """What the deciding process needs of all that. `address` is the listener's, where there is one."""

    def __init__(self, outbox: Outbox, desk: Desk) -> None:
        self.desk = desk
        self.address: tuple[str, int] | None = None
        self._outbox = outbox

    async def add(self, records: Sequence[Record]) -> None:
        """Have these decisions told; durable when it returns. Raises StoreUnavailable, an OSError."""
        await self._outbox.take(records)

    async def take(self, records: Sequence[Record]) -> None:
        """Fold what was read from meeting.alerts.v1, in order. Raises StoreUnavailable, an OSError."""
        await self._outbox.take(records)

    def lead(self, leading: bool) -> None:
        """Begin to send, or leave it to another."""
        self._outbox.lead(leading)

    def doubt(self, doubtful: bool) -> None:
        """Tell again only of what stands at the other side still, while this is not sure to lead."""
        self._outbox.doubtful = doubtful

    def sound(self) -> None:
        """Raise StoreUnavailable, an OSError, where the outbox's file failed: its workers have ended then."""
        self._outbox.sound()

    def standing(self) -> Sequence[AlertChanged]:
        """Return what stands by all that was added and taken."""
        return [entry.alert for entry in self._outbox.book.alerts.values() if not entry.over]


@contextlib.asynccontextmanager
async def alerting(
    settings: Qos,
    sink: Sink,
    *,
    partitions: int,
    meters: Meters,
    logger: Logger,
    now: Now = utc_now,
    delays: Delays = pauses,
) -> AsyncIterator[Alerts]:
    """Yield it; nothing is sent before `lead(True)`.

    Raises StoreUnavailable, and OSError for a taken port or a `ca_file` that cannot be used.
    """
    async with contextlib.AsyncExitStack() as stack:
        outbox = await stack.enter_async_context(Outbox.opened(Path(settings.state_folder), settings.notify, now=now))
        channels: dict[str, Channel] = {}
        for one in settings.notify:
            channels[one.name] = await stack.enter_async_context(channel_of(one, now=now, logger=logger))
        alerts = Alerts(outbox, Desk(outbox, sink, channels, partitions=partitions, now=now))
        if settings.listen is not None:
            listening = pages_opened(alerts.desk, settings.listen, settings.tokens)
            alerts.address = await stack.enter_async_context(listening)
        work: list[Callable[[], Awaitable[None]]] = [
            Worker(one, channels[one.name], outbox, meters=meters, logger=logger, delays=delays).run
            for one in settings.notify
        ]
        work.append(lambda: _announce(outbox, sink, partitions))
        tasks = [asyncio.create_task(_kept_up(one, logger)) for one in work]
        try:
            yield alerts
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _kept_up(work: Callable[[], Awaitable[None]], said: Logger) -> None:
    """Go on after a fault of ours; without the file there is nothing to go on with, and `sound` says so."""
    while True:
        try:
            await work()
        except StoreUnavailable as error:
            said.error("service.failed", kind=type(error).__name__, where="outbox")
            return
        except Exception as error:
            said.error("service.failed", kind=type(error).__name__, where="notify")
            await asyncio.sleep(_PAUSE_S)


async def _announce(outbox: Outbox, sink: Sink, partitions: int) -> None:
    """Say on the topic what channels were told."""
    news, delays = outbox.listen(), pauses(most_s=10.0)
    while True:
        news.clear()
        waiting = list(islice(outbox.announcements.values(), _MOST_AT_ONCE))
        if not waiting:
            await news.wait()
            continue
        try:
            await sink.publish(
                [
                    remark(one.event, key=one.key, event_id=one.id, enterprise=one.enterprise, partitions=partitions)
                    for one in waiting
                ]
            )
        except OSError:
            await asyncio.sleep(next(delays))
        else:
            delays = pauses(most_s=10.0)
            await outbox.announced(one.id for one in waiting)
