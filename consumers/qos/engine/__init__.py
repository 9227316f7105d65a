"""The middle of quality alerts: (state, sample or tick) → (state, decisions). Pure, and the same for whoever runs it.

Time is cut into ticks of five seconds by when a receiver had a record. A tick is decided once the clock, which the
receivers' signs of life move, is past its end by the lateness that the rules allow: then all of its samples are there,
and they are taken in an order that follows from the samples alone. So what is decided is a function of the records,
not of how their topics and partitions were interleaved on the way, nor of when anybody read them. What comes after its
tick was decided is counted, and not used.

Rules that are told at once do not wait for that, and follow from the samples of one partition alone (at_once.py).
"""

from typing import Final

TICK_MS: Final = 5_000


def tick_of(time_ms: int) -> int:
    """Return the tick that an instant belongs to, by its end."""
    return (time_ms // TICK_MS + 1) * TICK_MS
