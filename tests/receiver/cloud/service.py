"""A meeting service on loopback that keeps what it is asked and answers what a test says."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from aiohttp import web
from multidict import CIMultiDictProxy

APPAUTH: Final = "/v2/usg/acs/auth/appauth"
TOKEN: Final = "/v1/usg/acs/token"
ONLINE: Final = "/v1/mmc/management/conferences/online"
DETAIL: Final = "/v1/mmc/management/conferences/online/confDetail"
CONTROL: Final = "/v1/mmc/control/conferences/token"
SOCKET: Final = "/v1/mmc/control/conferences/wsToken"
MEASURED: Final = "/v1/metrics/conferences/online"
PARTICIPANTS: Final = "/v1/metrics/conference/participants"
QOS: Final = "/v1/metrics/conference/participant/qos"
THRESHOLD: Final = "/v1/metrics/conference/threshold"
LINK: Final = "/v1/mmc/management/webhook/link-config"
CHANGE: Final = "/v1/mmc/management/webhook/change-status"

DATE: Final = "Mon, 02 Mar 2026 12:00:00 GMT"
"""What every answer is dated with that has no other: when the tests' clock begins."""

REST: Final = Path(__file__).parent / "rest"


class Reply(NamedTuple):
    """One answer. A body that is no bytes goes out as JSON."""

    status: int = 200
    body: object = b""
    headers: Mapping[str, str] = {}


class Asked(NamedTuple):
    """One request, as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: CIMultiDictProxy[str]
    body: bytes


Answering = Callable[[Asked], Reply]


def refusal(status: int, code: str | None = None, **headers: str) -> Reply:
    """Return an error as the service words it. Header names have _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"error_code": code, "error_msg": "MARKER-MESSAGE"} if code else b"", named)


def grant(number: int, **more: object) -> Reply:
    """Return the answer to the authentication of this number."""
    return Reply(
        200,
        {"accessToken": f"access-{number}", "validPeriod": 43_200, "refreshToken": f"refresh-{number}", **more},
    )


def stored(name: str) -> bytes:
    """Return a documented body."""
    return (REST / f"{name}.json").read_bytes()


class Service:
    """Answers each path with what was said for it, in order; the last answer stays. Tokens it gives by itself."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.address = ""
        self.hold = asyncio.Event()
        """While it is clear, nothing is answered."""
        self.hold.set()
        self._answers: dict[str, list[Reply | Answering]] = {}
        self._grants = 0
        self._came = asyncio.Condition()

    def answers(self, path: str, *replies: Reply | Answering) -> None:
        """Answer this path so."""
        self._answers[path] = list(replies)

    def of(self, path: str) -> list[Asked]:
        """Return what this path was asked."""
        return [asked for asked in self.asked if asked.path == path]

    async def was_asked(self, path: str, times: int) -> None:
        """Return once this path was asked so often."""
        async with asyncio.timeout(60), self._came:
            await self._came.wait_for(lambda: len(self.of(path)) >= times)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Keep and answer one request."""
        asked = Asked(request.method, request.path, dict(request.query), request.headers, await request.read())
        self.asked.append(asked)
        async with self._came:
            self._came.notify_all()
        await self.hold.wait()
        reply = self._reply(asked)
        body = reply.body if isinstance(reply.body, bytes) else msgspec.json.encode(reply.body)
        return web.Response(status=reply.status, body=body, headers={"Date": DATE, **reply.headers})

    def _reply(self, asked: Asked) -> Reply:
        said = self._answers.get(asked.path, [])
        if not said:
            return self._by_itself(asked.path)
        chosen = said.pop(0) if len(said) > 1 else said[0]
        return chosen if isinstance(chosen, Reply) else chosen(asked)

    def _by_itself(self, path: str) -> Reply:
        if path not in (APPAUTH, TOKEN):
            return Reply(404)
        self._grants += 1
        return grant(self._grants)


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> AsyncIterator[Service]:
    """Yield a service that listens on loopback."""
    service = Service()
    runner = web.ServerRunner(web.Server(service.handle), shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, host, 0, ssl_context=tls)
    await site.start()
    service.address = f"{'https' if tls else 'http'}://{host}:{runner.addresses[0][1]}"
    try:
        yield service
    finally:
        service.hold.set()
        await runner.cleanup()
