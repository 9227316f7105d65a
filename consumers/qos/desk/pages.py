"""The desk's listener: JSON over HTTP, for whoever shows a token. Loopback, or behind something that has TLS.

Everything but /v1 with a good token answers 401 and says nothing more. What is asked is checked before it is believed.
"""

import contextlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import msgspec
from aiohttp import hdrs, web

from schemas.desk import AlertDesk, DeskError, DeskUnavailable, NotThere, NotWanted
from schemas.secret import Secret

from .shapes import Acknowledging, Problem, SilenceAsked, TestAsked

_MOST_BYTES: Final = 65_536
_MOST_PAST: Final = 1_000
_json: Final = msgspec.json.encode
_T = TypeVar("_T")
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Pages:
    """The handlers."""

    def __init__(self, desk: AlertDesk, tokens: Sequence[Secret]) -> None:
        self._desk, self._tokens = desk, [token.reveal().encode() for token in tokens]

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        application = web.Application(client_max_size=_MOST_BYTES, middlewares=[self._guarded])
        application.router.add_get("/v1/alerts", self.alerts)
        application.router.add_post("/v1/alerts/{id}/acknowledge", self.acknowledge)
        application.router.add_get("/v1/silences", self.silences)
        application.router.add_post("/v1/silences", self.silence)
        application.router.add_delete("/v1/silences/{id}", self.end_silence)
        application.router.add_post("/v1/test", self.test)
        return application

    @web.middleware
    async def _guarded(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        if not self._knows(request.headers.get(hdrs.AUTHORIZATION, "")):
            return _problem(401, "login", "needs a token", {"WWW-Authenticate": "Bearer"})
        try:
            return await handler(request)
        except NotThere as error:
            return _problem(404, "missing", str(error))
        except (NotWanted, msgspec.DecodeError) as error:
            return _problem(400, "unwanted", str(error))
        except DeskError as error:
            return _problem(503, "unavailable", str(error))
        except web.HTTPException as error:
            return _problem(error.status, "unwanted", error.reason)

    def _knows(self, header: str) -> bool:
        scheme, _, shown = header.partition(" ")
        # All of them are compared: how long it takes tells nothing of which is near.
        found = [hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), token) for token in self._tokens]
        return scheme.lower() == "bearer" and any(found)

    async def alerts(self, request: web.Request) -> web.Response:
        """Answer what stands, or with ?past=100 what is over."""
        past = request.query.get("past")
        if past is None:
            return _answer(await self._desk.standing())
        if not (past.isascii() and past.isdigit() and 0 < int(past[:5]) <= _MOST_PAST):
            raise NotWanted(f"past: from 1 to {_MOST_PAST:_}")
        return _answer(await self._desk.past(int(past)))

    async def acknowledge(self, request: web.Request) -> web.Response:
        """Answer the acknowledgement."""
        asked = await _asked(request, Acknowledging)
        return _answer(await self._desk.acknowledge(request.match_info["id"], asked.who, asked.note))

    async def silences(self, _: web.Request) -> web.Response:
        """Answer those that hold or begin later."""
        return _answer(await self._desk.silences())

    async def silence(self, request: web.Request) -> web.Response:
        """Answer the silence that was made."""
        asked = await _asked(request, SilenceAsked)
        return _answer(await self._desk.silence(asked.wanted, asked.who))

    async def end_silence(self, request: web.Request) -> web.Response:
        """Answer the silence that was ended; who does it is ?who=…."""
        who = request.query.get("who", "")
        if not 0 < len(who) <= 256:
            raise NotWanted("who: needs who ends it")
        return _answer(await self._desk.end_silence(request.match_info["id"], who))

    async def test(self, request: web.Request) -> web.Response:
        """Answer what became of a test of each channel."""
        asked = await _asked(request, TestAsked)
        return _answer(await self._desk.send_test(asked.channel))


async def _asked(request: web.Request, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except UnicodeDecodeError:
        raise NotWanted("is not UTF-8") from None


def _answer(told: Any) -> web.Response:
    return web.Response(body=_json(told), content_type="application/json", headers={"Cache-Control": "no-store"})


def _problem(status: int, error: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
    body = _json(Problem(error, message))
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


@contextlib.asynccontextmanager
async def opened(desk: AlertDesk, listen: str, tokens: Sequence[Secret]) -> AsyncIterator[tuple[str, int]]:
    """Yield the address that the listener took. Raises OSError for a taken port."""
    runner = web.AppRunner(Pages(desk, tokens).application(), access_log=None, handle_signals=False)
    await runner.setup()
    try:
        host, _, port = listen.rpartition(":")
        await web.TCPSite(runner, host.strip("[]") or None, int(port)).start()
        taken = runner.addresses[0]
        yield taken[0], taken[1]
    finally:
        await runner.cleanup()


__all__ = ["DeskUnavailable", "Pages", "opened"]
