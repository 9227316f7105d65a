"""When the service tries a push again. Pure: the policy is a sequence of delays that a test can read.

Enterprise push reference, "retry": 30 s later; after three retries that failed, every 30 min; 24 h in all, then the
event is dropped. Whether a round of the later phase is one try or another three is not documented; here it is one.
"""

from collections.abc import Iterator
from typing import Final

FIRST_S: Final = 30.0
FIRST_RETRIES: Final = 3
LATER_S: Final = 30 * 60.0
HORIZON_S: Final = 24 * 3_600.0


def retry_delays() -> Iterator[float]:
    """Yield the seconds to wait before each further try; when there are no more, the event is dropped."""
    waited_s = 0.0
    for _ in range(FIRST_RETRIES):
        waited_s += FIRST_S
        yield FIRST_S
    while waited_s + LATER_S <= HORIZON_S:
        waited_s += LATER_S
        yield LATER_S
