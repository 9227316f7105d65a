"""Have every witness get the newest checkpoint, each in its own time: one that is away holds up nobody."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Final

import aiohttp

from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.settings import Captions

from ..errors import ArchiveError, Conflict, Misconfigured
from ..stores import Store
from ..stores.backoff import backoff
from ..stores.names import is_key
from ..stores.opened import opened
from . import Witness
from .place import Place
from .webhook import Webhook, trusted

# A witness is needed in years, not in seconds.
_MOST_WAIT_S: Final = 60.0

Copy = Callable[[bytes], Awaitable[None]]
"""Has a checkpoint copied, some time; raises nothing and waits for nobody."""


class Copying:
    """The way of checkpoints to one witness, which is the settings' `number`th, from 1."""

    def __init__(
        self,
        witness: Witness,
        number: int,
        *,
        meters: Meters,
        logger: Logger,
        delays: Callable[[], Iterator[float]] = lambda: backoff(first_s=1.0, most_s=_MOST_WAIT_S),
    ) -> None:
        self._witness, self._number = witness, number
        self._logger, self._delays = logger, delays
        self._failures = meters.counter("meetwire_captions_witness_failures_total", witness=str(number))
        self._contradictions = meters.counter("meetwire_captions_witness_contradictions_total", witness=str(number))
        self._behind = meters.gauge("meetwire_captions_witness_behind_entries", witness=str(number))
        self._note: bytes = b""
        self._size = self._taken = 0
        self._news = asyncio.Event()

    def offer(self, note: bytes) -> None:
        """Have the witness get `note`, unless a newer one is offered before it could."""
        size = int(note.split(b"\n", 2)[1])
        if size >= self._size:
            self._note, self._size = note, size
            self._behind.set(size - self._taken)
            self._news.set()

    async def run(self) -> None:
        """Copy what is offered, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            await self._copy()

    async def _copy(self) -> None:
        """Copy the newest; come back when the witness has it, or has what it must not have."""
        failing = False
        delays = self._delays()
        while True:
            size, note = self._size, self._note
            try:
                await self._witness.take(size, note)
            except Conflict as error:
                self._contradictions.inc()
                self._logger.error("witness.contradicted", witness=self._number, reason=str(error))  # noqa: TRY400 -- it is no bug of ours
                return
            except ArchiveError as error:
                self._failures.inc()
                if not failing:
                    self._logger.warning("witness.failed", witness=self._number, reason=str(error))
                failing = True
            else:
                self._has(size, was_failing=failing)
                return
            await asyncio.sleep(next(delays))

    def _has(self, size: int, *, was_failing: bool) -> None:
        self._taken = size
        self._behind.set(self._size - size)
        self._logger.debug("witness.copied", witness=self._number, entries=size)
        if was_failing:
            self._logger.info("witness.recovered", witness=self._number)


@contextlib.asynccontextmanager
async def witnessing(settings: Captions, own: Store, *, meters: Meters, logger: Logger) -> AsyncIterator[Copy]:
    """Give what copies checkpoints to the settings' witnesses; the ledger lies in `own`.

    What is not copied at the end is copied after the next start, when the newest is offered. Raises Misconfigured.
    """
    async with contextlib.AsyncExitStack() as stack:
        witnesses = await _opened(settings, own, stack)
        ways = [Copying(one, number, meters=meters, logger=logger) for number, one in enumerate(witnesses, 1)]
        stack.push_async_callback(_ended, [asyncio.create_task(way.run()) for way in ways])

        async def copy(note: bytes) -> None:
            for way in ways:
                way.offer(note)

        yield copy


async def _opened(settings: Captions, own: Store, stack: contextlib.AsyncExitStack) -> list[Witness]:
    if settings.witness and not is_key(settings.name):
        raise Misconfigured("captions.name: a witness keeps checkpoints under it, so it must be the name of a folder")
    return [await _open(settings, address, own, stack) for address in settings.witness]


async def _open(settings: Captions, address: str, own: Store, stack: contextlib.AsyncExitStack) -> Witness:
    if address.startswith(("file:", "s3://")):
        return Place(await stack.enter_async_context(opened(settings, address)), own, settings.name)
    try:
        trust = await trusted(settings.ca_file)
    except OSError as error:
        raise Misconfigured(
            f"captions.ca_file: {settings.ca_file}: {error.strerror or type(error).__name__}"
        ) from error
    timeout = aiohttp.ClientTimeout(total=settings.request_timeout_s)
    return Webhook(await stack.enter_async_context(aiohttp.ClientSession(timeout=timeout)), address, trust)


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
