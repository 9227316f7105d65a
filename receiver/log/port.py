"""What the rest of the receiver knows of the log."""

from typing import Protocol

from ..entry import Entry
from ..errors import LogUnavailable
from .fresh import Appended


class Log(Protocol):
    """The only way out of the webhook; tests hand in one that keeps a list, behind the same contract suite."""

    async def append(self, entry: Entry) -> Appended:
        """Return once all of `entry` is on disk, or stands there already. Raises LogUnavailable where it is not."""
        ...


class Told(Protocol):
    """Who is told, in the loop's thread, what became of an entry: a future, say."""

    def done(self) -> bool:
        """Return whether nobody waits any more."""
        ...

    def set_result(self, result: Appended, /) -> None:
        """All of it is on disk, or stands there already."""
        ...

    def set_exception(self, exception: LogUnavailable, /) -> None:
        """It is not."""
        ...
