"""What a broker can say to a batch, and what becomes of it: once in Kafka where that can be, never lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiokafka.errors import IncompatibleBrokerVersion, InvalidProducerEpoch

from receiver.forward.publisher import connected
from receiver.log import Chunk
from schemas.ids import LogId, Position
from schemas.topics import LIFECYCLE
from tests.kafka.broker import Broker
from tests.kafka.configuration import free_port

from ..lines import Lines
from ..log.entries import PARTITIONS, entry
from .answers import (
    API_VERSIONS,
    INIT_PRODUCER_ID,
    METADATA,
    PRODUCE,
    Change,
    Way,
    as_it_is,
    lost,
    no_id,
    no_produce,
    says,
    way_to,
)
from .publishing import kafka_at, once, positions_of, publishing, read, risen, topics_made

pytestmark = pytest.mark.kafka

# Error codes of the Kafka protocol guide.
NOT_LEADER, NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS_AFTER_APPEND, REQUEST_TIMED_OUT = 6, 19, 20, 7
UNKNOWN_TOPIC, LEADER_NOT_AVAILABLE, STORAGE, COORDINATOR_LOADS, COORDINATOR_AWAY = 3, 5, 56, 14, 15
DUPLICATE_SEQUENCE, OUT_OF_ORDER_SEQUENCE, UNKNOWN_PRODUCER_ID, FENCED, NEVER_HEARD_OF = 46, 45, 59, 47, 999
TOO_LARGE, LIST_TOO_LARGE = 10, 18

WARM = 20
CONNECTED = {"event": "forwarder.connected", "log_level": "info", "position": 1}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def roundabout_for_all(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Broker, int]]:
    """A broker whose clients all come another way, and where that begins."""
    port = free_port()
    async with Broker(tmp_path_factory.mktemp("roundabout"), detour=port) as broker:
        yield broker, port


@pytest.fixture
async def roundabout(roundabout_for_all: tuple[Broker, int]) -> AsyncIterator[tuple[str, Way]]:
    """Where the way begins, and the way."""
    broker, port = roundabout_for_all
    async with way_to(broker.detour_port, port) as way:
        yield f"127.0.0.1:{port}", way


def records(count: int) -> list[tuple[int, int]]:
    """Return partition and position of the first entries."""
    return once(entry(number).records[0] for number in range(count))


async def published(bootstrap: str, prefix: str, folder: Path, count: int, way: Way, *changes: Change) -> list[int]:
    """Publish entries in one round whose answers are changed, then one more; return the positions in Kafka."""
    await topics_made(bootstrap, prefix)
    async with publishing(folder, kafka_at(bootstrap, prefix, request_timeout_s=20)) as parts:
        # To every partition, so that the broker knows by then that it leads them all.
        await asyncio.gather(*(parts.log.append(entry(number)) for number in range(WARM)))
        await parts.forwarder.reached(Position(WARM))
        way.next(PRODUCE, *changes)
        await asyncio.gather(*(parts.log.append(entry(number)) for number in range(WARM, count)))
        await parts.forwarder.reached(Position(count))
        await parts.log.append(entry(count))
        await parts.forwarder.reached(Position(count + 1))
    seen = await read(bootstrap, prefix)
    assert sorted(risen(seen)) == records(count + 1)
    return sorted(positions_of(seen))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lost, id="lost on its way"),
        pytest.param(says(NOT_LEADER), id="not the leader"),
        pytest.param(says(NOT_LEADER, only=2), id="not the leader of one"),
        pytest.param(says(LEADER_NOT_AVAILABLE), id="no leader"),
        pytest.param(says(UNKNOWN_TOPIC), id="not known yet"),
        pytest.param(says(REQUEST_TIMED_OUT), id="not in time"),
        pytest.param(says(NOT_ENOUGH_REPLICAS), id="too few replicas"),
        pytest.param(says(NOT_ENOUGH_REPLICAS_AFTER_APPEND), id="too few replicas behind it"),
        pytest.param(says(STORAGE), id="storage"),
    ],
)
async def test_what_goes_again_is_there_once(
    roundabout: tuple[str, Way], topic_prefix: str, tmp_path: Path, lines: Lines, change: Change
) -> None:
    """The broker had appended it and we are told otherwise, twice: it knows the batch by its sequence."""
    address, way = roundabout

    assert await published(address, topic_prefix, tmp_path, 50, way, change, change) == list(range(1, 52))
    assert lines == [CONNECTED]


async def test_what_was_there_already_is_good(
    roundabout: tuple[str, Way], topic_prefix: str, tmp_path: Path, lines: Lines
) -> None:
    """A broker that knows a batch and not its offset any more says so, and has it."""
    address, way = roundabout

    seen = await published(address, topic_prefix, tmp_path, 50, way, says(DUPLICATE_SEQUENCE))

    assert seen == list(range(1, 52))
    assert lines == [CONNECTED]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        pytest.param(OUT_OF_ORDER_SEQUENCE, "OutOfOrderSequenceNumber", id="out of order"),
        pytest.param(UNKNOWN_PRODUCER_ID, "UnknownProducerId", id="a producer that it forgot"),
        pytest.param(FENCED, "InvalidProducerEpoch", id="fenced"),
        pytest.param(NEVER_HEARD_OF, "UnknownError", id="an error of a later time"),
    ],
)
async def test_what_cannot_go_again_goes_under_another_id(
    roundabout: tuple[str, Way], topic_prefix: str, tmp_path: Path, lines: Lines, code: int, kind: str
) -> None:
    """Said, and published by a new producer: repeats under the same positions, which readers drop, and no hole."""
    address, way = roundabout

    seen = await published(address, topic_prefix, tmp_path, 50, way, says(code))

    assert sorted(set(seen)) == list(range(1, 52))
    (failed,) = lines.named("forwarder.failed")
    assert (failed["reason"], failed["kind"]) == ("refused", kind)
    # Not counted: a broker that has just started has none to give yet, and is asked again.
    assert INIT_PRODUCER_ID in way.asked[way.asked.index(PRODUCE) :]


@pytest.mark.parametrize("code", [TOO_LARGE, LIST_TOO_LARGE])
async def test_a_batch_too_large_is_divided(
    roundabout: tuple[str, Way], topic_prefix: str, tmp_path: Path, lines: Lines, code: int
) -> None:
    """By either name of that error."""
    address, way = roundabout

    seen = await published(address, topic_prefix, tmp_path, 50, way, says(code))

    assert sorted(set(seen)) == list(range(1, 52))
    assert lines.named("forwarder.failed", "record.set_aside") == []


@pytest.mark.parametrize("code", [COORDINATOR_LOADS, COORDINATOR_AWAY])
async def test_an_id_that_is_not_given_yet_is_asked_for_again(
    roundabout: tuple[str, Way], topic_prefix: str, tmp_path: Path, lines: Lines, code: int
) -> None:
    """A broker that has just started is not ready to give any; that is no failure."""
    address, way = roundabout
    way.next(INIT_PRODUCER_ID, no_id(code), no_id(code))

    await published(address, topic_prefix, tmp_path, 30, way)

    assert way.asked.count(INIT_PRODUCER_ID) >= 3
    assert lines == [CONNECTED]


async def test_each_leader_gets_its_own(roundabout: tuple[str, Way], topic_prefix: str) -> None:
    """A round goes to every broker that leads a part of it, at once; a part without a leader waits for one."""
    address, way = roundabout
    await topics_made(address, topic_prefix)
    entries = [entry(number).records[0] for number in range(50)]
    async with connected(kafka_at(address, topic_prefix, request_timeout_s=20), LogId("0" * 32)) as publisher:
        _have_leaders(publisher._cluster._client.cluster, topic_prefix + LIFECYCLE, {0: 1, 1: 2, 2: -1, 3: 2})
        asked = len(way.asked)
        packed = await publisher.pack(Chunk(Position(1), entries), alone=False, leave_out=set())
        await publisher.send(packed)

    before_it_knew_better = way.asked[asked : way.asked.index(METADATA, asked)]
    assert before_it_knew_better.count(PRODUCE) == 2
    seen = await read(address, topic_prefix)
    assert sorted(risen(seen)) == once(entries)
    assert len(seen) == 50


async def test_what_one_of_two_leaders_refuses_fails_the_round(roundabout: tuple[str, Way], topic_prefix: str) -> None:
    """The other one's good answer does not make up for it."""
    address, way = roundabout
    await topics_made(address, topic_prefix)
    entries = [entry(number).records[0] for number in range(50)]
    async with connected(kafka_at(address, topic_prefix, request_timeout_s=20), LogId("0" * 32)) as publisher:
        _have_leaders(publisher._cluster._client.cluster, topic_prefix + LIFECYCLE, {0: 1, 1: 2, 2: 1, 3: 2})
        packed = await publisher.pack(Chunk(Position(1), entries), alone=False, leave_out=set())
        way.next(PRODUCE, says(FENCED))
        with pytest.raises(InvalidProducerEpoch):
            await publisher.send(packed)


