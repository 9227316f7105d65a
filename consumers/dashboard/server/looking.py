"""The present: all meetings, and one of them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

import msgspec
from aiohttp import web

from schemas.api.meetings import MeetingRow, Meetings
from schemas.api.queries import MeetingsQuery

from ..access.grants import PRESENT
from ..errors import BadArguments, NotThere
from ..projection.whole import Enterprises
from .house import House, answer, encoded, grant, need_topics, query

_encode: Final = msgspec.json.Encoder().encode
_BEFORE_ALL: Final = datetime.min.replace(tzinfo=UTC)


class Looking:
    """The handlers."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def meetings(self, request: web.Request) -> web.StreamResponse:
        """GET /api/v1/meetings."""
        wanted, asks = query(request, MeetingsQuery), grant(request)
        need_topics(asks, PRESENT)
        return await encoded(request, _encode(self._meetings(wanted, asks.enterprises)))

    async def meeting(self, request: web.Request) -> web.StreamResponse:
        """GET /api/v1/meetings/{id}."""
        if request.query:
            raise BadArguments("there are no arguments here")
        asks, house = grant(request), self._house
        need_topics(asks, PRESENT)
        detail = house.whole.detail(request.match_info["id"], asks.enterprises, captions=asks.hears, history=True)
        if detail is None:
            raise NotThere("no such meeting is on")
        if detail.captions is not None:
            house.logger.info("words.read", who=asks.who, how="meeting", meeting=detail.row.id)
        return await answer(request, detail)

    def _meetings(self, wanted: MeetingsQuery, enterprises: Enterprises) -> Meetings:
        house = self._house
        rows = house.whole.rows(enterprises)
        return Meetings(
            cursor=house.records.cursor,
            at=house.now(),
            behind_s=house.live.behind_s,
            overview=house.whole.overview(enterprises),
            meetings=ordered(fitting(rows, wanted), wanted.order),
        )


def fitting(rows: Iterable[MeetingRow], wanted: MeetingsQuery) -> list[MeetingRow]:
    """Return the rows that fit all of what is wanted. Pure."""
    part = (wanted.query or "").casefold()
    return [
        row
        for row in rows
        if (wanted.enterprise is None or row.enterprise == wanted.enterprise)
        and (wanted.state is None or row.state == wanted.state)
        and (not part or any(part in (text or "").casefold() for text in (row.subject, row.scheduler, row.meeting_id)))
    ]


def ordered(rows: list[MeetingRow], order: str) -> list[MeetingRow]:
    """Return the rows in an order that stays as it is where nothing changes. Pure."""
    match order:
        case "people":
            return sorted(rows, key=lambda row: (-row.people, row.id))
        case "started":
            return sorted(rows, key=lambda row: (row.started_at or _BEFORE_ALL, row.id), reverse=True)
        case "subject":
            return sorted(rows, key=lambda row: (row.subject or row.meeting_id, row.id))
        case _:
            return sorted(rows, key=_badness)


def _badness(row: MeetingRow) -> tuple[bool, int, int, int, str]:
    worst = row.worst if row.worst is not None else 6
    return row.state == "over", -row.alerts, worst, -row.people, row.id
