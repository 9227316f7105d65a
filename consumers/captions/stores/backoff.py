"""The delays between tries, as data. Full jitter: replicas do not come back to a store all at once."""

import random
from collections.abc import Callable, Iterator


def backoff(
    *, first_s: float = 0.1, most_s: float = 10.0, uniform: Callable[[], float] = random.random
) -> Iterator[float]:
    """Yield delays in seconds, each drawn between nothing and a bound that doubles up to `most_s`.

    `uniform` draws between 0 and 1.
    """
    bound = first_s
    while True:
        yield uniform() * bound
        bound = min(bound * 2, most_s)
