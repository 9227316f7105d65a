"""What people do in a meeting while nobody plays it: talk, share, raise hands, lose quality, wait to be let in.

A life is a generator: it acts, yields how many seconds pass, and acts again; all chance comes from the seed.
"""

import asyncio
import heapq
import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Final

from ..clock import reached
from .cloud import Cloud
from .meeting import Meeting
from .sentences import SENTENCES

Life = Iterator[float]


def life_of(cloud: Cloud, meeting: Meeting, rng: Random) -> Life:
    """Live until the meeting is over."""
    if meeting.captions_began_ms is None and rng.random() < 0.8:
        cloud.switch_captions(meeting.meeting_id, on=True)
    yield rng.uniform(0.2, 1)
    while meeting.on:
        act = rng.choices(_ACTS, _WEIGHTS)[0]
        if meeting.people:
            yield from act(cloud, meeting, rng)
        yield rng.uniform(0.5, 2)


class Lives:
    """The lives of all meetings, one after the other by the cloud's clock."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._order = itertools.count()
        self._due: list[tuple[datetime, int, Life]] = []
        self._new = asyncio.Event()

    def begin(self, meeting: Meeting) -> None:
        """Let a meeting live from now on."""
        rng = Random(f"{self._cloud.options.seed} {meeting.meeting_uuid}")  # noqa: S311 -- a life to be told again
        self._wait(life_of(self._cloud, meeting, rng), 0)
        self._new.set()

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            self._new.clear()
            if not self._due:
                await self._new.wait()
            elif await reached(self._cloud.clock, self._due[0][0], self._new):
                _, _, life = heapq.heappop(self._due)
                seconds = next(life, None)
                if seconds is not None:
                    self._wait(life, seconds)

    def _wait(self, life: Life, seconds: float) -> None:
        due = self._cloud.clock.now() + timedelta(seconds=seconds)
        heapq.heappush(self._due, (due, next(self._order), life))


def _talk(cloud: Cloud, meeting: Meeting, rng: Random) -> Life:
    """Say a sentence; every now and then somebody else speaks at the same time."""
    pid, sentence, words = _someone(meeting, rng), rng.choice(SENTENCES), f"{rng.getrandbits(128):032x}"
    spoken_ms = 0
    if meeting.people[pid].marks["MUTE"] == "1":
        cloud.change(meeting.meeting_id, pid, MUTE="0")
    for state in sentence.states:
        if pid not in meeting.people:
            return
        others = [(_someone(meeting, rng), 12)] if rng.random() < 0.3 else []
        speaking = {pid: rng.randrange(30, 80)} | {other: volume for other, volume in others if other != pid}
        cloud.speak(meeting.meeting_id, *speaking.items())
        final = state is sentence.states[-1]
        texts = sentence.texts(state)
        cloud.caption(meeting.meeting_id, pid, texts, sentence=words, final=final, spoken_ms=spoken_ms)
        pause = rng.uniform(0.4, 1.2)
        spoken_ms += round(1_000 * pause)
        yield pause
    if meeting.on:
        cloud.speak(meeting.meeting_id)
    if pid in meeting.people and rng.random() < 0.5:
        cloud.change(meeting.meeting_id, pid, MUTE="1")


def _share(cloud: Cloud, meeting: Meeting, rng: Random) -> Life:
    return _for_a_while(cloud, meeting, rng, "SHARE")


def _raise_hand(cloud: Cloud, meeting: Meeting, rng: Random) -> Life:
    return _for_a_while(cloud, meeting, rng, "HAND")


def _for_a_while(cloud: Cloud, meeting: Meeting, rng: Random, mark: str) -> Life:
    pid = _someone(meeting, rng)
    cloud.change(meeting.meeting_id, pid, **{mark: "1"})
    yield rng.uniform(2, 8)
    if pid in meeting.people:
        cloud.change(meeting.meeting_id, pid, **{mark: "0"})


def _lose_quality(cloud: Cloud, meeting: Meeting, rng: Random) -> Life:
    pid = _someone(meeting, rng)
    cloud.rate(meeting.meeting_id, pid, poor=True)
    for _ in range(rng.choice((2, 3, 6))):
        yield rng.uniform(3, 5)
        if pid not in meeting.people:
            return
        cloud.measure(meeting.meeting_id)
    cloud.rate(meeting.meeting_id, pid, poor=False)


def _measure(cloud: Cloud, meeting: Meeting, rng: Random) -> Life:
    cloud.measure(meeting.meeting_id)
    yield 0.1


def _knock(cloud: Cloud, meeting: Meeting, rng: Random) -> Life:
    """Come to the waiting room, and be let in or turned away."""
    pid = cloud.wait(meeting.meeting_id, rng.randrange(100))
    yield rng.uniform(1, 4)
    if not meeting.on:
        return
    if rng.random() < 0.7:
        cloud.admit(meeting.meeting_id, pid)
    else:
        cloud.turn_away(meeting.meeting_id, pid)


def _call(cloud: Cloud, meeting: Meeting, rng: Random) -> Life:
    """Call a number, which is answered, not answered, busy or unknown."""
    code = rng.choice(("0", "0", "11076005", "11076008", "11076006"))
    cloud.invite(meeting.meeting_id, f"+86571264{rng.randrange(10_000):05}", code)
    yield 0.1


def _interpret(cloud: Cloud, meeting: Meeting, rng: Random) -> Life:
    """Have interpreters come, or go again."""
    person = meeting.people[_someone(meeting, rng)]
    told = {"userID": person.user_uuid, "callNumber": person.number, "name": person.name}
    group: dict[str, object] = {
        "groupID": f"{rng.getrandbits(128):032x}",
        "groupName": "中英 1",
        "firstLanguage": "zh",
        "secondLanguage": "en",
        "groupType": "MANUAL",
        "interpreters": [told],
    }
    cloud.interpret(meeting.meeting_id, [] if meeting.interpreters else [group])
    yield 0.1


def _control(cloud: Cloud, meeting: Meeting, rng: Random) -> Life:
    """Lock the meeting or record it, and undo it."""
    name = rng.choice(("lock", "recState", "lockSharing"))
    cloud.control(meeting.meeting_id, **{name: 1})
    yield rng.uniform(2, 10)
    if meeting.on:
        cloud.control(meeting.meeting_id, **{name: 0})


def _someone(meeting: Meeting, rng: Random) -> str:
    return rng.choice(list(meeting.people))


_Act = Callable[[Cloud, Meeting, Random], Life]
_LIKELY: Final[dict[_Act, int]] = {
    _talk: 40,
    _measure: 10,
    _share: 5,
    _raise_hand: 6,
    _lose_quality: 5,
    _knock: 3,
    _call: 3,
    _interpret: 1,
    _control: 2,
}
_ACTS: Final = tuple(_LIKELY)
_WEIGHTS: Final = tuple(_LIKELY.values())
