"""The dashboard on Kafka: each replica reads all partitions for itself, and a reader goes from one to the other."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from msgspec.structs import replace

from deploy.dashboard import opened, parts_of, welcome
from deploy.meters import PrometheusMeters
from schemas.record import Record
from schemas.settings import Dashboard, Kafka, Root

from ..producing import PARTITIONS, Producer
from .events import Told, caption, lifecycle, recorded
from .scene import A_MEETING, read_events
from .serving import add_token, settings_for

pytestmark = pytest.mark.kafka


def record(told: Told, partition: int) -> Record:
    """Return a record of now, whatever the event says of its own time."""
    return replace(recorded(told, partition=partition), received_ms=int(datetime.now(UTC).timestamp() * 1_000))


@contextlib.asynccontextmanager
async def replica(settings: Dashboard, topics: Producer) -> AsyncIterator[str]:
    """Give the address of one, as `consume dashboard` runs it, once it is whole."""
    root = Root(kafka=Kafka(servers=(topics.bootstrap,), topic_prefix=topics.prefix), dashboard=settings)
    meters, stop = PrometheusMeters(), asyncio.Event()
    async with opened(settings, parts_of(root, meters, use_log=False), meters) as made:
        assert "/first?link=" in str(welcome(settings, made))
        reading = asyncio.create_task(made.run(stop))
        await made.ready()
        yield "http://{}:{}".format(*made.address)
        stop.set()
        await reading


async def test_replicas_show_the_same_and_share_their_readers(topics: Producer, tmp_path: Path) -> None:
    """What one gave as a cursor the other goes on from."""
    token = await asyncio.to_thread(add_token, tmp_path, scopes=("captions",))
    headers = {"Authorization": f"Bearer {token}"}
    await topics.append(*(record(one, 1) for one in A_MEETING))
    settings = settings_for(tmp_path)
    async with (
        replica(settings, topics) as one,
        replica(settings, topics) as other,
        aiohttp.ClientSession(headers=headers) as client,
    ):
        rows, body = [], {}
        for address in (one, other):
            async with client.get(f"{address}/api/v1/meetings") as answer:
                body = await answer.json()
                rows.append([(row["meeting_id"], row["people"], row["worst"]) for row in body["meetings"]])
        await topics.append(*(record(caption(20 + number, f"{number}."), number % PARTITIONS) for number in range(6)))
        async with client.get(f"{one}/api/v1/stream?cursor={body['cursor']}") as answer:
            first = await read_events(answer, 6)
        await topics.append(record(lifecycle(type(A_MEETING[0].event), 30, "u-9"), 2))  # type: ignore[arg-type]  # a start
        async with client.get(f"{other}/api/v1/stream", headers={"Last-Event-ID": body["cursor"]}) as answer:
            second = await read_events(answer, 7)

    # Months ago by their own time: over, and so only in the stream.
    assert rows[0] == rows[1]
    assert sorted(json.loads(event)["data"]["lines"][0]["text"] for _, event in first) == [f"{n}." for n in range(6)]
    assert len({json.loads(event)["id"] for _, event in second}) == 7
