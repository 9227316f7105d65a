"""Ask for the list of online meetings, again and again: it heals lost pushes, and works where no push comes at all."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from ..cloud.errors import CloudError
from ..cloud.meetings import OnlineMeeting


class Lists(Protocol):
    """What is needed of the REST client."""

    async def online_meetings(self) -> list[OnlineMeeting]:
        """Return all meetings that are on. Raises CloudError, which the client has said by then."""
        ...


class Discovery:
    """One enterprise's list. `listed` is told of each answer; after a failure it is told nothing, and nothing changes.

    `pause` returns when the next time has come.
    """

    def __init__(
        self,
        cloud: Lists,
        *,
        listed: Callable[[Sequence[OnlineMeeting]], object],
        pause: Callable[[], Awaitable[object]],
    ) -> None:
        self._cloud = cloud
        self._listed = listed
        self._pause = pause
        self._soon = asyncio.Event()

    def hurry(self) -> None:
        """Ask now: partitions came, say, of whose meetings nobody told this process."""
        self._soon.set()

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            self._soon.clear()
            with contextlib.suppress(CloudError):
                self._listed(await self._cloud.online_meetings())
            await self._wait()

    async def _wait(self) -> None:
        waits = [asyncio.ensure_future(self._pause()), asyncio.create_task(self._soon.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
