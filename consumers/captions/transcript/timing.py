"""When sentences begin and end, on one clock. Pure.

The service counts from somewhere, as it seems from when captions were switched on (meeting-push.md, 5.8); that instant
is what a frame's own time says less what it counts. Captions can be switched on again, and then it counts anew: so the
sentences are grouped by that instant, and the middle one of a group counts for all of it.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median_low
from typing import Final

from .doubts import Doubt
from .instants import MINUTE, SECOND
from .sentence import Sentence

# Between two groups. A frame comes some seconds after what is said in it, now sooner, now later.
_APART: Final = 30 * SECOND
# What is farther from when it came is no time of it.
_ASTRAY: Final = MINUTE
# How long a sentence is shown at least whose length is not known.
_SHOWN: Final = SECOND

Timed = tuple[int, int, Sentence, tuple[Doubt, ...]]
"""Begin and end in milliseconds since 1970, end above begin; and what is odd about them besides."""


def timed(sentences: Sequence[Sentence]) -> list[Timed]:
    """Return the sentences by when they begin."""
    origins = _Origins([one.origin_ms for one in sentences if one.origin_ms is not None])
    found = [(*_span(one, origins), one) for one in sentences]
    found.sort(key=lambda each: (each[0], each[1], each[3].first.at_ms, each[3].first.told.offset))
    return [(begin, end, one, doubts) for begin, end, doubts, one in found]


def _span(one: Sentence, origins: "_Origins") -> tuple[int, int, tuple[Doubt, ...]]:
    if one.span is None or one.origin_ms is None:
        return one.first.at_ms, max(one.spoken_ms, one.first.at_ms + _SHOWN), ()
    origin = origins.of(one.origin_ms)
    is_astray = abs(origin - one.origin_ms) > _ASTRAY
    begin, end = (at_ms + (one.origin_ms if is_astray else origin) for at_ms in one.span)
    return begin, end if end > begin else begin + _SHOWN, ("times_astray",) if is_astray else ()


class _Origins:
    """From when the service counted."""

    def __init__(self, seen: Sequence[int]) -> None:
        self._firsts: list[int] = []
        self._middles: list[int] = []
        for group in _groups(sorted(seen)):
            self._firsts.append(group[0])
            self._middles.append(median_low(group))

    def of(self, seen: int) -> int:
        """Return the one that a frame goes by, by what it says itself."""
        return self._middles[bisect_right(self._firsts, seen) - 1]


def _groups(seen: Sequence[int]) -> Iterator[Sequence[int]]:
    cuts = [place for place, (one, other) in enumerate(pairwise(seen), start=1) if other - one > _APART]
    for first, end in zip([0, *cuts], [*cuts, len(seen)], strict=True):
        if first < end:
            yield seen[first:end]
