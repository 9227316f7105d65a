"""Put the server together: which address leads where, and a listener for it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Final

from aiohttp import web

from schemas.door import Door
from schemas.settings import Dashboard
from schemas.tls import server_context

from .alerting import Alerting
from .archiving import Archiving
from .connection import HEAD_S, IDLE_S, Connection, Edge
from .entrance import Entrance
from .guarding import Served, Surroundings, errors_told, known, raised_at
from .house import MAX_BODY_BYTES, House
from .looking import Looking
from .page import File, Page
from .telling import Telling

API: Final = "/api/v1"
# An open page ends by itself once it is told; what is being answered has this long.
_DRAIN_S: Final = 2.0
_BACKLOG: Final = 128


def application(house: House, files: dict[str, File]) -> web.Application:
    """Return the aiohttp application."""
    around = Surroundings(house.settings)
    entrance, looking, telling = Entrance(house, around), Looking(house), Telling(house, around)
    alerting, archiving, page = Alerting(house), Archiving(house, around), Page(files)
    made = web.Application(middlewares=[errors_told(house, around)], client_max_size=MAX_BODY_BYTES)
    add = made.router.add_route
    for path, strangers_too in (("/", page.index), ("/first", page.index), ("/page/{name}", page.file)):
        add("GET", path, strangers_too)
    add("POST", f"{API}/login", entrance.login)
    add("POST", f"{API}/first", entrance.first)
    routes: tuple[tuple[str, str, Served], ...] = (
        ("GET", "session", entrance.session),
        ("POST", "logout", entrance.logout),
        ("GET", "meetings", looking.meetings),
        ("GET", "meetings/{id}", looking.meeting),
        ("GET", "stream", telling.stream),
        ("GET", "live", telling.live),
        ("GET", "alerts", alerting.alerts),
        ("POST", "alerts/{id}/acknowledge", alerting.acknowledge),
        ("GET", "silences", alerting.silences),
        ("POST", "silences", alerting.silence),
        ("DELETE", "silences/{id}", alerting.end_silence),
        ("GET", "archive/search", archiving.search),
        ("GET", "archive/meetings", archiving.meetings),
        ("GET", "archive/meetings/{occurrence}", archiving.transcript),
        ("GET", "archive/export", archiving.export),
    )
    for method, path, serve in routes:
        add(method, f"{API}/{path}", known(house, around, serve))
    return made


@contextlib.asynccontextmanager
async def listening(made: web.Application, house: House) -> AsyncIterator[tuple[str, int]]:
    """Yield the address that the server took. Raises OSError for a taken port, ssl.SSLError."""
    runner = web.AppRunner(made, handle_signals=False, shutdown_timeout=_DRAIN_S)
    await runner.setup()
    loop, manager, edge = asyncio.get_running_loop(), runner.server, _edge(house)
    if manager is None:  # pragma: no cover -- there is one after the setup
        raise RuntimeError

    def connection() -> Connection:
        return Connection(manager, edge, loop)

    try:
        door = _door(house.settings, edge, connection)
        host, _, port = house.settings.listen.rpartition(":")
        listener = await loop.create_server(
            connection if door is None else lambda: door,
            host.strip("[]") or None,
            int(port),
            reuse_address=True,
            backlog=_BACKLOG,
        )
        try:
            taken = listener.sockets[0].getsockname()
            yield taken[0], taken[1]
        finally:
            listener.close()
            if door is not None:
                await door.close()
    finally:
        house.stopping.set()
        house.records.wake()
        house.live.wake()
        await runner.cleanup()


def _edge(house: House) -> Edge:
    def failed(error: BaseException) -> None:
        house.logger.error("service.failed", kind=type(error).__name__, where=raised_at(error))

    # Twice as many as read: a page has a line open, and asks beside it.
    return Edge(max_connections=2 * house.settings.max_readers, failed=failed, head_s=HEAD_S, idle_s=IDLE_S)


def _door(settings: Dashboard, edge: Edge, connection: Callable[[], Connection]) -> Door | None:
    if settings.tls_certificate_file is None:
        return None
    context = server_context()
    context.load_cert_chain(settings.tls_certificate_file, settings.tls_key_file)
    return Door(
        connection,
        context,
        is_full=lambda: edge.open >= edge.max_connections,
        failed=edge.failed,
        handshake_s=edge.head_s,
    )
