"""Hand tests a broker: one that all share, or one of their own.

Two laws of the shared broker: never a topic name without `topic_prefix`, and expect other tests' topics and
groups beside your own.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
import pytest_asyncio

from .broker import Broker
from .configuration import PATIENT


@dataclass(frozen=True)
class SharedBroker:
    """A broker that belongs to nobody: it is neither stopped nor killed."""

    bootstrap: str


class OwnBroker(Protocol):
    """Start a broker for one test alone, with `settings`, `users` and `detour` as `Broker` has them."""

    async def __call__(
        self,
        *,
        settings: Mapping[str, str] | None = None,
        users: Mapping[str, str] | None = None,
        detour: int | None = None,
    ) -> Broker:
        """Return a broker that answers."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kafka(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SharedBroker]:
    """A broker for the whole run: the one of MEETWIRE_TEST_KAFKA=host:port, or else one started now."""
    if given := os.environ.get("MEETWIRE_TEST_KAFKA"):
        yield SharedBroker(given)
        return
    async with Broker(tmp_path_factory.mktemp("kafka"), settings=PATIENT) as broker:
        yield SharedBroker(broker.bootstrap)


@pytest.fixture
async def own_broker(tmp_path: Path) -> AsyncIterator[OwnBroker]:
    """A factory of brokers that the test may kill, freeze and start again; all are killed when it is over."""
    async with AsyncExitStack() as running:

        async def start(
            *,
            settings: Mapping[str, str] | None = None,
            users: Mapping[str, str] | None = None,
            detour: int | None = None,
        ) -> Broker:
            folder = tmp_path / f"kafka-{uuid.uuid4().hex[:8]}"
            broker = Broker(folder, settings=settings or {}, users=users or {}, detour=detour)
            running.push_async_callback(broker.kill)
            await broker.start()
            return broker

        yield start


@pytest.fixture
def topic_prefix() -> str:
    """A prefix that no other test has, `t-<8 hex>.`."""
    return f"t-{uuid.uuid4().hex[:8]}."
