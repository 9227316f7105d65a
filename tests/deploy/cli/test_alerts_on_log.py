"""Quality alerts beside a receiver, each a process of its own: killed, the log holds what was decided all the same."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest

from receiver.log import LogInUse

from .alerts_on_log import Place, happened, killed, published
from .running import meetwire

SECONDS = 180
KILLS = 2


async def test_whoever_is_killed_the_log_holds_what_an_uninterrupted_run_would_have_put_there(tmp_path: Path) -> None:
    """Both are killed, in turn and together; what is decided without a receiver waits for the next one."""
    place = await asyncio.to_thread(Place, tmp_path)
    world = happened(SECONDS)
    whole = await asyncio.to_thread(place.decided, world)
    expected = [one for several in whole.values() for one in several]
    cuts = [len(world) * number // (KILLS + 1) for number in range(KILLS + 2)]
    counts = [sum(map(len, (await asyncio.to_thread(place.decided, world[:cut])).values())) for cut in cuts]
    await asyncio.to_thread(place.fill, [])

    async with published(place) as there:
        for number, (since, until) in enumerate(itertools.pairwise(cuts)):
            await asyncio.to_thread(place.fill, world[since:until])
            async with place.alerting("a") as alerts:
                # It decides, and keeps what it decided: nobody is there to append it.
                await alerts.said("alerts.unpublished")
            async with place.alerting("a") as alerts, place.receiving():
                await alerts.said("alerting.led")
                # Killed in the middle of what they have to say, but for the last ones.
                middle = (counts[number] + counts[number + 1]) // 2
                await there.until(middle if number < KILLS else len(expected))

    assert len(expected) > 20
    assert there.besides(expected) == []
    assert there.is_as(whole)


async def test_a_standby_with_a_state_of_its_own_follows_a_leader_that_was_killed(tmp_path: Path) -> None:
    """Until then one of the two leads, though no state folder keeps them apart; and the receiver comes back."""
    place = await asyncio.to_thread(Place, tmp_path)
    world = happened(SECONDS)
    whole = await asyncio.to_thread(place.decided, world)
    expected = [one for several in whole.values() for one in several]
    half = len(world) // 2
    await asyncio.to_thread(place.fill, world[:half])

    async with published(place) as there, place.alerting("a") as first:
        await first.said("alerting.led")
        async with place.alerting("b") as second:
            await second.said("consumer.started")
            async with place.receiving():
                await there.until(len(expected) // 4)
                with pytest.raises(LogInUse):
                    await asyncio.to_thread(place.fill, world[half:])
            await killed(first)
            await asyncio.to_thread(place.fill, world[half:])
            async with place.receiving():
                await second.said("alerting.led")
                await there.until(len(expected))

    assert not any("alerting.led" in line for line in second.told[:-1])
    assert there.besides(expected) == []
    assert there.is_as(whole)


async def test_one_stops_when_it_is_told_to(tmp_path: Path) -> None:
    """Beside a receiver that goes on; a second one with the same state is refused."""
    place = await asyncio.to_thread(Place, tmp_path)

    async with place.receiving(), place.alerting("a") as alerts:
        await alerts.said("alerting.led")
        second = await meetwire("consume", "qos", "--config", "a.toml", folder=tmp_path)
        ended = await alerts.stopped()

    assert (second.status, second.err) == (2, [f"meetwire: qos.state_folder {tmp_path / 'a'}: another process has it"])
    assert (ended.status, ended.err, ended.events[-1]) == (0, [], "consumer.stopped")
