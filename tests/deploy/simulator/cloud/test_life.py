"""What people do by themselves: by the seed, by the clock, and as long as the meeting is on."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random

from deploy.simulator import ManualClock
from deploy.simulator.cloud import PUSH_TYPES, Cloud, CloudOptions, running_cloud
from deploy.simulator.cloud.life import life_of

from .client import START, cloud_and_client
from .passing import pass_time

ID = "900000001"


async def lived(seed: int, hours: float = 1) -> Cloud:
    """Return a cloud in which a meeting was on for so long."""
    clock = ManualClock(START)
    async with running_cloud(CloudOptions(seed=seed, lively=True), clock=clock) as cloud:
        cloud.start_meeting(ID, captions=True)
        for person in range(4):
            cloud.join(ID, person)
        while clock.now() < START + timedelta(hours=hours):
            await clock.advance()
    return cloud


def frames(cloud: Cloud) -> list[tuple[str | None, int | None, str]]:
    """Return what was made, though nobody was subscribed."""
    return [(frame.action, frame.version, frame.sha256) for frame in cloud.unsent]


async def test_hour_shows_every_push() -> None:
    """Captions most of all; the basics only change with a new meeting."""
    cloud = await lived(1)
    actions = Counter(frame.action for frame in cloud.unsent)

    assert set(actions) == set(PUSH_TYPES) - {"ConfBasicInfoNotify"}
    assert actions["RealTimeSubtitleNotify"] > 500
    assert actions["NetConditionNotify"] > 100


async def test_same_seed_lives_the_same_life() -> None:
    """And another another."""
    runs = [frames(await lived(seed, 0.1)) for seed in (1, 1, 2)]

    assert runs[0] == runs[1] != runs[2]


async def test_life_ends_with_the_meeting() -> None:
    """At whatever it was just doing, and with whomever."""
    async with cloud_and_client() as (cloud, _):
        for seed in range(300):
            meeting = cloud.start_meeting(ID)
            pids = [cloud.join(ID, person) for person in range(2)]
            life = life_of(cloud, meeting, Random(seed))  # noqa: S311 -- a life to be told again
            for _ in range(2 + seed % 3):
                next(life)
            if seed % 2:
                cloud.leave(ID, pids[0])
                for _ in range(3):
                    next(life)
            cloud.end_meeting(ID)
            assert sum(1 for _ in life) <= 1


async def test_meeting_that_is_over_is_not_lived_any_more() -> None:
    """The others are."""
    clock = ManualClock(START)
    async with running_cloud(CloudOptions(lively=True), clock=clock) as cloud:
        for meeting_id in (ID, "900000002"):
            cloud.start_meeting(meeting_id)
            cloud.join(meeting_id)
        await clock.advance()
        cloud.end_meeting(ID)
        made = len(cloud.unsent)
        for _ in range(50):
            await clock.advance()

    assert {frame.meeting_id for frame in cloud.unsent[made:]} == {"900000002"}


async def test_meeting_without_people_waits_for_them() -> None:
    """Nothing happens, but for the captions that somebody switched on."""
    async with cloud_and_client() as (cloud, _):
        meeting = cloud.start_meeting(ID)
        life = life_of(cloud, meeting, Random(1))  # noqa: S311 -- the same
        waits = [next(life) for _ in range(20)]

    assert all(0 < wait <= 2 for wait in waits)
    assert {frame.action for frame in cloud.unsent} <= {"ConfDynamicInfoNotify"}


async def test_meetings_live_beside_each_other() -> None:
    """One that begins while others sleep does not wait for them."""
    clock = ManualClock(START)
    async with running_cloud(CloudOptions(lively=True), clock=clock) as cloud:
        for number in range(3):
            meeting = cloud.start_meeting()
            cloud.join(meeting.meeting_id)
            for _ in range(20 * number):
                await clock.advance()
        for _ in range(100):
            await clock.advance()
    lively = {frame.meeting_id for frame in cloud.unsent if frame.action == "SpeakerChangeNotify"}

    assert lively == set(cloud.on)


async def test_life_can_be_left_out() -> None:
    """A test that plays the meeting itself wants nothing else in it."""
    clock = ManualClock(START)
    async with running_cloud(CloudOptions(lively=False), clock=clock) as cloud:
        cloud.start_meeting(ID)
        cloud.join(ID)
        await pass_time(clock, 60)

    assert {frame.action for frame in cloud.unsent} == {"ParticipantsNotify", "AttendeesNotify"}
