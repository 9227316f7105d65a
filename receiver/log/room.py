"""How much room the disk has for the log: enough; little, so that what matters least is given up; or too little."""

import os
import time
from pathlib import Path
from typing import Final

import structlog

from schemas.lines import Logger
from schemas.metrics import Meters

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")

_LOOK_EVERY_S: Final = 0.05
# Not given up and taken again with every file that comes and goes: there has to be so many times the reserve first.
_RELIEVED: Final = 1.25


class Room:
    """Where the log lies. Short below `min_free_bytes`; tight where not even `reserve_bytes` are left above that.

    For the writer's thread; the flags are for everybody.
    """

    def __init__(self, folder: Path, *, min_free_bytes: int, reserve_bytes: int) -> None:
        self._folder = folder
        self._min_free_bytes = min_free_bytes
        self._reserve_bytes = reserve_bytes
        self._looked_at = float("-inf")
        self.is_short = False
        self.is_tight = False

    def look(self) -> None:
        """Look how much is left. Not at every commit: there can be thousands a second, of a few MiB at the most."""
        now = time.monotonic()
        if self.is_short or now - self._looked_at > _LOOK_EVERY_S:
            self._looked_at = now
            left = self.free_bytes() - self._min_free_bytes
            self.is_short = left < 0
            self.is_tight = left < self._reserve_bytes * (_RELIEVED if self.is_tight else 1.0)

    def free_bytes(self) -> int:
        """Return the space left."""
        room = os.statvfs(self._folder)
        return room.f_bavail * room.f_frsize


class RoomSeen:
    """What was seen of it last, in the loop's thread, said and shown."""

    def __init__(self, meters: Meters) -> None:
        self._gauge = meters.gauge("meetwire_disk_tight")
        self._gauge.set(0)
        self.is_tight = False

    def see(self, room: Room) -> None:
        """Say it where it changed."""
        was, self.is_tight = self.is_tight, room.is_tight
        if was == self.is_tight:
            return
        self._gauge.set(self.is_tight)
        if self.is_tight:
            _LOG.warning("disk.tightened")
        else:
            _LOG.info("disk.relieved")
