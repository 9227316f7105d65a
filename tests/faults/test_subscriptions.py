"""No caption of a meeting that is on is lost untold, comes twice or out of order, whatever befalls those who listen."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

from deploy.simulator.cloud import Cloud, CloudOptions, SocketFault, WebhookTarget, running_cloud
from deploy.simulator.push import Subscriber
from tests.kafka.broker import Broker
from tests.kafka.fixtures import OwnBroker

from .listening_process import ListeningProcess
from .process import PASSWORD, SUBSCRIBER
from .speech import Audience, Speech, Spoken, spoken
from .subscribed import Figures, Heard
from .topics_read import KafkaTopics, heard_in_log

pytestmark = pytest.mark.alone
CUTS: Final = int(os.environ.get("MEETWIRE_TEST_CUTS", "450"))
ROUNDS: Final = max(1, int(os.environ.get("MEETWIRE_TEST_FAULT_ROUNDS", "20")) // 20)
# How long the broker is away when nothing else is wrong, about; ten minutes show what two seconds do not.
OUTAGE_S: Final = float(os.environ.get("MEETWIRE_TEST_OUTAGE_S", "2"))
MEETINGS: Final = 150
# Of one meeting in a row: a socket that is cut again at once is tried again ever later, after 4 s at the most here.
CUTS_A_MEETING: Final = 3
WAVES: Final = -(-CUTS // (MEETINGS * CUTS_A_MEETING))
PER_S: Final = 400.0

# For what a machine of CI does beside its tests.
_BUSY_S: Final = 10.0
# What is stated: after the last fault all meetings are listened to again within so long. Sockets that were cut or
# closed: the longest delay, and a machine that is busy. A socket that is frozen: the heartbeat, 30 s for its echo. A
# receiver that went without a word: the group's session of 10 s and a rebalance, with a member that has to come back.
CUT_WITHIN_S: Final = 20.0 + _BUSY_S
FROZEN_WITHIN_S: Final = 50.0 + _BUSY_S
OWNED_WITHIN_S: Final = 40.0 + _BUSY_S
_DRAIN_S: Final = 30.0 + _BUSY_S


@dataclass
class Scene:
    """A cloud in whose meetings somebody talks, who listens, and what befalls them; the same in every run."""

    cloud: Cloud
    speech: Speech
    audience: Audience
    figures: Figures
    chance: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 -- moments, no secrets

    outages: list[tuple[int, int]] = field(default_factory=list)
    """Spans in ms in which there was no broker, and nothing else was wrong."""

    async def healed(self, within_s: float) -> None:
        """Return once every meeting is listened to. Raises TimeoutError."""
        self.figures.healed_s = max(self.figures.healed_s, await self.audience.complete(within_s))

    async def hushed(self) -> list[Spoken]:
        """Have nobody talk any more, and return what was said once all of it is on its way."""
        self.speech.is_over = True
        await self.cloud.flushed()
        self.figures.unheard_s = self.audience.longest_s
        return spoken(self.cloud)

    async def pause(self, least_s: float, most_s: float) -> None:
        """Let people talk for a while: the moment of a fault is a matter of chance."""
        await asyncio.sleep(self.chance.uniform(least_s, most_s))

    async def kill(self, receiver: ListeningProcess) -> None:
        """Have the receiver end without a word, and start again."""
        self.figures.kills += 1
        await receiver.kill()
        await self.pause(0.1, 0.5)
        await receiver.start("disk")

    async def cut_each(self, ids: list[str]) -> None:
        """Cut each meeting's socket some times, in any order; each once it has one again."""
        async with asyncio.TaskGroup() as cutting:
            for meeting_id in ids:
                cutting.create_task(self._cut(meeting_id))

    async def _cut(self, meeting_id: str) -> None:
        for _ in range(CUTS_A_MEETING):
            await self.pause(0.0, 2.0)
            async with asyncio.timeout(CUT_WITHIN_S):
                await self.cloud.subscribed(meeting_id)
            what = self.chance.choices(("cut", "closed", "fault"), (8, 1, 1))[0]
            if what == "fault":
                self.cloud.faults.next_frames(SocketFault.CLOSE, meeting_id=meeting_id)
            elif what == "closed":
                self.figures.closed += self.cloud.close_sockets(meeting_id)
            else:
                self.cloud.cut_sockets(meeting_id)
            self.figures.cuts += 1


