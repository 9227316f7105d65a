"""Follow a group's rebalances: let what is in hand be committed before they begin, and start anew after them."""

import asyncio
import contextlib
from collections.abc import Callable, Collection
from typing import Final

from aiokafka import ConsumerRebalanceListener, TopicPartition

# Below the session's 10 s, after which the group goes on without this member anyway.
_PATIENCE_S: Final = 5.0


class Rebalances(ConsumerRebalanceListener):
    """Told by aiokafka, in its coordination task, while heartbeats go on."""

    def __init__(self, assigned: Callable[[int], None]) -> None:
        self._assigned = assigned
        self.joined = asyncio.Event()
        # Nothing is in a handler's hands.
        self.idle = asyncio.Event()
        self.idle.set()

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Wait a while for the batch that is in hand: what is committed now is not read twice."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_S):
                await self.idle.wait()

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Forget where this reader stood: what was not committed comes again, to whom it may."""
        self._assigned(len(assigned))
        self.joined.set()
