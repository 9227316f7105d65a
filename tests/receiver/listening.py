"""A whole receiver beside a simulated cloud, and what its log holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from deploy.meters import PrometheusMeters
from deploy.simulator.cloud import Cloud, running_cloud
from receiver.log import LogFile, LogReader
from receiver.service import Receiver, running
from receiver.subscriber.notes import entry_of
from schemas.events import SubscriptionChanged, decode
from schemas.ids import Position
from schemas.record import Record
from schemas.settings import DEFAULT_PARTITIONS, App, Enterprise, Log, Root, Secret, Subscriber, Webhook

from .signing import PASSWORD

MEETING: Final = "900000001"
# Longer than a test: what the list would heal, it does not heal.
NEVER_S: Final = 3_600.0
# When a process that died wrote last; it had opened the subscription an hour before that.
LAST_S: Final = 600

Found = Sequence[Record]


def app_of(cloud: Cloud, **more: Any) -> App:
    """Return the App ID that the cloud knows."""
    return App(**{"id": cloud.app_id, "keys": (Secret(cloud.app_key),), "api": cloud.url, **more})


def enterprise(app: App | None, *, pushed: bool = False) -> Enterprise:
    """Return an enterprise, with callback passwords where it is `pushed` to."""
    if not pushed:
        return Enterprise(name="acme", app=app)
    return Enterprise(name="acme", app=app, subscriber_id="123456789", callback_passwords=(Secret(PASSWORD),))


def settings(folder: Path, *enterprises: Enterprise, **subscriber: Any) -> Root:
    """Return settings with the log in `folder`, on a port of the system's choice."""
    return Root(
        webhook=Webhook(listen="127.0.0.1:0"),
        log=Log(folder=str(folder), min_free_bytes=0),
        subscriber=Subscriber(**{"discover_every_s": NEVER_S, "connects_per_s": 1_000, **subscriber}),
        enterprises=enterprises,
    )


@dataclass
class Listening:
    """A receiver that runs, the cloud that it listens to, and its metrics."""

    receiver: Receiver
    cloud: Cloud
    root: Root
    meters: PrometheusMeters

    async def has(self, condition: Callable[[Found], object]) -> Found:
        """Return all records of the log once it holds of them."""
        log, found, position = self.receiver.log, list[Record](), Position(1)
        with closing(await asyncio.to_thread(LogReader, Path(self.root.log.folder))) as reader:
            async with asyncio.timeout(60):
                while not condition(found):
                    await log.news(position)
                    chunk = await asyncio.to_thread(reader.read, position, 10_000)
                    if chunk is not None:
                        found += chunk.records
                        position = chunk.end
        return found

    async def has_types(self, *types: str) -> Found:
        """Return all records of the log once there is one of each type."""
        return await self.has(lambda found: set(types) <= {record.type for record in found})


@asynccontextmanager
async def listening(folder: Path, *, pushed: bool = False, **subscriber: Any) -> AsyncIterator[Listening]:
    """Yield a receiver beside a cloud of its own."""
    async with running_cloud() as cloud:
        root = settings(folder, enterprise(app_of(cloud), pushed=pushed), **subscriber)
        async with listening_to(cloud, root) as one:
            yield one


@asynccontextmanager
async def listening_to(cloud: Cloud, root: Root) -> AsyncIterator[Listening]:
    """Yield a receiver beside a cloud that runs."""
    meters = PrometheusMeters()
    async with running(root, meters) as receiver:
        yield Listening(receiver, cloud, root, meters)


def left_open(folder: Path) -> None:
    """Write the log of a process that died with a subscription open."""
    last = datetime.now(UTC) - timedelta(seconds=LAST_S)
    file = LogFile(folder, partitions=DEFAULT_PARTITIONS, min_free_bytes=-(2**60))
    opened = SubscriptionChanged(
        enterprise="acme",
        meeting_id=MEETING,
        meeting_uuid=None,
        occurred_at=last - timedelta(hours=1),
        change="opened",
        reason=None,
        epoch=7,
        receiver=file.id,
        unseen_since=None,
        push_type=None,
        first_missed=None,
        last_missed=None,
        missed=None,
    )
    file.write([entry_of(opened, partitions=DEFAULT_PARTITIONS)], round(last.timestamp() * 1_000))
    file.close()


def subscriptions(found: Found) -> list[SubscriptionChanged]:
    """Return what was told of subscriptions, in order."""
    events = [decode(record.value) for record in found]
    return [event for event in events if isinstance(event, SubscriptionChanged)]


def changes(found: Found) -> list[tuple[str, str | None]]:
    """Return what was told of subscriptions, as changes and reasons."""
    return [(event.change, event.reason) for event in subscriptions(found)]
