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

from aiohttp import web

from schemas.door import Door
from schemas.metrics import Meters
from schemas.settings import Webhook

from ..delivery import Delivery
from ..errors import Elsewhere, KafkaAwaited, LogUnavailable, NotDurable, Refused, Unwanted, WrongMethod
from ..pipeline import Accepted, Pipeline
from ..verify import Verified
from .answer import Answer
from .body import Bodies
from .connection import Edge, Server
from .in_flight import InFlight
from .peer import Peers
from .tally import Tally

_REQUEST_ID: Final = re.compile(r"[!-~]{1,128}")
# A stranger's connection may hold this much unread in memory.
_READ_BUFFER: Final = 16_384
# What a body that is on its way when we are told to stop has left.
STOP_BODY_S: Final = 1.0


class Listener:
    """The handler of every request."""

    def __init__(self, pipeline: Pipeline, settings: Webhook, meters: Meters) -> None:
        self._pipeline = pipeline
        self._settings = settings
        self._paths = frozenset(settings.paths)
        self._bodies = Bodies(max_bytes=settings.max_body_bytes, timeout_s=settings.body_timeout_s)
        self._peers = Peers(trusted_proxies=settings.trusted_proxies, allow_from=settings.allow_from)
        self._in_flight = InFlight(most=settings.max_in_flight, seconds=settings.deadline_s)
        self._tally = Tally(meters)
        self._gauge = meters.gauge("meetwire_pushes_in_flight")
        self._connections = meters.gauge("meetwire_connections")
        self._stopping = False
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
        except Exception as error:
            refused = error if isinstance(error, Refused) else self._failed(error)
            remote = self._remote(request)
            self._tally.refuse(refused.status, refused.reason, remote=remote, request_id=request_id, started=started)
            return Answer(refused.status, request_id=request_id, closing=self._stopping)
        self._tally.accept(accepted, request_id, started)
        return Answer(200, request_id=request_id, body=accepted.body, closing=self._stopping)

    def observe(self) -> None:
        """Set the gauges; called when metrics are read."""
        self._gauge.set(len(self._in_flight))
        self._connections.set(self.edge.open)

    def stop(self) -> None:
        """Hurry bodies up; what comes whole is still answered, each answer being its connection's last."""
        self._stopping = True
        self._bodies.stop(STOP_BODY_S)

    async def _take(self, request: web.BaseRequest, request_id: str | None) -> Accepted:
        self._admit(request)
        body = await self._bodies.read(request)
        delivery = Delivery(body=body, received_at=datetime.now(UTC), request_id=request_id)
        return await self._finish(self._pipeline.verify(delivery))

    def _admit(self, request: web.BaseRequest) -> None:
        if self._settings.allow_from and not self._peers.may_post(self._remote(request)):
            raise Unwanted("network")
        # The target can have a query, or be a whole URL (RFC 9112, section 3.2.2).
        if request.raw_path not in self._paths and request.rel_url.raw_path not in self._paths:
            raise Elsewhere("path")
        if request.method != "POST":
            raise WrongMethod("method")

    async def _finish(self, verified: Verified) -> Accepted:
        task = self._in_flight.enter()
        try:
            return await self._pipeline.take(verified)
        except asyncio.CancelledError:
            if self._in_flight.is_late(task):
                raise self._late() from None
            raise  # pragma: no cover -- at the end of the process, and only if a deadline did not come before
        finally:
            self._in_flight.leave(task)

    def _late(self) -> NotDurable:
        if self._settings.answer_after == "kafka":
            return KafkaAwaited("deadline")
        return LogUnavailable("deadline")

    def _failed(self, error: Exception) -> Refused:
        self._tally.fail(error)
        return NotDurable("failed")

    def _remote(self, request: web.BaseRequest) -> str | None:
        return self._peers.address(request.remote, request.headers.getall("X-Forwarded-For", ()))


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
    door = None if tls is None else _door(listener.edge, server, tls)
    listening = await asyncio.get_running_loop().create_server(
        server if door is None else lambda: door, host.strip("[]") or None, int(port), backlog=1024
    )
    try:
        taken = listening.sockets[0].getsockname()
        yield taken[0], taken[1]
    finally:
        listening.close()
        listener.stop()
        if door is not None:
            await door.close()
        await server.finish(STOP_BODY_S + settings.deadline_s + 1)
        await listening.wait_closed()


def _door(edge: Edge, server: Server, tls: ssl.SSLContext) -> Door:
    # A TLS handshake is to a stranger what a head is: something to be slow with; so is reading the last of an answer.
    return Door(
        server,
        tls,
        is_full=lambda: edge.open >= edge.max_connections,
        failed=edge.failed,
        handshake_s=edge.head_timeout_s,
        shutdown_s=edge.head_timeout_s,
    )


def _request_id(request: web.BaseRequest) -> str | None:
    text = request.headers.get("X-Request-ID")
    return text if text is not None and _REQUEST_ID.fullmatch(text) else None
