"""Real processes on a real broker, killed: on the topic stands what one that was never stopped would have put there."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest

from consumers.qos.engine.alert import Change
from consumers.qos.engine.engine import Engine
from consumers.qos.engine.state import Input
from deploy.qos_rules import load_rules
from tests.consumers.producing import PARTITIONS, Producer

from .processes import RULES, AlertsProcess, Published, alerts_of, lives, publish, soon_s
from .test_aligning import by_alert

pytestmark = pytest.mark.kafka

SECONDS = 180
KILLS = 2


def decided(inputs: list[Input], folder: Path) -> dict[str, list[str]]:
    """Return the decisions of a run without an end, by alert."""
    (folder / "reference.toml").write_text(RULES)
    engine = Engine(load_rules(folder / "reference.toml"))
    engine.state.clock.expect(range(PARTITIONS))
    changes = list[Change]()
    for one in inputs:
        engine.take(one)
        changes += engine.decide()
    return {alert: [f"{change.id}-0" for change in several] for alert, several in by_alert(changes).items()}


async def test_a_process_that_is_killed_again_and_again_publishes_as_if_it_never_was(
    topics: Producer, tmp_path: Path
) -> None:
    """Each decision once, but for those that were on their way: under the same ID."""
    world = lives(soon_s(), SECONDS)
    whole = await asyncio.to_thread(decided, world, tmp_path)
    expected = [one for several in whole.values() for one in several]
    cuts = [len(world) * number // (KILLS + 1) for number in range(KILLS + 2)]

    async with alerts_of(topics) as source, AlertsProcess(tmp_path / "a", topics) as process:
        published = Published(source)
        await process.says("alerting.led")
        for number, (since, until) in enumerate(itertools.pairwise(cuts)):
            await publish(topics, world[since:until])
            # Some are killed before they did anything, some in the middle of it.
            await published.until(min(len(expected), number * len(expected) // (KILLS + 2)))
            if number < KILLS:
                await process.kill()
                await process.start()
        await published.until(len(expected))
        assert await process.stop() == 0

    assert len(expected) > 25
    assert published.besides(expected) == []
    assert sorted(published.ids()) == sorted(expected)
    assert order(published.ids(), whole) == whole


async def test_the_standby_takes_over_from_a_leader_that_was_killed(topics: Producer, tmp_path: Path) -> None:
    """It has decided the same all along, and goes on where the topic ends."""
    world = lives(soon_s(), SECONDS)
    whole = await asyncio.to_thread(decided, world, tmp_path)
    expected = [one for several in whole.values() for one in several]

    async with alerts_of(topics) as source, AlertsProcess(tmp_path / "a", topics) as first:
        published = Published(source)
        await first.says("alerting.led")
        async with AlertsProcess(tmp_path / "b", topics) as second:
            await second.says("consumer.started")
            await publish(topics, world[: len(world) // 2])
            await published.until(len(expected) // 4)
            leader, other = (second, first) if second.has_said("alerting.led") else (first, second)
            await leader.kill()
            await publish(topics, world[len(world) // 2 :])
            await other.says("alerting.led")
            await published.until(len(expected))

    assert published.besides(expected) == []
    assert sorted(published.ids()) == sorted(expected)
    assert order(published.ids(), whole) == whole


def order(found: list[str], whole: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return what was found by alert, as whoever folds by the time of the decision sees it."""
    alert_of = {one: alert for alert, several in whole.items() for one in several}
    lives: dict[str, list[str]] = {}
    for one in found:
        lives.setdefault(alert_of[one], []).append(one)
    return {alert: sorted(lives[alert], key=several.index) for alert, several in whole.items()}