async def test_a_broker_that_takes_no_batches_is_not_tried_until_the_deadline(
    roundabout: tuple[str, Way], topic_prefix: str
) -> None:
    """What cannot become good by waiting is told at once."""
    address, way = roundabout
    await topics_made(address, topic_prefix)
    # It is asked what it knows by each connection: to knock, for the first look at the cluster, and to publish.
    way.next(API_VERSIONS, as_it_is, as_it_is, no_produce)
    async with connected(kafka_at(address, topic_prefix, request_timeout_s=20), LogId("0" * 32)) as publisher:
        packed = await publisher.pack(Chunk(Position(1), entry(1).records), alone=False, leave_out=set())
        with pytest.raises(IncompatibleBrokerVersion):
            await publisher.send(packed)


async def test_after_the_last_sequence_comes_the_first(roundabout: tuple[str, Way], topic_prefix: str) -> None:
    """A connection that lives for two thousand million records goes on; the broker counts along."""
    address, _ = roundabout
    await topics_made(address, topic_prefix)
    entries = [entry(number).records[0] for number in range(120)]
    async with connected(kafka_at(address, topic_prefix, request_timeout_s=20), LogId("0" * 32)) as publisher:
        publisher._sequences.update({(topic_prefix + LIFECYCLE, number): 2**31 - 12 for number in range(PARTITIONS)})
        for first in range(0, 120, 20):
            chunk = Chunk(Position(first + 1), entries[first : first + 20])
            await publisher.send(await publisher.pack(chunk, alone=False, leave_out=set()))
        reached = [publisher._sequences[topic_prefix + LIFECYCLE, number] for number in range(PARTITIONS)]

    seen = await read(address, topic_prefix)
    assert sorted(risen(seen)) == once(entries)
    assert len(seen) == 120
    assert max(reached) < 120


def _have_leaders(known: Any, topic: str, leaders: dict[int, int]) -> None:
    """Have the client believe in two brokers, who are one; the next answer about the cluster tells it otherwise."""
    assert len(leaders) == PARTITIONS
    known._brokers[2] = known._brokers[1]._replace(nodeId=2)
    for partition, leader in leaders.items():
        known._partitions[topic][partition] = known._partitions[topic][partition]._replace(leader=leader)
