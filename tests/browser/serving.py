"""The dashboard that the browser opens: the real one, over a local log that the test writes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from consumers.dashboard.access.passwords import hashed
from consumers.dashboard.access.roll import Roll, User, change
from consumers.dashboard.access.sessions import Cookies, begun
from consumers.dashboard.projection.hours import STEP_S, STEPS, Counts
from consumers.dashboard.service import Dashboarding, Desks

from ..consumers.dashboard.serving import NO_DESKS, PASSWORD, settings_for
from ..consumers.dashboard.serving import serving as dashboard
from ..kafka.configuration import free_port
from .story import Story

ADMIN: Final = "anna.kowalska"
VIEWER: Final = "viewer"
PARTIAL: Final = "partial"
Kind = TypeVar("Kind", bound="Server")
# Hashed once: it costs 50 ms by design.
_HASHED: Final = hashed(PASSWORD)


class Server:
    """A dashboard that can be stopped and started again, at one address."""

    _running: Dashboarding

    def __init__(self, folder: Path, log: Path, desks: Desks) -> None:
        self._folder, self._log, self._desks = folder, log, desks
        self._stack = contextlib.AsyncExitStack()
        # No port of the system's choice: while it is stopped a browser that tries again could be given it as its own.
        self._listen, self._link, self._roll = f"127.0.0.1:{free_port()}", "", Roll.new()
        self.url = ""

    def add_users(self) -> None:
        """Make an administrator, a viewer, and an operator who sees one enterprise alone. Blocking."""
        users = (
            User(user=ADMIN, role="admin", password=_HASHED),
            User(user=VIEWER, role="viewer", password=_HASHED),
            User(user=PARTIAL, role="operator", password=_HASHED, enterprises=("acme",)),
        )
        self._roll = change(self._folder / "users.json", lambda roll: replace(roll, users=users))

    @property
    def cookies(self) -> list[Any]:
        """What the administrator's browser has after a login."""
        return self._cookies_of(ADMIN)

    @property
    def viewer(self) -> list[Any]:
        """The same of the viewer."""
        return self._cookies_of(VIEWER)

    @property
    def partial(self) -> list[Any]:
        """The same of the operator of one enterprise."""
        return self._cookies_of(PARTIAL)

    @property
    def first_link(self) -> str:
        """The path of the one-time link."""
        return f"/first?link={self._link}"

    async def start(self) -> None:
        """Start; return once the present is whole. Started again, it is where the browser knows it to be."""
        settings = settings_for(self._folder, listen=self._listen)
        made = await self._stack.enter_async_context(dashboard(self._log, settings, desks=self._desks))
        self._running = made.made
        self.url, self._listen, self._link = made.url, made.url.removeprefix("http://"), made.made.link or ""

    def past(self, counts: Callable[[int], Counts]) -> None:
        """Have it be as if it had run for six hours already: `counts` by the number of each step, the newest is 1.

        It counts by the clock while it runs, and no test has hours.
        """
        hours = self._running._house.whole.hours
        hours._steps.clear()
        for back in range(STEPS - 1, 0, -1):
            hours.note({"acme": counts(back)}, datetime.now(UTC) - timedelta(seconds=STEP_S * back))

    @contextlib.asynccontextmanager
    async def behind(self, behind_s: float | None) -> AsyncIterator[None]:
        """Tell the pages that it is so far behind, again and again: every five seconds it tells them what is true."""

        async def tell() -> None:
            while True:
                self._running._house.live.behind(behind_s)
                await asyncio.sleep(0.1)

        telling = asyncio.create_task(tell())
        try:
            yield
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    def dismiss_all(self) -> None:
        """Take everybody out of the users file. Blocking."""
        change(self._folder / "users.json", lambda roll: replace(roll, users=()))

    async def stop(self) -> None:
        """Stop, as for an upgrade."""
        await self._stack.aclose()

    def _cookies_of(self, name: str) -> list[Any]:
        user = self._roll.user(name)
        assert user is not None
        value = Cookies(self._roll.secret).written(begun(user, time.time()))
        return [{"name": "meetwire", "value": value, "url": self.url, "httpOnly": True, "sameSite": "Strict"}]


class Served(Server):
    """One over a log that the test writes."""

    story: Story


@contextlib.asynccontextmanager
async def serving(
    folder: Path, log: Path, *, users: bool = True, desks: Desks = NO_DESKS, kind: type[Kind]
) -> AsyncIterator[Kind]:
    """Give a dashboard over a log; what it writes itself lies in `folder`."""
    served = kind(folder, log, desks)
    if users:
        await asyncio.to_thread(served.add_users)
    await served.start()
    try:
        yield served
    finally:
        await served.stop()
