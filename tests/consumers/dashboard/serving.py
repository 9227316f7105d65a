"""A real dashboard over a local log that the test writes: sources, projection, server and users file, all of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import structlog

from consumers.dashboard.access import roll, tokens
from consumers.dashboard.access.passwords import hashed
from consumers.dashboard.access.roll import Token, User
from consumers.dashboard.service import Dashboarding, Desks, dashboarding
from consumers.sources import PlacedSource, Reading
from consumers.sources.local import LocalSource
from deploy.meters import PrometheusMeters
from schemas.api.session import Role, Scope
from schemas.lines import Logger
from schemas.settings import Dashboard
from schemas.topics import TopicName

PASSWORD = "correct horse battery"
NO_DESKS = Desks()
_LOG: Logger = structlog.get_logger("meetwire.consumers")


class Serving(NamedTuple):
    """What runs, and where."""

    url: str
    """http://127.0.0.1:port"""
    made: Dashboarding
    meters: PrometheusMeters
    users_file: Path


def settings_for(folder: Path, **others: Any) -> Dashboard:
    """Return settings on a port of the system's choice, with the users file in `folder`."""
    given: dict[str, Any] = {"listen": "127.0.0.1:0", "users_file": str(folder / "users.json"), **others}
    return Dashboard(**given)


def add_user(
    folder: Path, name: str, role: Role, *, password: str | None = PASSWORD, enterprises: tuple[str, ...] | None = None
) -> None:
    """Put somebody into the users file, as `meetwire users add` does. Blocking: some 100 ms the first time."""
    hash_of = None if password is None else _hashed(password)
    user = User(user=name, role=role, password=hash_of, enterprises=enterprises)
    roll.change(folder / "users.json", lambda known: known.with_user(user))


@cache
def _hashed(password: str) -> str:
    """Return one hash for all who have the same password: each costs 64 MiB and a tenth of a second."""
    return hashed(password)


def add_token(
    folder: Path,
    name: str = "wall",
    *,
    scopes: tuple[Scope, ...] = (),
    topics: tuple[TopicName, ...] | None = None,
    enterprises: tuple[str, ...] | None = None,
    ends_at: datetime | None = None,
) -> str:
    """Put a program into the users file; return its token."""
    drawn = tokens.drawn()
    token = Token(
        name=name,
        sha256=tokens.hash_of(drawn),
        scopes=scopes,
        topics=topics,
        enterprises=enterprises,
        made_at=datetime.now(UTC),
        ends_at=ends_at,
    )
    roll.change(folder / "users.json", lambda known: known.with_token(token))
    return drawn


@contextlib.asynccontextmanager
async def serving(
    log_folder: Path,
    settings: Dashboard,
    *,
    desks: Desks = NO_DESKS,
    logger: Logger = _LOG,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncIterator[Serving]:
    """Yield a dashboard that has read what is in the log, and reads on."""
    meters, stop = PrometheusMeters(), asyncio.Event()

    def opens(reading: Reading) -> AbstractAsyncContextManager[PlacedSource]:
        return LocalSource(log_folder, reading, meters=meters, logger=logger)

    async with dashboarding(
        settings, opens, is_dense=False, desks=desks, meters=meters, logger=logger, now=now
    ) as made:
        reading = asyncio.create_task(made.run(stop))
        ready = asyncio.create_task(made.ready())
        await asyncio.wait((reading, ready), return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            reading.result()
        host, port = made.address
        try:
            yield Serving(f"http://{host}:{port}", made, meters, Path(settings.users_file))
        finally:
            stop.set()
            await asyncio.gather(reading, ready)


@contextlib.asynccontextmanager
async def logged_in(
    url: str, user: str, password: str = PASSWORD
) -> AsyncIterator[tuple[aiohttp.ClientSession, dict[str, str]]]:
    """Yield a client with somebody's session, and the header that his writes need."""
    async with aiohttp.ClientSession(url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        async with client.post("/api/v1/login", json={"user": user, "password": password}) as answer:
            assert answer.status == 204, await answer.text()
        async with client.get("/api/v1/session") as answer:
            csrf = (await answer.json())["csrf"]
        yield client, {"X-CSRF-Token": csrf}
