"""Kafka away, frozen, slow or cut off: what waits is held, the reason is told, nothing is lost or mixed up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from schemas.ids import Position
from tests.kafka.broker import Broker
from tests.kafka.configuration import free_port
from tests.kafka.fixtures import OwnBroker
from tests.kafka.proxy import Proxy, proxy

from ..lines import Lines
from ..log.entries import entry
from ..log.running import log_in, metric
from .publishing import Publishing, kafka_at, once, publishing, read, risen, topics_made, until

pytestmark = pytest.mark.kafka

# Of a request to a broker that dies: whether one to a broker that is well is late as well does not matter there.
BRIEF_S = 1.0
# Of a request where none may be late but those that have to be.
FAIR_S = 5.0


def records(*numbers: int) -> list[tuple[int, int]]:
    """Return partition and position of the entries with these numbers, appended first and in this order."""
    return once(entry(number).records[0] for number in numbers)


def failed(reason: str, kind: str, position: int = 1) -> dict[str, object]:
    """Return the line that says so."""
    return {
        "event": "forwarder.failed",
        "log_level": "warning",
        "reason": reason,
        "kind": kind,
        "position": position,
    }


async def failures(parts: Publishing, reason: str) -> float:
    """Return how often publishing failed for this."""
    return await metric(parts.meters, "meetwire_forwarder_failures_total", reason=reason) or 0


async def test_absent_kafka_is_said_once_and_counted_each_time(tmp_path: Path, lines: Lines) -> None:
    """Where nobody listens, tries go on, each is counted, and one line says what is wrong."""
    async with publishing(tmp_path, kafka_at(f"127.0.0.1:{free_port()}", "")) as parts:
        tries = parts.meters.counter("meetwire_forwarder_failures_total", reason="unreachable")
        await until(lambda: tries._value.get() >= 3)  # type: ignore[attr-defined]  # prometheus_client's own
        parts.forwarder.observe(parts.meters)
        connected = await metric(parts.meters, "meetwire_forwarder_connected")

    assert lines == [failed("unreachable", "ConnectionRefusedError")]
    assert (parts.forwarder.failure, connected) == ("unreachable", 0)


async def test_the_age_of_what_waits_is_known_without_kafka(tmp_path: Path) -> None:
    """A record that was there before the first try, and one that comes during the outage, both count."""
    now_ms = int(time.time() * 1000)
    async with publishing(tmp_path, kafka_at(f"127.0.0.1:{free_port()}", "")) as parts:
        await until(lambda: parts.forwarder.failure)
        nothing = parts.forwarder.behind_s()
        await parts.log.append(entry(1, received_ms=now_ms - 100_000))
        await until(lambda: parts.forwarder.behind_s())
        first = parts.forwarder.behind_s()
    async with publishing(tmp_path, kafka_at(f"127.0.0.1:{free_port()}", "")) as parts:
        await until(lambda: parts.forwarder.behind_s())
        after_a_restart = parts.forwarder.behind_s()

    assert nothing == 0
    assert 100 <= first <= after_a_restart < 200


async def test_what_waits_ages_whatever_its_own_time_says(tmp_path: Path) -> None:
    """It was received while our clock was ahead: it waits all the same, and readiness must see that."""
    ahead_ms = int(time.time() * 1000) + 28_800_000
    async with publishing(tmp_path, kafka_at(f"127.0.0.1:{free_port()}", "")) as parts:
        await until(lambda: parts.forwarder.failure)
        await parts.log.append(entry(1, received_ms=ahead_ms))
        await until(lambda: parts.forwarder.behind_s())
        first = parts.forwarder.behind_s()
        await until(lambda: parts.forwarder.behind_s() >= first + 0.5)

    assert 0 < first < 100


async def test_kafka_that_comes_later_gets_everything(worn: Broker, topic_prefix: str, tmp_path: Path) -> None:
    """The receiver starts without Kafka; what is appended meanwhile is published when it is there."""
    await worn.kill()
    async with publishing(tmp_path, kafka_at(worn.bootstrap, topic_prefix)) as parts:
        await asyncio.gather(*(parts.log.append(entry(number)) for number in range(50)))
        await until(lambda: parts.forwarder.failure == "unreachable")
        await worn.start()
        await parts.forwarder.reached(Position(50))

        assert (parts.forwarder.failure, parts.forwarder.behind_s()) == (None, 0)
    assert sorted(risen(await read(worn.bootstrap, topic_prefix))) == records(*range(50))


async def test_recovery_is_said_where_nothing_waits(
    worn: Broker, topic_prefix: str, tmp_path: Path, lines: Lines
) -> None:
    """With nothing to publish, being let in is the end of the failure."""
    await worn.kill()
    async with publishing(tmp_path, kafka_at(worn.bootstrap, topic_prefix)) as parts:
        await lines.said("forwarder.failed")
        await worn.start()
        recovered = await lines.said("forwarder.recovered")

        assert parts.forwarder.failure is None
    assert recovered["position"] == 1
    assert lines[0] == failed("unreachable", "ConnectionRefusedError")


async def test_killed_kafka_gets_the_rest_when_it_is_back(
    worn: Broker, topic_prefix: str, tmp_path: Path, lines: Lines
) -> None:
    """Killed with -9 amid publishing and started again, it has every record, in order, none out of its place."""
    await topics_made(worn.bootstrap, topic_prefix)
    async with publishing(tmp_path, kafka_at(worn.bootstrap, topic_prefix, request_timeout_s=BRIEF_S)) as parts:
        await asyncio.gather(*(parts.log.append(entry(number)) for number in range(500)))
        await worn.kill()
        await asyncio.gather(*(parts.log.append(entry(number)) for number in range(500, 1_000)))
        await until(lambda: parts.forwarder.failure == "unreachable")
        await worn.start()
        await parts.forwarder.reached(Position(1_000))

    assert sorted(risen(await read(worn.bootstrap, topic_prefix))) == records(*range(1_000))
    assert lines[-1]["event"] == "forwarder.recovered"
    assert {line["reason"] for line in lines.named("forwarder.failed")} <= {"timeout", "unreachable", "refused"}


async def test_frozen_kafka_is_given_up_and_gets_the_rest_thawed(
    worn: Broker, topic_prefix: str, tmp_path: Path, lines: Lines
) -> None:
    """No answer for `request_timeout_s` is a failure; thawed, it has every record, the late ones in their place."""
    await topics_made(worn.bootstrap, topic_prefix)
    async with publishing(tmp_path, kafka_at(worn.bootstrap, topic_prefix, request_timeout_s=FAIR_S)) as parts:
        await parts.log.append(entry(0))
        await parts.forwarder.reached(Position(1))
        worn.freeze()
        await asyncio.gather(*(parts.log.append(entry(number)) for number in range(1, 200)))
        await lines.said("forwarder.failed")
        frozen = (parts.forwarder.failure, parts.forwarder.position)
        await asyncio.gather(*(parts.log.append(entry(number)) for number in range(200, 300)))
        worn.thaw()
        await parts.forwarder.reached(Position(300))

    assert frozen == ("timeout", 2)
    assert sorted(risen(await read(worn.bootstrap, topic_prefix))) == records(*range(300))
    assert lines[:2] == [
        {"event": "forwarder.connected", "log_level": "info", "position": 1},
        failed("timeout", "TimeoutError", position=2),
    ]
    assert lines[-1]["event"] == "forwarder.recovered"


async def test_an_outage_while_nothing_comes_is_none(
    worn: Broker, topic_prefix: str, tmp_path: Path, lines: Lines
) -> None:
    """Kafka restarted at night, between two records: the next one is published, whatever it takes."""
    await topics_made(worn.bootstrap, topic_prefix)
    async with publishing(tmp_path, kafka_at(worn.bootstrap, topic_prefix)) as parts:
        await parts.log.append(entry(0))
        await parts.forwarder.reached(Position(1))
        await worn.kill()
        await worn.start()
        quiet = list(lines)
        await parts.log.append(entry(1))
        await parts.forwarder.reached(Position(2))

    assert quiet == [{"event": "forwarder.connected", "log_level": "info", "position": 1}]
    assert sorted(risen(await read(worn.bootstrap, topic_prefix))) == records(0, 1)


async def test_slow_and_cut_ways_lose_and_mix_up_nothing(
    own_broker: OwnBroker, topic_prefix: str, tmp_path: Path, lines: Lines
) -> None:
    """A slow way is waited for; one too slow is given up, though Kafka has the records: twice there, read once."""
    async with own_way(own_broker) as (broker, way):
        await topics_made(way.bootstrap, topic_prefix)
        async with publishing(tmp_path, kafka_at(way.bootstrap, topic_prefix, request_timeout_s=FAIR_S)) as parts:
            way.delay_s = 0.1
            await asyncio.gather(*(parts.log.append(entry(number)) for number in range(20)))
            await parts.forwarder.reached(Position(20))
            slow = list(lines)

            way.delay_s = 3 * FAIR_S
            await asyncio.gather(*(parts.log.append(entry(number)) for number in range(20, 40)))
            await lines.said("forwarder.failed", reason="timeout")
            way.delay_s = 0
            await parts.forwarder.reached(Position(40))

            way.cut()
            await asyncio.gather(*(parts.log.append(entry(number)) for number in range(40, 60)))
            await parts.forwarder.reached(Position(60))
        seen = await read(broker.bootstrap, topic_prefix)

    assert slow == [{"event": "forwarder.connected", "log_level": "info", "position": 1}]
    assert sorted(risen(seen)) == records(*range(60))
    assert len(seen) > 60


@asynccontextmanager
async def own_way(own_broker: OwnBroker) -> AsyncIterator[tuple[Broker, Proxy]]:
    """Yield a broker, and the proxy that all its clients come through."""
    port = free_port()
    broker = await own_broker(settings={"advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}"})
    async with proxy(port, int(broker.bootstrap.rpartition(":")[2])) as way:
        yield broker, way


async def test_a_narrow_way_gets_smaller_rounds(
    own_broker: OwnBroker, topic_prefix: str, tmp_path: Path, lines: Lines
) -> None:
    """Where all that waits does not fit through in the time of a request, it goes in pieces that do."""
    async with own_way(own_broker) as (broker, way):
        await topics_made(way.bootstrap, topic_prefix)
        async with log_in(tmp_path) as log:
            await asyncio.gather(*(log.append(entry(number, value=b"x" * 10_000)) for number in range(40)))
        # A second is the deadline of a request; this needs two.
        way.bytes_per_s = 200_000
        async with publishing(tmp_path, kafka_at(way.bootstrap, topic_prefix, request_timeout_s=BRIEF_S)) as parts:
            await parts.forwarder.reached(Position(40))
        way.bytes_per_s = float("inf")
        seen = await read(broker.bootstrap, topic_prefix)

    assert sorted(risen(seen)) == records(*range(40))
    assert "timeout" in {line["reason"] for line in lines.named("forwarder.failed")}
