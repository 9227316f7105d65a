"""Where a segment ends and the next begins: a function of the records alone. Pure.

Whoever reads a partition from a segment's first record on cuts it as everybody else does. Only what nothing comes
after has to be ended by somebody's clock; whose segment is in the store first has cut it for all.
"""

import msgspec


class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """How long and how large a segment may be."""

    span_ms: int
    most_bytes: int

    def window(self, time_ms: int) -> int:
        """Return which window a record's time lies in."""
        return time_ms // self.span_ms

    def goes_on(self, window: int, size: int, time_ms: int, line_bytes: int) -> bool:
        """Whether a segment of that window and size takes a line too, its newline counted.

        What comes a little late stays with what it came after. A clock that jumped back by more than a window begins
        a new segment, else one that had jumped far ahead would never be over.
        """
        own = self.window(time_ms)
        return window - 1 <= own <= window and size + line_bytes <= self.most_bytes

    def is_over(self, window: int, clock_ms: int, margin_ms: int) -> bool:
        """Whether nothing more is to be expected of a window where its partition's records are at `clock_ms`."""
        return clock_ms >= (window + 1) * self.span_ms + margin_ms or clock_ms < (window - 1) * self.span_ms
