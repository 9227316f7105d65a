"""What the sockets of a process share: the log, the pace, the clock, the counts."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from ..log import Log
from .counts import Counts
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
    look_again: Callable[[str], object]
    """Asks for an enterprise's list of meetings now."""
    now: Callable[[], Now]
    sleep: Callable[[float], Awaitable[object]]
    closing: set["asyncio.Task[object]"]
    """Sockets that say goodbye."""
