"""Answers deliveries, word for word as the README's table says. Promises: 200 only for what is durable; never a 500.

A push of which we do not know that it is durable is answered 503, whatever went wrong: the service keeps it and sends
it again.
"""

import asyncio
import contextlib
import re
import ssl
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final

import structlog
from aiohttp import web

from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.settings import Webhook

from ..delivery import Delivery
from ..errors import (
    Elsewhere,
    KafkaAwaited,
    LogUnavailable,
    NotDurable,
    Overloaded,
    Refused,
    Unwanted,
    WrongMethod,
)
from ..pipeline import Accepted, Pipeline
from ..verify import Verified
from .body import Bodies
from .connection import Edge, Server
from .peer import Peers
from .tally import Tally

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")
_REQUEST_ID: Final = re.compile(r"[!-~]{1,128}")
_RETRY_AFTER: Final = {429: "1", 503: "30"}
# A stranger's connection may hold this much unread in memory.
_READ_BUFFER: Final = 16_384
_JSON: Final = "application/json;charset=UTF-8"


class Listener:
    """The handler of every request."""

    def __init__(self, pipeline: Pipeline, settings: Webhook, meters: Meters) -> None:
        self._pipeline = pipeline
        self._settings = settings
        self._paths = frozenset(settings.paths)
        self._bodies = Bodies(max_bytes=settings.max_body_bytes, timeout_s=settings.body_timeout_s)
        self._peers = Peers(trusted_proxies=settings.trusted_proxies, allow_from=settings.allow_from)
        self._tally = Tally(meters, _LOG)
        self._in_flight = 0
        self._gauge = meters.gauge("meetwire_pushes_in_flight")
        self._connections = meters.gauge("meetwire_connections")
        self.edge = Edge(
            head_timeout_s=settings.head_timeout_s,
            max_connections=settings.max_connections,
            refused=lambda status, reason, remote: self._tally.refuse(status, reason, remote=remote),
            failed=self._tally.fail,
        )

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Return the answer to one request."""
        started = time.perf_counter()
        request_id = _request_id(request)
        try:
            accepted = await self._take(request, request_id)
        except Refused as error:
            self._tally.refuse(
                error.status, error.reason, remote=self._remote(request), request_id=request_id, started=started
            )
            return _answer(error.status, request_id)
        except Exception as error:
            self._tally.fail(error)
            self._tally.refuse(503, "log_failed", remote=self._remote(request), request_id=request_id, started=started)
            return _answer(503, request_id)
        self._tally.accept(accepted, request_id, started)
        return _answer(200, request_id, accepted.body)

    def observe(self) -> None:
        """Set the gauges; called when metrics are read."""
        self._gauge.set(self._in_flight)
        self._connections.set(self.edge.open)

    async def _take(self, request: web.BaseRequest, request_id: str | None) -> Accepted:
        self._admit(request)
        body = await self._bodies.read(request)
        delivery = Delivery(body=body, received_at=datetime.now(UTC), request_id=request_id)
        return await self._finish(self._pipeline.verify(delivery))

    def _admit(self, request: web.BaseRequest) -> None:
        if self._settings.allow_from and not self._peers.may_post(self._remote(request)):
            raise Unwanted("network")
        if request.raw_path.partition("?")[0] not in self._paths:
            raise Elsewhere("path")
        if request.method != "POST":
            raise WrongMethod("method")

    async def _finish(self, verified: Verified) -> Accepted:
        if self._in_flight >= self._settings.max_in_flight:
            raise Overloaded("in_flight")
        self._in_flight += 1
        try:
            async with asyncio.timeout(self._settings.deadline_s):
                return await self._pipeline.take(verified)
        except TimeoutError:
            raise self._late() from None
        finally:
            self._in_flight -= 1

    def _late(self) -> NotDurable:
        if self._settings.answer_after == "kafka":
            return KafkaAwaited("deadline")
        return LogUnavailable("deadline")

    def _remote(self, request: web.BaseRequest) -> str | None:
        return self._peers.address(request.remote, request.headers.get("X-Forwarded-For"))


@contextlib.asynccontextmanager
async def opened(listener: Listener, settings: Webhook, tls: ssl.SSLContext | None) -> AsyncIterator[tuple[str, int]]:
    """Yield the address that the listener took; at the end finish what is in flight, then close every connection."""
    server = Server(
        listener.handle,
        listener.edge,
        access_log=None,
        auto_decompress=False,
        keepalive_timeout=settings.idle_timeout_s,
        lingering_time=1.0,
        read_bufsize=_READ_BUFFER,
        tcp_keepalive=True,
    )
    host, _, port = settings.listen.rpartition(":")
    listening = await asyncio.get_running_loop().create_server(
        server, host.strip("[]") or None, int(port), ssl=tls, backlog=1024, ssl_handshake_timeout=10 if tls else None
    )
    try:
        taken = listening.sockets[0].getsockname()
        yield taken[0], taken[1]
    finally:
        listening.close()
        server.pre_shutdown()
        await server.shutdown(settings.deadline_s + 1)
        await listening.wait_closed()


def _request_id(request: web.BaseRequest) -> str | None:
    text = request.headers.get("X-Request-ID")
    return text if text is not None and _REQUEST_ID.fullmatch(text) else None


def _answer(status: int, request_id: str | None, body: bytes = b"") -> web.Response:
    headers = {"Server": "meetwire"}
    if request_id is not None:
        headers["X-Request-ID"] = request_id
    if status in _RETRY_AFTER:
        headers["Retry-After"] = _RETRY_AFTER[status]
    if status == 405:
        headers["Allow"] = "POST"
    if body:
        headers["Content-Type"] = _JSON
    return web.Response(body=body, status=status, headers=headers)
