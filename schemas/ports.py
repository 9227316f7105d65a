"""What one side has and the other needs, as protocols; deploy hands the implementations in."""

from collections.abc import Sequence
from typing import Protocol

from .record import Record


class Sink(Protocol):
    """Where a consumer publishes what it decides itself: dead letters, alerts."""

    async def publish(self, records: Sequence[Record]) -> None:
        """Return once all are durable, in order. Raises OSError where they could not be; then none may be relied on."""
        ...
