"""What the sockets of a process share: the log, the pace, the clock, the counts."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import NamedTuple

from schemas.settings import Subscriber

from ..log import Log
from .counts import Counts
from .keeping import Load
from .meeting import Now
from .pace import Pace, Window


class Around(NamedTuple):
    """What all sockets of a process share."""

    log: Log
    partitions: int
    mask: bool
    max_frame_bytes: int
    paces: dict[str, Pace]
    """By what a turn is asked for: "ask" and "connect"."""
    window: Window
    """For the moment of connecting."""
    counts: Counts
    load: Load
    look_again: Callable[[str], object]
    """Asks for an enterprise's list of meetings now."""
    now: Callable[[], Now]
    sleep: Callable[[float], Awaitable[object]]
    closing: set["asyncio.Task[object]"]
    """Sockets that say goodbye."""

    async def closed(self) -> None:
        """Return when none says goodbye any more."""
        if self.closing:
            await asyncio.wait(list(self.closing))


def right_now() -> Now:
    """Return this instant."""
    return Now(datetime.now(UTC), time.monotonic())


def around_of(
    settings: Subscriber,
    log: Log,
    counts: Counts,
    *,
    partitions: int,
    look_again: Callable[[str], object],
    now: Callable[[], Now],
    sleep: Callable[[float], Awaitable[object]],
) -> Around:
    """Return what the settings make of it."""
    return Around(
        log=log,
        partitions=partitions,
        mask=settings.mask_contacts,
        max_frame_bytes=settings.max_frame_bytes,
        paces={what: Pace(settings.connects_per_s) for what in ("ask", "connect")},
        window=Window(settings.connects_per_s),
        counts=counts,
        load=Load(),
        look_again=look_again,
        now=now,
        sleep=sleep,
        closing=set(),
    )
