"""The end comes in time whatever the broker does, loses nothing of the log, and leaves nothing running."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from schemas.ids import Position
from schemas.settings import Kafka
from tests.kafka.broker import Broker
from tests.kafka.configuration import free_port
from tests.kafka.fixtures import SharedBroker

from ..log.entries import entry
from .publishing import kafka_at, once, publishing, read, risen, topics_made, until

pytestmark = pytest.mark.kafka

# The deadline of a request is a minute here: a stop that waited for one would take as long.
PATIENT_S: Final = 60.0
# What an abandoned connection may take to take leave, and a busy machine to get to it.
SOON_S: Final = 20.0


@contextmanager
def soon() -> Iterator[None]:
    """Fail where the block takes longer than a stop may."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SOON_S


def patient(bootstrap: str, prefix: str) -> Kafka:
    """Return settings whose own deadline is too late to be what ends a stop."""
    return kafka_at(bootstrap, prefix, request_timeout_s=PATIENT_S)


async def stopped(folder: Path, kafka: Kafka, before: str) -> None:
    """Run until the moment `before` and stop then, in time."""
    running = publishing(folder, kafka)
    parts = await running.__aenter__()
    await parts.log.append(entry(1))
    if before == "in a pause between tries":
        await until(lambda: parts.forwarder.failure)
    with soon():
        await running.__aexit__(None, None, None)


@pytest.mark.parametrize("before", ["the first try", "in a pause between tries"])
async def test_it_stops_where_nobody_listens(tmp_path: Path, before: str) -> None:
    """Before the first answer and between two tries alike."""
    await stopped(tmp_path, patient(f"127.0.0.1:{free_port()}", ""), before)


async def test_it_stops_while_a_server_says_nothing(tmp_path: Path) -> None:
    """Somebody took the connection and will never answer."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        running = publishing(tmp_path, patient(f"127.0.0.1:{silent.getsockname()[1]}", ""))
        parts = await running.__aenter__()
        await parts.log.append(entry(1))
        accepted, _ = await asyncio.to_thread(silent.accept)
        with accepted, soon():
            await running.__aexit__(None, None, None)


async def test_it_stops_while_all_is_well(kafka: SharedBroker, prefix: str, tmp_path: Path) -> None:
    """With a good connection and nothing to do."""
    running = publishing(tmp_path, patient(kafka.bootstrap, prefix))
    parts = await running.__aenter__()
    await parts.log.append(entry(1))
    await parts.forwarder.reached(Position(1))
    with soon():
        await running.__aexit__(None, None, None)


@pytest.fixture(params=["frozen", "killed"])
def gone(request: pytest.FixtureRequest, worn: Broker) -> tuple[str, Broker]:
    """How a broker leaves, and the broker."""
    return str(request.param), worn


async def leave(how: str, broker: Broker) -> None:
    """Have the broker leave."""
    if how == "frozen":
        broker.freeze()
    else:
        await broker.kill()


async def come_back(broker: Broker) -> None:
    """Have the broker back."""
    broker.thaw()
    if not broker.running:
        await broker.start()


async def test_it_stops_while_records_are_on_their_way(
    gone: tuple[str, Broker], topic_prefix: str, tmp_path: Path
) -> None:
    """Frozen or killed with a batch in flight: it stops at once, and the next start publishes all of it."""
    how, broker = gone
    await topics_made(broker.bootstrap, topic_prefix)
    running = publishing(tmp_path, patient(broker.bootstrap, topic_prefix))
    parts = await running.__aenter__()
    await parts.log.append(entry(0))
    await parts.forwarder.reached(Position(1))
    await leave(how, broker)
    await asyncio.gather(*(parts.log.append(entry(number)) for number in range(1, 300)))
    with soon():
        await running.__aexit__(None, None, None)
    await come_back(broker)
    async with publishing(tmp_path, kafka_at(broker.bootstrap, topic_prefix)) as parts:
        await parts.forwarder.reached(Position(300))

    expected = once(entry(number).records[0] for number in range(300))
    assert sorted(risen(await read(broker.bootstrap, topic_prefix))) == expected


async def test_it_stops_while_the_broker_is_gone_and_nothing_is_to_do(
    gone: tuple[str, Broker], topic_prefix: str, tmp_path: Path
) -> None:
    """An idle connection to nobody holds up no stop."""
    how, broker = gone
    await topics_made(broker.bootstrap, topic_prefix)
    running = publishing(tmp_path, patient(broker.bootstrap, topic_prefix))
    parts = await running.__aenter__()
    await parts.log.append(entry(0))
    await parts.forwarder.reached(Position(1))
    await leave(how, broker)
    with soon():
        await running.__aexit__(None, None, None)
