"""The listener that runs, over real TCP, with a log that keeps a list."""

from __future__ import annotations

import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import msgspec

from deploy.meters import PrometheusMeters
from receiver.log import Log
from receiver.pipeline import Pipeline
from receiver.webhook import Listener, opened
from schemas.settings import Webhook

from ..list_log import ListLog
from ..signing import ACCOUNTS, STARTED, TERMS, push
from .wire import Answer, NoAnswer, ask, request

DEFAULTS: Final = Webhook(listen="127.0.0.1:0")
_CONNECTIONS: Final = 5


@dataclass(frozen=True)
class Serving:
    """A listener that runs, and what is around it."""

    address: tuple[str, int]
    log: ListLog
    meters: PrometheusMeters
    listener: Listener

    async def ask(self, raw: bytes) -> Answer:
        """Return the answer to one request on a connection of its own."""
        return await ask(self.address, raw)

    async def post(self, body: bytes, head: Mapping[str, str | None] = MappingProxyType({})) -> Answer:
        """Return the answer to one body."""
        return await self.ask(request(body, head))

    async def takes_a_push(self) -> bool:
        """Return whether a push of which nothing is wrong is answered 200, on one of some connections.

        Where a server has little patience and the machine little time, a connection can end before it has said a word.
        """
        for _ in range(_CONNECTIONS):
            with contextlib.suppress(NoAnswer):
                return (await self.post(fresh(nonce="still here"))).status == 200
        return False

    def count(self, name: str, **labels: str) -> float:
        """Return one sample of the metrics."""
        return self.meters.registry.get_sample_value(name, labels) or 0.0


@asynccontextmanager
async def serving(
    *,
    durable: Callable[[ListLog], Log] = lambda log: log,
    tls: ssl.SSLContext | None = None,
    pipeline: Callable[[Pipeline], Pipeline] = lambda usual: usual,
    **changed: Any,
) -> AsyncIterator[Serving]:
    """Yield a listener with these settings; `pipeline` and `durable` may put something in place of the usual."""
    log, meters = ListLog(), PrometheusMeters()
    settings = msgspec.structs.replace(DEFAULTS, **changed)
    usual = Pipeline(accounts=lambda: ACCOUNTS, terms=TERMS, log=durable(log))
    listener = Listener(pipeline(usual), settings, meters)
    async with opened(listener, settings, tls) as address:
        yield Serving(address, log, meters, listener)


def now_ms() -> int:
    """Return the time as the service writes it."""
    return time.time_ns() // 1_000_000


def fresh(event_info: bytes = STARTED, **spelling: Any) -> bytes:
    """Return a push that was sent just now."""
    return push(event_info, **{"timestamp": str(now_ms()), **spelling})
