"""Ten thousand connections that say nothing, and a push among them."""

from __future__ import annotations

import asyncio
import resource
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final

import pytest

from .serving import Serving, fresh, serving
from .test_answers import ACCEPTED

IDLE: Final = 10_000
# Below the listener's backlog, so that no connection has to be tried again by the kernel, a second later.
AT_ONCE: Final = 500
# What the process has open besides.
OTHERS: Final = 500


@pytest.fixture
def room() -> Iterator[int]:
    """Yield how many connections this process may hold, at most IDLE."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = IDLE + OTHERS if hard == resource.RLIM_INFINITY else min(hard, IDLE + OTHERS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield wanted - OTHERS
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Crowd:
    """The process of those that say nothing."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def grows(self, by: int) -> int:
        """Return how many there are once so many more are."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"%d\n" % by)
        return int(await self._process.stdout.readline())


@asynccontextmanager
async def crowd(server: Serving) -> AsyncIterator[Crowd]:
    """Yield a crowd of none."""
    host, port = server.address
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.receiver.webhook.crowd", host, str(port)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Crowd(process)
    finally:
        await process.communicate(b"")


async def test_a_push_is_taken_among_ten_thousand_that_say_nothing(room: int) -> None:
    """As fast as they come, and when all of them are there; they cost no more than a connection each."""
    async with serving() as server, crowd(server) as silent:
        # Connections are accepted in their order: who is answered proves that those before it were.
        answers = [(await silent.grows(AT_ONCE), await server.post(fresh())) for _ in range(room // AT_ONCE)]

        assert answers == [(AT_ONCE * (number + 1), ACCEPTED) for number in range(room // AT_ONCE)]
        assert (server.listener.edge.open >= room // AT_ONCE * AT_ONCE, bool(answers)) == (True, True)
