"""The delays between tries, as data. Full jitter: many receivers do not come back to a broker all at once."""

import random
from collections.abc import Iterator


def backoff(*, first_s: float = 0.1, most_s: float = 10.0) -> Iterator[float]:
    """Yield delays in seconds, each drawn between nothing and a bound that doubles up to `most_s`."""
    bound = first_s
    while True:
        yield random.uniform(0, bound)  # noqa: S311 -- spreads load, guards nothing
        bound = min(bound * 2, most_s)
