"""Log in and out, and who is there."""

from collections.abc import Awaitable
from typing import Final

from aiohttp import web

from schemas.api.session import MIN_PASSWORD, First, Login, Part, Session

from ..access.sessions import LASTS_S
from ..errors import BadArguments, DashboardError, TooMany
from .guarding import Surroundings
from .house import ENTERED, House, answer, body, grant, nothing

_LANGUAGES: Final = ("zh", "en")


class Entrance:
    """The handlers."""

    def __init__(self, house: House, around: Surroundings) -> None:
        self._house, self._around = house, around
        self._logins = {
            outcome: house.meters.counter("meetwire_dashboard_logins_total", outcome=outcome)
            for outcome in ("accepted", "refused", "limited")
        }

    async def session(self, request: web.Request) -> web.StreamResponse:
        """GET /api/v1/session."""
        asks, house = grant(request), self._house
        # What the topic tells is shown; without a desk nobody can do anything about it.
        there: tuple[tuple[Part, bool], ...] = (
            ("alerts", house.desk is not None or house.whole.alerts.knows_any),
            ("archive", house.archive is not None),
        )
        parts: list[Part] = [part for part, is_there in there if is_there]
        return await answer(
            request,
            Session(
                user=asks.who,
                role=asks.role,
                scopes=sorted(asks.scopes if house.desk is not None else asks.scopes - {"alerts"}),
                parts=parts,
                enterprises=None if asks.enterprises is None else sorted(asks.enterprises),
                csrf=asks.csrf or "",
                language=language(request.headers.get("Accept-Language", "")),
            ),
        )

    async def login(self, request: web.Request) -> web.StreamResponse:
        """POST /api/v1/login."""
        self._around.refuse_foreign(request)
        asked = await body(request, Login)
        peer = self._around.peer(request)
        return self._let_in(request, await self._counted(self._house.door.login(asked.user, asked.password, peer)))

    async def first(self, request: web.Request) -> web.StreamResponse:
        """POST /api/v1/first."""
        self._around.refuse_foreign(request)
        try:
            asked = await body(request, First)
        except BadArguments as error:
            if error.place != "password":
                raise
            words = f"a password has {MIN_PASSWORD} characters at least"
            raise BadArguments(words, error="password") from None
        peer = self._around.peer(request)
        cookie = await self._counted(self._house.door.first(asked.link, asked.user, asked.password, peer))
        return self._let_in(request, cookie)

    async def logout(self, request: web.Request) -> web.StreamResponse:
        """POST /api/v1/logout."""
        session = request[ENTERED].session
        response = nothing()
        if session is not None:
            self._house.door.logout(session)
            self._around.give(request, response, "", max_age=0)
        return response

    def _let_in(self, request: web.Request, cookie: str) -> web.StreamResponse:
        response = nothing()
        self._around.give(request, response, cookie, max_age=LASTS_S)
        return response

    async def _counted(self, trying: Awaitable[str]) -> str:
        try:
            cookie = await trying
        except DashboardError as error:
            self._logins["limited" if isinstance(error, TooMany) else "refused"].inc()
            raise
        self._logins["accepted"].inc()
        return cookie


def language(accepted: str) -> str | None:
    """Return the first of our languages that a browser asks for, by its weights. Pure."""
    found: list[tuple[float, str]] = []
    for one in accepted.split(",")[:20]:
        tag, _, weight = one.strip().partition(";q=")
        name = tag.partition("-")[0].lower()
        if name in _LANGUAGES:
            found.append((_weight(weight), name))
    best = max(found, key=lambda one: one[0], default=(0.0, ""))
    return best[1] if best[0] > 0 else None


def _weight(text: str) -> float:
    if not text:
        return 1.0
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0
