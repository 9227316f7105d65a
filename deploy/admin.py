"""The admin listener: /healthz, /readyz, /metrics, and /redrive for the operator's own command. Never public.

healthz says that the process turns; readyz whether pushes should come here, and why not. /redrive takes bytes that the
service signed and nothing else, see receiver.redrive.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import structlog
from aiohttp import web

from receiver.errors import LogUnavailable
from receiver.redrive import Outcome
from schemas.lines import Logger
from schemas.settings import Admin

from .meters import PrometheusMeters

_LOG: Final[Logger] = structlog.get_logger("meetwire")
_MAX_ORIGINAL: Final = 16_777_216
_METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class AdminPages:
    """The handlers. `unready` gives reasons, `observe` sets the gauges before metrics are read."""

    def __init__(
        self,
        meters: PrometheusMeters,
        *,
        unready: Callable[[], Awaitable[list[str]]],
        observe: Callable[[], Awaitable[None]],
        again: Callable[[bytes], Awaitable[Outcome]] | None = None,
    ) -> None:
        """Without `again` there is no /redrive: a consumer has no log to append to."""
        self._meters = meters
        self._unready = unready
        self._observe = observe
        self._again = again

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        application = web.Application(client_max_size=_MAX_ORIGINAL)
        application.router.add_get("/healthz", self.healthz)
        application.router.add_get("/readyz", self.readyz)
        application.router.add_get("/metrics", self.metrics)
        if self._again is not None:
            application.router.add_post("/redrive", self.redrive)
        return application

    async def healthz(self, _: web.Request) -> web.Response:
        """Answer 200: the event loop turns."""
        return web.Response(text="ok\n")

    async def readyz(self, _: web.Request) -> web.Response:
        """Answer 200, or 503 with the reasons."""
        reasons = await self._unready()
        return web.Response(text="\n".join(reasons or ["ok"]) + "\n", status=503 if reasons else 200)

    async def metrics(self, _: web.Request) -> web.Response:
        """Answer Prometheus's text format."""
        await self._observe()
        # In a thread: the process's own figures are read from files.
        exposition = await asyncio.to_thread(self._meters.exposition)
        return web.Response(body=exposition, headers={"Content-Type": _METRICS_TYPE})

    async def redrive(self, request: web.Request) -> web.Response:
        """Answer the outcome for one original; 503 where the log does not take it."""
        if self._again is None:  # pragma: no cover -- there is no such page then; types cannot tell
            raise web.HTTPNotFound
        try:
            outcome = await self._again(await request.read())
        except LogUnavailable as error:
            return web.json_response({"outcome": "not_durable", "reason": error.reason}, status=503)
        _LOG.info("push.redriven", outcome=outcome)
        return web.json_response({"outcome": outcome})


@contextlib.asynccontextmanager
async def opened(pages: AdminPages, settings: Admin) -> AsyncIterator[tuple[str, int]]:
    """Yield the address that the admin listener took. Raises OSError for a taken port."""
    runner = web.AppRunner(pages.application(), access_log=None, handle_signals=False)
    await runner.setup()
    try:
        host, _, port = settings.listen.rpartition(":")
        await web.TCPSite(runner, host.strip("[]") or None, int(port)).start()
        taken = runner.addresses[0]
        yield taken[0], taken[1]
    finally:
        await runner.cleanup()
