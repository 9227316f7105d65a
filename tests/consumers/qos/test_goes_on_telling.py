"""Two real processes on a real broker, and a channel: what a leader left untold when it died the other one tells."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest
from aiohttp import web

from consumers.qos.engine.engine import Engine
from consumers.qos.engine.state import Input
from consumers.qos.outbox.heard import Waiting, Wants
from consumers.qos.outbox.journal import Journal
from consumers.qos.outbox.lane import Lane
from deploy.qos_rules import load_rules
from schemas.events import AlertChanged, decode
from schemas.record import Record
from tests.consumers.producing import PARTITIONS, Producer

from .notify.standing_in import StandIn, webhook_checks
from .outbox.telling import until
from .processes import RULES, AlertsProcess, Published, alerts_of, lives, publish, soon_s

pytestmark = pytest.mark.kafka

SECONDS = 120
# What is decided by ticks alone is on the topic in the order of its times.
BY_TICKS = RULES.replace("at_once = true\n", "")
CHANNEL = """
[[qos.notify]]
name = "ops"
kind = "webhook"
url = "{url}"
secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
per_minute = 6_000
"""


def with_channel(folder: Path, producer: Producer, url: str) -> AlertsProcess:
    """Return a process that tells a webhook."""
    process = AlertsProcess(folder, producer)
    (folder / "qos.toml").write_text(BY_TICKS)
    with (folder / "meetwire.toml").open("a") as settings:
        settings.write(CHANNEL.format(url=url))
    return process


def news(records: list[Record]) -> list[str]:
    """Return the IDs of the decisions that are news, in their order, by the rules of a lane alone."""
    wants = Wants(from_severity="warning", enterprises=(), every_change=False, give_up_after_s=86_400)
    lane, found = Lane("ops", wants, Journal()), list[str]()
    for decision, event in decisions_in(records).items():
        lane.add(Waiting(decision, "key", event))
        for waiting, _ in lane.step(event.occurred_at.timestamp(), 1, lambda _: None).letters:
            found.append(waiting.id)
            lane.done(waiting, "told")
    return found


def decisions_in(records: list[Record]) -> dict[str, AlertChanged]:
    """Return the decisions among records, the first of each."""
    events = {record.id[:-2]: decode(record.value) for record in reversed(records)}
    return {one: event for one, event in reversed(events.items()) if isinstance(event, AlertChanged)}


def number_of(world: list[Input], rules: Path) -> int:
    """Return how many decisions there will be."""
    rules.write_text(BY_TICKS)
    engine, number = Engine(load_rules(rules)), 0
    engine.state.clock.expect(range(PARTITIONS))
    for one in world:
        engine.take(one)
        number += len(list(engine.decide()))
    return number


async def test_what_a_dead_leader_did_not_tell_the_standby_does(topics: Producer, tmp_path: Path) -> None:
    """Every beginning and every end, in order, each at least once and hardly any twice."""
    world = lives(soon_s(), SECONDS)
    number = await asyncio.to_thread(number_of, world, tmp_path / "reference.toml")
    async with (
        StandIn(webhook_checks).open("/hook") as other,
        alerts_of(topics) as source,
        with_channel(tmp_path / "a", topics, other.url) as first,
    ):
        published = Published(source)
        await first.says("alerting.led")
        async with with_channel(tmp_path / "b", topics, other.url) as second:
            await second.says("consumer.started")
            # The channel takes some, and then is away.
            await publish(topics, world[: len(world) // 2])
            await until(lambda: len(other.taken) >= 2)
            other.answers = [web.Response(status=503) for _ in range(1_000)]
            await publish(topics, world[len(world) // 2 :])
            await published.until(len(other.taken) + 5)
            leader, standby = (second, first) if second.has_said("alerting.led") else (first, second)
            await leader.kill()
            other.answers = []
            await standby.says("alerting.led")
            while len(decisions_in(published.records)) < number:
                await published.until(len(published.ids()) + 1)
            await until(lambda: set(news(published.records)) <= told(other))

    alert_of = {one: event.alert_id for one, event in decisions_in(published.records).items()}
    expected, ids = news(published.records), [head["webhook-id"] for head in other.heads]
    assert len(expected) > 8
    assert by_alert(dict.fromkeys(ids), alert_of) == by_alert(expected, alert_of)
    # No more than what was on its way when the leader was killed.
    assert len(ids) - len(expected) <= 1


def by_alert(ids: Iterable[str], alert_of: dict[str, str]) -> dict[str, list[str]]:
    """Return decisions by alert, each in their order: those of several partitions come mixed."""
    found: dict[str, list[str]] = {}
    for one in ids:
        found.setdefault(alert_of[one], []).append(one)
    return found


def told(other: StandIn) -> set[str]:
    """Return the IDs of what a webhook took."""
    return {head["webhook-id"] for head in other.heads}
