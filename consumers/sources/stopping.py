"""Stop aiokafka's consumer, whatever its broker does."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from aiokafka import AIOKafkaConsumer

# To leave a group takes one answer of a broker; one that does not come by then is not waited for.
STOP_S: Final = 5.0


async def stop(consumer: AIOKafkaConsumer) -> None:
    """Leave the group and close all connections; return within seconds.

    aiokafka's own stop waits for brokers that do not answer, and where a fetch has just failed it ends with that
    fetch's CancelledError, its connections open. So it runs apart, and what it left is closed by hand.
    """
    if not await _ended(consumer.stop(), STOP_S):
        for part in [part for part in (consumer._fetcher, consumer._client) if part is not None]:
            await _ended(part.close(), 1.0)


async def _ended(work: Coroutine[Any, Any, object], timeout_s: float) -> bool:
    """Whether `work` ended by itself and well."""
    task = asyncio.ensure_future(work)
    await asyncio.wait((task,), timeout=timeout_s)
    task.cancel()
    (outcome,) = await asyncio.gather(task, return_exceptions=True)
    return not isinstance(outcome, BaseException)
