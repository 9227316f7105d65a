"""Quality alerts on a real broker, within the test's process: who leads, and when signs of life count."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from consumers.errors import SourceUnavailable
from consumers.qos.leading import Leading, elected, leader
from consumers.qos.running import Tools
from consumers.qos.service import Parts, serve_alerts
from consumers.sources.kafka import KafkaSource
from deploy.meters import PrometheusMeters
from deploy.qos_rules import load_rules
from deploy.sinks import KafkaSink
from schemas.settings import Kafka, Qos
from schemas.topics import ALERTS
from tests.consumers.producing import PARTITIONS, Producer
from tests.consumers.reading_kafka import placed_of, reader_of

from .processes import PATIENCE_S, RULES, Published, alerts_of, lives, publish, soon_s
from .test_processes import decided
from .world import Listener

pytestmark = pytest.mark.kafka


def kafka_of(producer: Producer) -> Kafka:
    """Return the settings of the test's topics."""
    return Kafka(servers=(producer.bootstrap,), topic_prefix=producer.prefix, partitions=PARTITIONS)


@contextlib.asynccontextmanager
async def member(producer: Producer) -> AsyncIterator[Leading]:
    """Take part in the test's group."""
    kafka = kafka_of(producer)
    async with elected(lambda: reader_of(kafka, leader(kafka.topic_prefix)), structlog.get_logger()) as one:
        yield one


async def until(one: Leading, *, leads: bool) -> None:
    """Return once it leads, or does not."""
    async with asyncio.timeout(PATIENCE_S):
        while one.leads != leads:  # noqa: ASYNC110 -- the group decides
            await asyncio.sleep(0.05)


async def test_one_of_several_leads_and_another_when_that_is_gone(topics: Producer) -> None:
    """Whoever leaves in order is followed at once."""
    async with contextlib.AsyncExitStack() as stack:
        async with member(topics) as first:
            await until(first, leads=True)
            second = await stack.enter_async_context(member(topics))
            async with asyncio.timeout(PATIENCE_S):
                while [first.leads, second.leads].count(True) != 1:  # noqa: ASYNC110 -- the group decides
                    await asyncio.sleep(0.05)
        await until(second, leads=True)
        assert first.leads is False


def test_each_installation_has_a_group_of_its_own() -> None:
    """Two can share a cluster under different prefixes, however long these are."""
    groups = {leader(prefix).group for prefix in ("", "a.", "b.")}

    assert groups == {"qos-leader", "qos-leader.a.", "qos-leader.b."}
    assert len(leader("x" * 100).group or "") == 100


async def test_who_cannot_reach_the_group_does_not_lead_and_tries_again() -> None:
    """And says why."""
    tried = asyncio.Event()

    @contextlib.asynccontextmanager
    async def away() -> AsyncIterator[KafkaSource]:
        tried.set()
        raise SourceUnavailable("nobody there")
        yield  # pragma: no cover -- makes it a generator

    with capture_logs() as lines:
        async with elected(away, structlog.get_logger()) as one:
            await tried.wait()
            await asyncio.sleep(0)
            assert one.leads is False

    assert [(line["event"], line["reason"]) for line in lines] == [("consumer.failed", "nobody there")]


async def test_a_fault_of_ours_keeps_nobody_from_leading_for_good() -> None:
    """It is said, and tried again."""
    tried = asyncio.Event()

    @contextlib.asynccontextmanager
    async def faulty() -> AsyncIterator[KafkaSource]:
        tried.set()
        raise ZeroDivisionError
        yield  # pragma: no cover -- makes it a generator

    with capture_logs() as lines:
        async with elected(faulty, structlog.get_logger()) as one:
            await tried.wait()
            await asyncio.sleep(0)
            assert one.leads is False

    assert [(line["event"], line["kind"]) for line in lines] == [("service.failed", "ZeroDivisionError")]


async def test_what_a_run_decides_on_kafka_is_what_the_engine_decides(topics: Producer, tmp_path: Path) -> None:
    """Four topics of three partitions, each read as fast as it comes; nothing is late."""
    world = await asyncio.to_thread(lives, soon_s(), 120)
    whole = await asyncio.to_thread(decided, world, tmp_path)
    expected = sorted(one for several in whole.values() for one in several)
    (tmp_path / "qos.toml").write_text(RULES)
    kafka, meters, listener, stop = kafka_of(topics), PrometheusMeters(), Listener(), asyncio.Event()
    parts = Parts(
        sources=lambda reading: placed_of(kafka, reading),
        sink=lambda: KafkaSink(kafka),
        leading=lambda: elected(lambda: reader_of(kafka, leader(kafka.topic_prefix)), structlog.get_logger()),
        telling=lambda _: contextlib.nullcontext(listener),
        partitions=PARTITIONS,
        one_sequence=False,
    )
    tools = Tools(meters=meters, logger=structlog.get_logger())
    rules = await asyncio.to_thread(load_rules, tmp_path / "qos.toml")

    async with alerts_of(topics) as source:
        published = Published(source)
        running = asyncio.create_task(
            serve_alerts(Qos(state_folder=str(tmp_path / "state")), rules, parts, stop, tools=tools)
        )
        await publish(topics, world)
        await published.until(len(expected))
        stop.set()
        await running

    assert sorted(published.ids()) == expected
    assert sorted(listener.added) == expected
    assert await asyncio.to_thread(meters.value, "meetwire_qos_late_total") == 0.0
    assert {record.topic for record in published.records} == {ALERTS}
