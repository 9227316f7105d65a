"""Run quality alerts: read, decide, publish and tell where this process leads, and keep a snapshot.

What is decided is a function of the records alone (engine/ and aligning say how), and each decision has an ID that
follows from it. So every process reads all partitions and decides the same; the leader publishes. It goes on after a
crash as if there had been none:

1. A decision is kept (`Told.pending`) until it is on the topic, and is part of the snapshot with the places in the
   topics that it was made from.
2. It is put into the outbox, durable, before it is published, and published before the next one is.
3. After a crash the records since the snapshot are read and decided once more, under the same IDs. What is on the
   topic by then is not published again; what is in the outbox is not put there again.
4. Who comes to lead reads the topic of alerts up to its end first, and publishes what it decided that is not there.

So on the topic stands, with the first of each ID taken, what an uninterrupted run would have put there.
"""

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from functools import partial
from pathlib import Path

import msgspec

from schemas.lines import Logger
from schemas.ports import Sink
from schemas.rules import QosRules
from schemas.settings import Qos

from ..waiting import in_thread
from . import snapshot as snapshots
from .deciding import Deciding
from .leading import Leading
from .opening import TOPICS, Sources, opened
from .publishing import Telling
from .running import Running, Tools


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What it runs on; each is opened anew with each start."""

    sources: Sources
    sink: Callable[[], AbstractAsyncContextManager[Sink]]
    leading: Callable[[], AbstractAsyncContextManager[Leading]]
    telling: Callable[[Sink], AbstractAsyncContextManager[Telling]]
    partitions: int
    one_sequence: bool
    """The local log: its topics are not read apart from each other."""


async def serve_alerts(
    settings: Qos,
    rules: QosRules,
    parts: Parts,
    stop: asyncio.Event,
    *,
    tools: Tools,
    begun: Callable[[], object] = lambda: None,
) -> None:
    """Run until `stop`; `begun` is called once all is open. Raises ConsumerError, QosError, OSError."""
    folder, look_back = Path(settings.state_folder), timedelta(hours=settings.look_back_h)
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(in_thread(partial(snapshots.owned, folder)))
        snapshot = await asyncio.to_thread(_read, folder, tools.logger)
        rules_id = snapshots.rules_id(rules)
        found = await stack.enter_async_context(
            opened(parts.sources, snapshot, rules_id, look_back=look_back, now=tools.now())
        )
        sink = await stack.enter_async_context(parts.sink())
        telling = await stack.enter_async_context(parts.telling(sink))
        leading = await stack.enter_async_context(parts.leading())
        topics = frozenset[str]() if parts.one_sequence else TOPICS
        deciding = Deciding(rules, found.beginning, partitions=parts.partitions, topics=topics)
        running = Running(settings, found, deciding, sink, telling, leading, tools)
        await running.begin()
        begun()
        await running.run(stop)


def _read(folder: Path, logger: Logger) -> snapshots.Snapshot | None:
    try:
        return snapshots.read(folder)
    except snapshots.Damaged as error:
        reason = str(error)
    logger.error("snapshot.refused", reason=reason, hint="what stands is found out by a look back")
    return None
