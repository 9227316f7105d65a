"""The delays between tries, as data. Full jitter: what failed together does not come back together."""

import random
from collections.abc import Callable, Iterator

Delays = Callable[[], Iterator[float]]


def pauses(
    *, first_s: float = 1.0, most_s: float = 60.0, uniform: Callable[[], float] = random.random
) -> Iterator[float]:
    """Yield delays in seconds, each drawn between nothing and a bound that doubles up to `most_s`."""
    bound = first_s
    while True:
        yield uniform() * bound
        bound = min(bound * 2, most_s)