@contextlib.asynccontextmanager
async def scene(webhook: WebhookTarget | None = None, **options: object) -> AsyncIterator[Scene]:
    """Yield a scene in which people talk until it ends."""
    chosen = CloudOptions(webhook=webhook, **options)  # type: ignore[arg-type]  # of one shape with the options
    async with running_cloud(chosen) as cloud:
        one = Scene(cloud, Speech(cloud, PER_S), Audience(cloud), Figures())
        tasks = [asyncio.create_task(one.speech.run()), asyncio.create_task(one.audience.run())]
        try:
            yield one
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _report(what: str, figures: Figures, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nfaults of meeting pushes, {what}:\n{figures.table()}")


@pytest.mark.timeout(300 + WAVES * 120)
async def test_every_caption_is_in_the_log_or_told_as_not_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One receiver on its log alone: killed, and its sockets cut, closed, frozen; frames twice, late and missing."""
    async with ListeningProcess(tmp_path / "one", pushed=True) as receiver:
        target = WebhookTarget(url=receiver.url, subscriber=Subscriber(app_id=SUBSCRIBER, password=PASSWORD))
        rates = {SocketFault.DUPLICATE: 0.02, SocketFault.DISORDER: 0.02}
        async with scene(target, fault_rates=rates) as on:
            receiver.listen_to(on.cloud.url, on.cloud.app_id, on.cloud.app_key)
            await receiver.start("disk")
            for number in range(WAVES):
                await _wave(on, receiver, frozen=0 if number else 5)
            made, figures = await on.hushed(), on.figures
        await receiver.stop()
        heard = await asyncio.to_thread(heard_in_log, receiver.log)
    holes = figures.add(made, heard)

    _report("one receiver", figures, capsys)
    assert (holes[:3], figures.harm) == ([], (0, 0, 0, 0))
    assert figures.read > figures.frames / 3
    assert figures.resubscriptions >= figures.cuts * 0.8
    assert figures.gaps >= WAVES


async def _wave(on: Scene, receiver: ListeningProcess, *, frozen: int) -> None:
    """Hold some meetings from their start to their end; so many sockets freeze, which takes half a minute to show."""
    ids = on.speech.begin(MEETINGS)
    # Amid the subscribing.
    await on.pause(0.3, 1.5)
    await on.kill(receiver)
    await on.healed(CUT_WITHIN_S)
    chosen = set(on.chance.sample(ids, frozen))
    for meeting_id in chosen:
        on.cloud.freeze_sockets(meeting_id)
    on.figures.frozen += frozen
    others = [meeting_id for meeting_id in ids if meeting_id not in chosen]
    await _miss_some(on, on.chance.choice(others))
    async with asyncio.TaskGroup() as faults:
        faults.create_task(on.cut_each(others))
        if not frozen:
            await on.pause(1.0, 4.0)
            await on.kill(receiver)
    await on.healed(FROZEN_WITHIN_S)
    await on.pause(0.5, 1.0)
    for meeting_id in ids:
        on.cloud.end_meeting(meeting_id)
    await asyncio.wait_for(on.cloud.disconnected(), CUT_WITHIN_S)


async def _miss_some(on: Scene, meeting_id: str) -> None:
    """Have one frame of a list fall out, once its numbers are known to be without holes."""
    pid = on.cloud.join(meeting_id)
    for number in range(12):
        on.cloud.change(meeting_id, pid, HAND=str(number % 2))
    on.cloud.faults.next_frames(SocketFault.GAP, meeting_id=meeting_id)
    for number in range(4):
        on.cloud.change(meeting_id, pid, HAND=str(number % 2))
    await on.cloud.flushed(meeting_id)


@pytest.mark.kafka
@pytest.mark.timeout(300 + ROUNDS * (300 + 2 * OUTAGE_S))
async def test_every_caption_is_on_the_topic_whoever_of_several_owns_its_meeting(
    own_broker: OwnBroker, tmp_path: Path, topic_prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three receivers on one broker: it dies and comes back; they join, leave, are killed, freeze and wake up."""
    broker = await own_broker()
    # What an outage held back is read three times at the end.
    topics = KafkaTopics(broker.bootstrap, topic_prefix, end_s=60 + OUTAGE_S / 2)
    async with contextlib.AsyncExitStack() as stack:
        names = ("one", "two", "three")
        processes = [ListeningProcess(tmp_path / name, broker.bootstrap, topic_prefix) for name in names]
        on = await stack.enter_async_context(scene())
        receivers = [await stack.enter_async_context(process) for process in processes]
        for receiver in receivers:
            receiver.listen_to(on.cloud.url, on.cloud.app_id, on.cloud.app_key)
        on.speech.begin(40)
        await receivers[0].start("disk")
        await on.healed(OWNED_WITHIN_S)
        for number in range(ROUNDS):
            await _round(on, number, broker, topics, receivers)
        made, figures = await on.hushed(), on.figures

        def enough(heard: Heard) -> bool:
            return not Figures().add(made, heard)

        await topics.heard(enough, _DRAIN_S + OUTAGE_S / 10)
        for receiver in receivers:
            await receiver.stop()
        heard = await topics.heard(enough, 1.0)
    holes = figures.add(made, heard)

    _report("three receivers, one broker", figures, capsys)
    assert (holes[:3], figures.harm) == ([], (0, 0, 0, 0))
    assert figures.read > figures.frames / 3
    # The broker's absence alone costs nothing, marked or not.
    during = [one for one in made if any(began <= one.at_ms <= ended for began, ended in on.outages)]
    assert [one for one in during if one.sha256 not in heard.captions[one.meeting_id]] == []
    assert len(during) > ROUNDS * 100


async def _round(
    on: Scene, number: int, broker: Broker, topics: KafkaTopics, receivers: list[ListeningProcess]
) -> None:
    """One receiver is there before it and after it."""
    _, second, third = receivers
    await _without_broker(on, broker)
    await _drained(on, topics)
    await asyncio.gather(second.start("disk"), third.start("disk"))
    await _moved(on)
    one, other = on.chance.sample(receivers, 2)
    match number % 3:
        case 0:
            await _frozen(on, one, meanwhile=other)
        case 1:
            await _gone(on, one)
            await _frozen(on, other)
        case _:
            await _without_broker(on, broker, meanwhile=one)
            await _moved(on)
            await _gone(on, other)
    for receiver in on.chance.sample((second, third), 2):
        await receiver.stop()
        await _moved(on)


async def _without_broker(on: Scene, broker: Broker, *, meanwhile: ListeningProcess | None = None) -> None:
    """Have no broker for a while, and perhaps a receiver die and start again before there is one."""
    on.figures.broker_kills += 1
    began_ms = on.cloud.now_ms()
    await broker.kill()
    if meanwhile is not None:
        await on.pause(1.0, 3.0)
        await on.kill(meanwhile)
    else:
        await on.pause(0.5 * OUTAGE_S, 1.5 * OUTAGE_S)
        on.outages.append((began_ms, on.cloud.now_ms()))
    await broker.start()
    await on.healed(OWNED_WITHIN_S)


async def _drained(on: Scene, topics: KafkaTopics) -> None:
    """Let what was said until now come to the topic: a meeting that moves before that is told as not seen."""
    said = {one.sha256 for one in spoken(on.cloud) if one.at_ms >= on.outages[-1][0]}
    began = time.monotonic()
    await topics.heard(lambda heard: said <= set(chain.from_iterable(heard.captions.values())), _DRAIN_S)
    on.figures.drained_s = max(on.figures.drained_s, time.monotonic() - began)


async def _moved(on: Scene) -> None:
    """Let a change of the group come to its end, and people talk for a while after it."""
    await on.pause(1.5, 2.5)
    await on.healed(OWNED_WITHIN_S)


async def _gone(on: Scene, receiver: ListeningProcess) -> None:
    """Kill it, and have it come back when others have its meetings."""
    on.figures.kills += 1
    await receiver.kill()
    await on.healed(OWNED_WITHIN_S)
    await receiver.start("disk")
    await _moved(on)


async def _frozen(on: Scene, receiver: ListeningProcess, *, meanwhile: ListeningProcess | None = None) -> None:
    """Freeze it until others have its meetings; when it wakes up it still believes that they are its own."""
    receiver.freeze()
    on.figures.frozen += 1
    if meanwhile is not None:
        await on.kill(meanwhile)
    await on.pause(5.0, 6.0)
    await on.healed(OWNED_WITHIN_S)
    receiver.thaw()
    await _moved(on)
