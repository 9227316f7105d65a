"""Brokers that several tests wear out one after another, and a look for what a test leaves behind."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from tests.kafka.broker import Broker
from tests.kafka.fixtures import SharedBroker

from ..lines import Lines, lines_caught
from .publishing import topics_made

# Rights once granted stay: who begins without any is asked for once.
USERS = dict.fromkeys(("meetwire", "user-0", "user-1", "stranger"), "right")


@pytest.fixture(autouse=True)
async def nothing_left_behind() -> AsyncIterator[None]:
    """Fail a test after which a task still runs, or a future's exception was looked at by nobody."""
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if left:
        # A connection over TLS takes leave of its server.
        _, left = await asyncio.wait(left, timeout=30)
    gc.collect()
    await asyncio.sleep(0)
    assert (left, complaints) == (set(), [])


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What the receiver says of itself."""
    with lines_caught() as lines:
        yield lines


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def worn_for_all(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Broker]:
    """A broker that tests kill and freeze."""
    async with Broker(tmp_path_factory.mktemp("worn")) as broker:
        yield broker


@pytest.fixture
async def worn(worn_for_all: Broker) -> AsyncIterator[Broker]:
    """A broker that the test may kill, stop or freeze; the next test finds it well again."""
    yield worn_for_all
    worn_for_all.thaw()
    if not worn_for_all.running:
        await worn_for_all.start()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def secured(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Broker]:
    """A broker that knows users, and lets them do what it was told to let them."""
    async with Broker(tmp_path_factory.mktemp("secured"), users=USERS) as broker:
        yield broker


@pytest.fixture
async def prefix(kafka: SharedBroker, topic_prefix: str) -> str:
    """A prefix whose topics are there, on the shared broker."""
    await topics_made(kafka.bootstrap, topic_prefix)
    return topic_prefix
