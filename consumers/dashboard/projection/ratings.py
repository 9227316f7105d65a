"""How good a figure is, from 5 down to 0. Pure.

Up to 2 is bad. The bounds between 3 and 2 are those from which on Microsoft's Call Quality Dashboard calls a stream
poor (loss above 10 %, jitter above 30 ms, round trip above 500 ms) and ITU-T G.114 a delay unacceptable (400 ms one
way), as deploy/qos.toml has them. The others divide what lies above and below, and are ours.
"""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

from schemas.events import Flow

BEST: Final = 5
BAD: Final = 2
"""This and less is bad."""

_UNKNOWN: Final = BEST + 1
# The last value that is still 5, 4, 3, 2, 1.
_LOSS: Final = (0.01, 0.03, 0.10, 0.25, 0.50)
_JITTER_MS: Final = (10.0, 20.0, 30.0, 60.0, 150.0)
_ROUND_TRIP_MS: Final = (150.0, 300.0, 500.0, 1_000.0, 2_000.0)
_LATENCY_MS: Final = (100.0, 200.0, 400.0, 700.0, 1_500.0)


def flow_rating(flow: Flow) -> int | None:
    """Return the rating of one flow by its worst figure; None where it has none. What the service finds bad, is."""
    # Written out: it runs for each of some ten thousand flows a second.
    rating = _UNKNOWN
    if (loss := flow.packet_loss_ratio) is not None:
        rating = BEST - bisect_left(_LOSS, loss)
    if (jitter := flow.jitter_ms) is not None and (rated := BEST - bisect_left(_JITTER_MS, jitter)) < rating:
        rating = rated
    if (latency := flow.latency_ms) is not None and (rated := BEST - bisect_left(_LATENCY_MS, latency)) < rating:
        rating = rated
    if flow.alarms and rating > BAD:
        rating = BAD
    return None if rating == _UNKNOWN else rating


def round_trip_rating(round_trip_ms: float | None) -> int | None:
    """Return the rating of a participant's round trip."""
    return None if round_trip_ms is None else BEST - bisect_left(_ROUND_TRIP_MS, round_trip_ms)


def worst(ratings: Iterable[int | None]) -> int | None:
    """Return the worst of those that are known."""
    return min((rating for rating in ratings if rating is not None), default=None)
