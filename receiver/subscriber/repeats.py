"""Which frames came before on the same socket. Pure; a small memory."""

from typing import Final

# The service is not known to send anything twice; what repeats a frame does so at once.
REMEMBERED: Final = 64


class Repeats:
    """The last ids, in the order in which they came."""

    __slots__ = ("_ids",)

    def __init__(self) -> None:
        self._ids: dict[int, None] = {}

    def has(self, frame_id: str) -> bool:
        """Return whether this id was asked for before, and remember it."""
        # Half of its 32 hexadecimal digits: a number takes a third of the memory.
        short = int(frame_id[:16], 16)
        if short in self._ids:
            return True
        self._ids[short] = None
        if len(self._ids) > REMEMBERED:
            del self._ids[next(iter(self._ids))]
        return False
