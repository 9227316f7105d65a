"""Server-sent events: records for programs, the present for pages. Who is slow holds up nobody but himself."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import Final, Literal

from aiohttp import web

from schemas.api.meetings import Missed
from schemas.api.queries import LiveQuery, StreamQuery
from schemas.topics import TOPICS

from ..access.grants import PRESENT, WORDS, Grant
from ..errors import BadArguments, NotNow, Refused, TooMany
from ..stream import sse
from ..stream.channel import Channel
from ..stream.cursor import BadCursor, read
from ..stream.live import Sight
from ..stream.records import Resumed
from ..stream.wanted import Wanted
from .guarding import Surroundings, dress
from .house import ENTERED, House, grant, need_topics, query

# Proxies close what is silent for a minute.
_QUIET_S: Final = 15.0
# Who takes nothing for so long is gone, though nobody said so.
_PATIENCE_S: Final = 60.0
# How often it is asked whether a reader still may; on a quiet line `_QUIET_S` are added.
_LOOK_EVERY_S: Final = 10.0
# Of all that may read, one user or token has a tenth: else a page that runs wild would keep out everybody.
_SHARES: Final = 10
_LEAST_SHARE: Final = 8

Stream = Literal["stream", "live"]
_Places = tuple[str, dict[tuple[str, int], int]]


class Telling:
    """The handlers."""

    def __init__(self, house: House, around: Surroundings) -> None:
        self._house, self._around = house, around
        self._open: Counter[Stream] = Counter()
        self._of: Counter[str] = Counter()
        """The same by who reads."""

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """GET /api/v1/stream."""
        asks, records = grant(request), self._house.records
        asked = query(request, StreamQuery)
        wanted = wanted_of(asked, asks)
        places = _places(request.headers.get("Last-Event-ID") or asked.cursor)
        async with self._reading(request, "stream") as response:
            if wanted.topics & WORDS:
                self._house.logger.info("words.read", who=asks.who, how="stream", meeting=asked.meeting)
            await self._until_ready(response)
            right = _Right(self._house, request)
            if places is not None:
                await self._catch_up(response, records.resume(wanted, *places), right)
            # Nothing may come in between: what is resumed ends where the channel goes on.
            channel = records.join(wanted)
            try:
                begin = channel.end
                await _write(response, sse.placed(records.cursor))
                await self._pump(response, channel, begin, "stream", right)
            finally:
                records.leave(wanted)
        return response

    async def live(self, request: web.Request) -> web.StreamResponse:
        """GET /api/v1/live."""
        asks, live = grant(request), self._house.live
        asked = query(request, LiveQuery)
        need_topics(asks, PRESENT)
        sight = Sight(asks.enterprises, asked.meeting, asked.meeting is not None and asks.hears)
        async with self._reading(request, "live") as response:
            if sight.captions:
                self._house.logger.info("words.read", who=asks.who, how="live", meeting=asked.meeting)
            channel = live.join(sight)
            try:
                begin = channel.end
                # One that is not on may still be read back, and a page that stays open may outlive its meeting.
                await _write(response, live.beginning(asks.enterprises))
                await self._pump(response, channel, begin, "live", _Right(self._house, request))
            finally:
                live.leave(sight)
        return response

    @contextlib.asynccontextmanager
    async def _reading(self, request: web.Request, kind: Stream) -> AsyncIterator[web.StreamResponse]:
        """Count a reader, and give the response that he reads."""
        if self._open.total() >= self._house.settings.max_readers:
            raise NotNow("too many pages and streams are open", retry_after_s=30)
        who = grant(request).who
        if self._of[who] >= max(_LEAST_SHARE, self._house.settings.max_readers // _SHARES):
            raise TooMany("too many pages and streams of yours are open", retry_after_s=30)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        dress(request, response, self._around)
        self._count(kind, who, 1)
        try:
            await response.prepare(request)
            yield response
        except ConnectionError:
            pass
        except TimeoutError:
            # Else the server would wait for him to take the end of it.
            if request.transport is not None:
                request.transport.abort()
        finally:
            self._count(kind, who, -1)

    def _count(self, kind: Stream, who: str, more: int) -> None:
        self._open[kind] += more
        self._of[who] += more
        if not self._of[who]:
            del self._of[who]
        self._house.meters.gauge("meetwire_dashboard_readers", kind=kind).set(self._open[kind])

    async def _until_ready(self, response: web.StreamResponse) -> None:
        """Wait until what was before the start is read: it is no news."""
        while not self._house.records.is_ready.is_set() and not self._house.stopping.is_set():
            await _write(response, sse.KEEPALIVE)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._house.records.is_ready.wait()

    async def _catch_up(self, response: web.StreamResponse, resumed: Resumed, right: "_Right") -> None:
        """Write what a reader that came back has not seen; when this returns, there is no more at this moment."""
        if resumed.missed != 0:
            await _write(response, self._missed("stream", resumed.missed))
        while (taken := self._house.records.catch_up(resumed)) is not None and await right.lasts():
            if taken.missed:
                await _write(response, self._missed("stream", taken.missed))
            await _write(response, b"".join(taken.content))
            # Whom none of it fits must not hold up the others.
            await asyncio.sleep(0)

    def _missed(self, kind: Stream, count: int | None) -> bytes:
        self._house.meters.counter("meetwire_dashboard_missed_total", kind=kind).inc(count or 0)
        return sse.event("missed", Missed(count=count))

    async def _pump(
        self, response: web.StreamResponse, channel: Channel, at: int, kind: Stream, right: "_Right"
    ) -> None:
        """Write what comes, until the reader is gone, may not any more, or the server stops."""
        while await right.lasts():
            if not await channel.news(at, _QUIET_S):
                await _write(response, sse.KEEPALIVE)
                continue
            taken = channel.since(at)
            at = taken.next
            if taken.missed:
                await _write(response, self._missed(kind, taken.missed))
            await _write(response, b"".join(taken.content))


class _Right:
    """Whether somebody who reads on still may; and whether the server is there for him."""

    def __init__(self, house: House, request: web.Request) -> None:
        self._house, self._entered = house, request[ENTERED]
        self._loop = asyncio.get_running_loop()
        self._looked = self._loop.time()

    async def lasts(self) -> bool:
        """Say so; the users file is asked now and then alone."""
        if self._house.stopping.is_set():
            return False
        if self._loop.time() - self._looked <= _LOOK_EVERY_S:
            return True
        self._looked = self._loop.time()
        return await self._house.door.still(self._entered)


def wanted_of(asked: StreamQuery, asks: Grant) -> Wanted:
    """Return what somebody gets who asks for this. Raises BadArguments, Refused."""
    topics = asks.topics
    if asked.topics is not None:
        named = frozenset(asked.topics.split(","))
        if unknown := named - TOPICS.keys():
            raise BadArguments(f"topics: there are {', '.join(TOPICS)}; {len(unknown)} of yours is none of them")
        if not named <= topics:
            raise Refused("one of these topics is not for you")
        topics = frozenset(one for one in topics if one in named)
    enterprises = asks.enterprises
    if asked.enterprise is not None:
        if enterprises is not None and asked.enterprise not in enterprises:
            raise Refused("this enterprise is not for you")
        enterprises = frozenset({asked.enterprise})
    return Wanted(frozenset(topics), None if asked.meeting is None else frozenset({asked.meeting}), enterprises)


def _places(cursor: str | None) -> _Places | None:
    if cursor is None:
        return None
    try:
        return read(cursor)
    except BadCursor as error:
        raise BadArguments(f"cursor: {error}") from None


async def _write(response: web.StreamResponse, content: bytes) -> None:
    """Write it. Raises ConnectionError or TimeoutError where nobody takes it."""
    async with asyncio.timeout(_PATIENCE_S):
        await response.write(content)
