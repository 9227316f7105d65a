"""What is kept of what was said: for those who may, and each reading is noted twice, in the archive and in our log."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from typing import Final

from aiohttp import web

from schemas.api.queries import ArchivedQuery, ExportQuery, SearchQuery, TranscriptQuery
from schemas.desk_archive import ArchiveDeskError, Asked, NotAsked, NotKept, Package

from ..access.grants import Grant
from ..errors import NotNow, NotThere, Refused, Unwanted
from .guarding import Surroundings, dress
from .house import House, answer, grant, need_archive, query

MOST_SENTENCES: Final = 2_000
# Who takes no part of a package for so long gets no more of it: others wait for his place.
_PATIENCE_S: Final = 60.0


class Archiving:
    """The handlers."""

    def __init__(self, house: House, around: Surroundings) -> None:
        self._house, self._around = house, around

    async def search(self, request: web.Request) -> web.StreamResponse:
        """GET /api/v1/archive/search."""
        asks, asked = grant(request), query(request, SearchQuery)
        desk = need_archive(self._house, asks)
        wanted = Asked(
            words=asked.words,
            speaker=asked.speaker,
            meeting_id=asked.meeting,
            occurrence=asked.occurrence,
            enterprises=_enterprises(asks, asked.enterprise),
            language=asked.language,
            since=asked.since,
            until=asked.until,
            limit=asked.limit,
            context=asked.context,
        )
        with _at_desk():
            found = await desk.search(wanted, asks.who)
        self._note(asks, "search", asked.occurrence)
        return await answer(request, found)

    async def meetings(self, request: web.Request) -> web.StreamResponse:
        """GET /api/v1/archive/meetings."""
        asks, asked = grant(request), query(request, ArchivedQuery)
        desk = need_archive(self._house, asks)
        wanted = Asked(
            meeting_id=asked.meeting,
            enterprises=_enterprises(asks, asked.enterprise),
            since=asked.since,
            until=asked.until,
            limit=asked.limit,
        )
        with _at_desk():
            found = await desk.meetings(wanted, asks.who)
        self._note(asks, "list", None)
        return await answer(request, found)

    async def transcript(self, request: web.Request) -> web.StreamResponse:
        """GET /api/v1/archive/meetings/{occurrence}."""
        asks, asked = grant(request), query(request, TranscriptQuery)
        desk, occurrence = need_archive(self._house, asks), request.match_info["occurrence"]
        last = min(asked.last or asked.first + MOST_SENTENCES - 1, asked.first + MOST_SENTENCES - 1)
        with _at_desk():
            found = await desk.transcript(occurrence, asked.first, last, _seen(asks), asks.who)
        self._note(asks, "show", occurrence)
        return await answer(request, found)

    async def export(self, request: web.Request) -> web.StreamResponse:
        """GET /api/v1/archive/export."""
        asks, asked = grant(request), query(request, ExportQuery)
        desk = need_archive(self._house, asks)
        with _at_desk():
            async with desk.export(asked.occurrence, _seen(asks), asks.who) as package:
                self._note(asks, "export", asked.occurrence)
                response = web.StreamResponse(
                    headers={
                        "Content-Type": "application/zip",
                        "Content-Disposition": f'attachment; filename="{package.name}"',
                        "Content-Length": str(package.size),
                    }
                )
                dress(request, response, self._around)
                try:
                    await _sent(request, response, package)
                except TimeoutError:
                    # Else the server would wait for him to take the rest.
                    if request.transport is not None:
                        request.transport.abort()
        return response

    def _note(self, asks: Grant, what: str, occurrence: str | None) -> None:
        self._house.logger.info("archive.read", who=asks.who, what=what, occurrence=occurrence)


async def _sent(request: web.Request, response: web.StreamResponse, package: Package) -> None:
    """Send it. Raises TimeoutError for who does not take it, ConnectionError for who is gone."""
    await response.prepare(request)
    async for chunk in package.chunks:
        async with asyncio.timeout(_PATIENCE_S):
            await response.write(chunk)
    async with asyncio.timeout(_PATIENCE_S):
        await response.write_eof()


def _seen(asks: Grant) -> Sequence[str] | None:
    return None if asks.enterprises is None else sorted(asks.enterprises)


def _enterprises(asks: Grant, asked: str | None) -> Sequence[str] | None:
    """Return the enterprises in which is looked. Raises Refused."""
    if asked is None:
        return _seen(asks)
    if asks.enterprises is not None and asked not in asks.enterprises:
        raise Refused("this enterprise is not for you")
    return (asked,)


@contextlib.contextmanager
def _at_desk() -> Iterator[None]:
    """Say what the desk's errors mean here."""
    try:
        yield
    except NotAsked as error:
        raise Unwanted(str(error) or "there is no word in what is searched for") from None
    except NotKept:
        raise NotThere("no such meeting is kept, or its words were erased") from None
    except ArchiveDeskError as error:
        raise NotNow(str(error), retry_after_s=10) from None
