"""A client of the tests' service, with a clock and a sleep that a test moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from deploy.meters import PrometheusMeters
from receiver.cloud import Cloud
from schemas.settings import App, Secret

from .service import Service, serving

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY: Final = Secret("marker-key-1")
OTHER_KEY: Final = Secret("marker-key-2")


class Clock:
    """Stands at noon until it is moved; whoever sleeps moves it."""

    def __init__(self) -> None:
        self.at = NOON
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        """Return the time."""
        return self.at

    def forward(self, seconds: float) -> None:
        """Move it."""
        self.at += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        """Let the time go by at once."""
        self.slept.append(seconds)
        self.forward(seconds)
        await asyncio.sleep(0)


def app(address: str, **more: Any) -> App:
    """Return the settings of an App ID at this address."""
    return App(**{"id": "marker-app-id", "keys": (KEY,), "api": address, **more})


class Parts(NamedTuple):
    """A client and what it stands between."""

    cloud: Cloud
    service: Service
    clock: Clock
    meters: PrometheusMeters


@asynccontextmanager
async def client(service: Service, *, clock: Clock | None = None, **more: Any) -> AsyncIterator[Parts]:
    """Yield a client of this service."""
    clock, meters = clock or Clock(), PrometheusMeters()
    settings = app(**{"address": service.address, **more})
    async with Cloud.opened(
        settings, enterprise="acme", meters=meters, now=clock, sleep=clock.sleep, uniform=lambda: 0.5
    ) as cloud:
        yield Parts(cloud, service, clock, meters)


@asynccontextmanager
async def asking(**more: Any) -> AsyncIterator[Parts]:
    """Yield a client and a service of its own."""
    async with serving() as service, client(service, **more) as parts:
        yield parts
