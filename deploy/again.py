"""A consumer beside the receiver: begun again after whatever ended it, since the receiver must not end with it.

Promises: a fault at the start that no trying again mends is raised to whoever starts; everything else is said and
tried again, a second later at first and half a minute later at last. What ran for a minute begins its pauses anew.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, Protocol

import msgspec
import structlog

from consumers.waiting import unless
from receiver.errors import raised_at
from schemas.lines import Logger

_LOG: Final[Logger] = structlog.get_logger("meetwire.consumers")


class Pauses(msgspec.Struct, frozen=True):
    """How long is waited after each failure in a row, the last for all that follow."""

    seconds: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0, 30.0)
    settled_s: float = 60.0
    """What ran for longer begins them anew."""


_PAUSES: Final = Pauses()


class Runs(Protocol):
    """Opens a consumer, calls `begun` once it is open, and runs it until `stop`."""

    def __call__(self, stop: asyncio.Event, begun: Callable[[], None]) -> Awaitable[None]:
        """Return after `stop`; raise whatever ended it before."""
        ...


class Kind(msgspec.Struct, frozen=True):
    """What is said of a consumer that ended."""

    name: str
    told: tuple[type[Exception], ...]
    """Errors whose text is fit for a log line; of others the kind and the place are said."""
    final: tuple[type[Exception], ...] = ()
    """Errors that end the start: raised as long as it never began."""


@contextlib.asynccontextmanager
async def beside(kind: Kind, runs: Runs, pauses: Pauses = _PAUSES) -> AsyncIterator[None]:
    """Run within this block, which is entered once the consumer began or failed. Raises what is `final`.

    Cancelled before that, it cancels the beginning, which does not look at `stop`.
    """
    stop, begun = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(_again_and_again(kind, runs, pauses, stop, begun))
    beginning = asyncio.create_task(begun.wait())
    try:
        await asyncio.wait((task, beginning), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        yield
    finally:
        stop.set()
        if not begun.is_set():
            task.cancel()
        beginning.cancel()
        await asyncio.gather(task, beginning, return_exceptions=True)


async def _again_and_again(kind: Kind, runs: Runs, pauses: Pauses, stop: asyncio.Event, begun: asyncio.Event) -> None:
    tries, clock = 0, asyncio.get_running_loop().time
    while not stop.is_set():
        started = clock()
        try:
            await runs(stop, begun.set)
        except kind.told as error:
            if isinstance(error, kind.final) and not begun.is_set():
                raise
            _LOG.error("consumer.failed", consumer=kind.name, reason=str(error))
        # A fault of ours must not end a consumer for good, and nobody would hear of it here.
        except Exception as error:
            _LOG.error("service.failed", kind=type(error).__name__, where=raised_at(error))
        begun.set()
        if clock() - started > pauses.settled_s:
            tries = 0
        await unless(stop, asyncio.sleep(pauses.seconds[min(tries, len(pauses.seconds) - 1)]))
        tries += 1
