"""The dashboard as one thing to run: it reads, keeps the present, and serves.

Each replica reads everything for itself, without a group, and so shows everything. Nothing of it is on disk but the
users file, which they share.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from schemas.desk import AlertDesk, AlertOnDesk, DeskError
from schemas.desk_archive import ArchiveDesk
from schemas.events import AlertSilenced
from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.settings import Dashboard

from ..sources.clock import utc_now
from ..waiting import entered, unless
from .access.door import Door
from .following import Following, Opens
from .projection.whole import Whole
from .server.application import application, listening
from .server.house import House
from .server.page import files
from .stream.live import Live
from .stream.records import RecordStream

# Until the process that decides has read what was before its start.
_ASK_AGAIN_S: Final = 2.0


class Desks(msgspec.Struct, frozen=True, kw_only=True):
    """What belongs to other consumers, handed in by deploy; None where this installation has it not."""

    alerts: AlertDesk | None = None
    archive: ArchiveDesk | None = None


class Dashboarding:
    """A dashboard that serves. `run` has it read; where a source fails it raises, and may be run again."""

    def __init__(
        self, house: House, following: Following, opens: Opens, address: tuple[str, int], link: str | None
    ) -> None:
        self._house, self._following, self._opens = house, following, opens
        self.address = address
        self.link = link
        """The secret of the one-time link, where nobody can log in yet."""

    async def run(self, stop: asyncio.Event, begun: Callable[[], object] = lambda: None) -> None:
        """Read until `stop`; `begun` is called once the sources are open. Raises SourceUnavailable."""
        house = self._house
        lasting, passing = self._following.readings(timedelta(hours=house.settings.look_back_h))
        async with entered(self._opens(lasting), stop) as first, entered(self._opens(passing), stop) as second:
            if first is None or second is None:
                return
            begun()
            work = [
                asyncio.ensure_future(self._following.follow(0, first, stop)),
                asyncio.ensure_future(self._following.follow(1, second, stop)),
            ]
            try:
                await asyncio.gather(*work)
            finally:
                for one in work:
                    one.cancel()
                await asyncio.gather(*work, return_exceptions=True)

    async def ready(self) -> None:
        """Return once the present is whole."""
        await self._house.records.is_ready.wait()

    @property
    def is_ready(self) -> bool:
        """Whether the present is whole."""
        return self._house.records.is_ready.is_set()


@contextlib.asynccontextmanager
async def dashboarding(
    settings: Dashboard,
    opens: Opens,
    *,
    is_dense: bool,
    desks: Desks,
    meters: Meters,
    logger: Logger,
    now: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Dashboarding]:
    """Yield a dashboard that serves, and tells what changes. `is_dense`: as RecordStream has it.

    Raises RollUnreadable for the users file, OSError for a taken port or a certificate.
    """
    whole = Whole()
    live, records = Live(whole), RecordStream(is_dense=is_dense)
    door = Door(settings, logger=logger)
    house = House(
        settings=settings,
        door=door,
        whole=whole,
        records=records,
        live=live,
        desk=desks.alerts,
        archive=desks.archive,
        meters=meters,
        logger=logger,
        now=now,
        stopping=asyncio.Event(),
    )
    link = await door.open()
    following = Following(whole, records, live, meters=meters, logger=logger, now=now)
    made = application(house, await asyncio.to_thread(files))
    async with listening(made, house) as address:
        logger.info("listener.opened", address="{}:{}".format(*address), tls=settings.tls_certificate_file is not None)
        work = [asyncio.create_task(following.tell(house.stopping))]
        if desks.alerts is not None:
            work.append(asyncio.create_task(_ask_desk(whole, desks.alerts, house.stopping)))
        try:
            yield Dashboarding(house, following, opens, address, link)
        finally:
            house.stopping.set()
            await asyncio.gather(*work, return_exceptions=True)


async def _ask_desk(whole: Whole, desk: AlertDesk, stop: asyncio.Event) -> None:
    """Add once what the desk knows and the topic no longer tells; try until it is there."""
    while not stop.is_set():
        try:
            told = await unless(stop, _told(desk))
        except DeskError:
            await unless(stop, asyncio.sleep(_ASK_AGAIN_S))
        else:
            if told is not None:
                whole.alerts.begin_with(*told)
            return


async def _told(desk: AlertDesk) -> tuple[list[AlertOnDesk], list[AlertSilenced]]:
    return [*await desk.standing(), *await desk.past()], await desk.silences()
