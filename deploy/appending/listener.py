"""The receiver's side: take batches at the socket, append them, and answer once they are on disk.

204 says that all of a batch is durable. 400, 408 and 413 say in words why nothing of it was taken, and taking it again
will not help; 503 that the log takes nothing now.

A receiver whose socket cannot be made goes on without: pushes are worth more than what consumers have to say.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog
from aiohttp import web

from consumers.waiting import in_thread
from schemas.lines import Logger
from schemas.ports import Sink

from .address import PATH, bound
from .batch import MAX_BODY, Unappendable, read

_LOG: Final[Logger] = structlog.get_logger("meetwire")
# What is read at once is in memory, MAX_BODY each.
_AT_ONCE: Final = 4
_READ_S: Final = 10.0
_DRAIN_S: Final = 5.0
# From Python 3.13 on a server takes its socket away, by a path that may be another's by then: we do it ourselves.
_LEFT_TO_US: Final[dict[str, Any]] = {"cleanup_socket": False} if sys.version_info >= (3, 13) else {}


class Appending:
    """The handler. `sink` appends to the log, which has so many partitions."""

    def __init__(self, sink: Sink, partitions: int) -> None:
        self._sink, self._partitions = sink, partitions
        self._turns = asyncio.Semaphore(_AT_ONCE)

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        application = web.Application(client_max_size=MAX_BODY)
        application.router.add_post(PATH, self.append)
        return application

    async def append(self, request: web.Request) -> web.Response:
        """Append one batch."""
        async with self._turns:
            try:
                async with asyncio.timeout(_READ_S):
                    body = await request.read()
                records = read(body, self._partitions)
            except TimeoutError:
                return _refused(408, f"the batch was not here within {_READ_S:.0f} s")
            except web.HTTPRequestEntityTooLarge:
                return _refused(413, f"a batch has {MAX_BODY} bytes at the most")
            except Unappendable as error:
                return _refused(400, str(error))
            try:
                await self._sink.publish(records)
            except OSError as error:
                return web.Response(status=503, text=str(error))
        return web.Response(status=204)


@contextlib.asynccontextmanager
async def appending(folder: Path, sink: Sink, partitions: int) -> AsyncIterator[None]:
    """Take batches within this block. For who has the log in `folder`."""
    async with contextlib.AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(_listening(folder, Appending(sink, partitions)))
        except OSError as error:
            hint = "consumers in processes of their own cannot publish to this log"
            _LOG.error("append.failed", reason=error.strerror or type(error).__name__, hint=hint)
        yield


@contextlib.asynccontextmanager
async def _listening(folder: Path, handler: Appending) -> AsyncIterator[None]:
    runner = web.AppRunner(handler.application(), access_log=None, handle_signals=False, shutdown_timeout=_DRAIN_S)
    await runner.setup()
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(runner.cleanup)
        made = await stack.enter_async_context(in_thread(partial(bound, folder)))
        # Not a site of aiohttp's: they bind by themselves, and listen before the mode is what it should be.
        if runner.server is None:  # pragma: no cover -- it is set up; types cannot tell
            raise RuntimeError
        server = await asyncio.get_running_loop().create_unix_server(runner.server, sock=made, **_LEFT_TO_US)
        stack.callback(server.close)
        yield


def _refused(status: int, why: str) -> web.Response:
    _LOG.warning("append.refused", reason=why)
    return web.Response(status=status, text=why)
