"""Alerts, and what people do about them. Whatever is done goes to the alerts' desk, and comes back as an event."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

import msgspec
from aiohttp import web

from schemas.api.alerts import Acknowledge, Alert, Alerts, Silences
from schemas.desk import DeskError, DeskUnavailable, NotWanted, SilenceWanted
from schemas.desk import NotThere as NotOnDesk
from schemas.topics import ALERTS, TopicName

from ..errors import DashboardError, NotNow, NotThere, Refused, Unwanted
from ..projection.alerts import silence_shown
from ..projection.whole import Whole
from .house import House, answer, body, grant, need_desk, need_topics, nothing

_ALERTS: Final[frozenset[TopicName]] = frozenset({ALERTS})
# Somebody waits before a button for it.
_DESK_S: Final = 15.0


class Alerting:
    """The handlers."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def alerts(self, request: web.Request) -> web.StreamResponse:
        """GET /api/v1/alerts."""
        whole = self._house.whole
        need_topics(grant(request), _ALERTS)
        found = whole.alerts.shown(grant(request).enterprises, self._house.now())
        return await answer(
            request,
            Alerts(
                standing=[placed(one, whole) for one in found.standing], past=[placed(one, whole) for one in found.past]
            ),
        )

    async def acknowledge(self, request: web.Request) -> web.StreamResponse:
        """POST /api/v1/alerts/{id}/acknowledge."""
        house, asks = self._house, grant(request)
        self._refuse_onlookers(request)
        asked, alert = await body(request, Acknowledge), request.match_info["id"]
        desk = need_desk(house)
        if not house.whole.alerts.has(alert, asks.enterprises):
            raise NotThere("no such alert stands")
        async with _at_desk():
            house.whole.alerts.acknowledged(await desk.acknowledge(alert, asks.who, asked.note))
        house.logger.info("alert.acknowledged", who=asks.who, alert=alert)
        return nothing()

    async def silences(self, request: web.Request) -> web.StreamResponse:
        """GET /api/v1/silences."""
        self._refuse_partial(request)
        return await answer(request, Silences(silences=self._house.whole.alerts.silences(self._house.now())))

    async def silence(self, request: web.Request) -> web.StreamResponse:
        """POST /api/v1/silences."""
        house, asks = self._house, grant(request)
        self._refuse_onlookers(request)
        self._refuse_partial(request)
        wanted = await body(request, SilenceWanted)
        desk = need_desk(house)
        async with _at_desk():
            made = await desk.silence(wanted, asks.who)
        house.whole.alerts.silenced(made)
        house.logger.info("silence.begun", who=asks.who, silence=made.silence_id, until=made.ends_at.isoformat())
        return await answer(request, silence_shown(made), status=201)

    async def end_silence(self, request: web.Request) -> web.StreamResponse:
        """DELETE /api/v1/silences/{id}."""
        house, asks = self._house, grant(request)
        self._refuse_onlookers(request)
        self._refuse_partial(request)
        desk, silence = need_desk(house), request.match_info["id"]
        async with _at_desk():
            house.whole.alerts.silenced(await desk.end_silence(silence, asks.who))
        house.logger.info("silence.ended", who=asks.who, silence=silence)
        return nothing()

    def _refuse_onlookers(self, request: web.Request) -> None:
        need_topics(grant(request), _ALERTS)
        if not grant(request).may("alerts"):
            raise Refused("alerts are acknowledged and silenced by operators and administrators")

    def _refuse_partial(self, request: web.Request) -> None:
        """Silences match across enterprises: they are for who sees all of these."""
        need_topics(grant(request), _ALERTS)
        if grant(request).enterprises is not None:
            raise Refused("silences are for those who see every enterprise")


def placed(alert: Alert, whole: Whole) -> Alert:
    """Return the alert with the occurrence that it is about, where that is shown now."""
    if alert.meeting_id is None:
        return alert
    meeting = whole.id_of((alert.enterprise, alert.meeting_id))
    return alert if meeting is None else msgspec.structs.replace(alert, meeting=meeting)


@contextlib.asynccontextmanager
async def _at_desk() -> AsyncIterator[None]:
    """Say what the desk's errors mean here, and that it does not answer."""
    try:
        async with asyncio.timeout(_DESK_S):
            yield
    except TimeoutError:
        raise NotNow("the alerts' desk did not answer in time; look whether it was done", retry_after_s=5) from None
    except DeskError as error:
        raise _meant(error) from None


def _meant(error: DeskError) -> DashboardError:
    match error:
        case NotOnDesk():
            return NotThere("no such alert stands, no such silence holds")
        case NotWanted():
            return Unwanted(str(error))
        case DeskUnavailable():
            return NotNow(str(error), retry_after_s=5)
        case _:
            return NotNow("the alerts' desk does not know this dashboard: look at [qos] tokens")
