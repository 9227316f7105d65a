"""Whatever meetings there are: the budget is kept to, alarms go first, and nobody starves."""

from __future__ import annotations

import random
from collections import defaultdict
from itertools import pairwise
from math import ceil

from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.quality.calls import Call, ListMeetings, ListParticipants, Look
from receiver.quality.plan import LOOK_EVERY_S, ROSTER_EVERY_S, Plan
from receiver.quality.port import KINDS
from tests.receiver.quality.world import World, meeting, person

_QUICK = settings(max_examples=40, deadline=None)

# The people of each meeting, each in alarm or not; and whether the meeting is.
CROWDS = st.lists(st.tuples(st.booleans(), st.lists(st.booleans(), max_size=8)), min_size=1, max_size=6)


def world_of(crowds: list[tuple[bool, list[bool]]], calls: int, share: float = 1.0) -> World:
    """Return a world of these crowds, of which nothing is known yet."""
    numbers = iter(range(1_000))
    return World(
        Plan("rest", calls, owned=lambda _: True, share=lambda: share),
        {
            meeting(number, alarm=alarmed): [person(next(numbers), alarm=one) for one in people]
            for number, (alarmed, people) in enumerate(crowds)
        },
    )


@_QUICK
@given(
    crowds=CROWDS,
    calls=st.integers(1, 400),
    share=st.sampled_from([1.0, 0.5, 0.3]),
    seed=st.integers(0, 1_000),
)
def test_no_minute_has_more_calls_than_it_may(
    crowds: list[tuple[bool, list[bool]]], calls: int, share: float, seed: int
) -> None:
    """In no span of a minute, wherever it begins, whatever is answered, fails, is empty or is awaited for long.

    Of a share that is no whole number of calls, the next whole one.
    """
    here, chance = world_of(crowds, calls, share), random.Random(seed)  # noqa: S311 -- tests guard nothing
    awaited: list[Call] = []

    def answer(call: Call) -> None:
        awaited.append(call)
        # Meanwhile the clock goes on, by nothing as well.
        here.now += chance.choice([0.0, 0.0, 0.01, 0.7])
        while awaited and chance.random() < 0.7:
            answered = awaited.pop(chance.randrange(len(awaited)))
            if chance.random() < 0.1:
                here.plan.failed(answered, here.now)
            elif isinstance(answered, Look):
                here.plan.looked(answered, here.now, empty=chance.random() < 0.3)
            else:
                here.answer(answered)

    here.run(400, answer)

    times, allowed = [at for at, _ in here.made], ceil(calls * share)
    too_close = [(one, other) for one, other in zip(times, times[allowed:], strict=False) if other - one < 60 - 1e-6]
    assert times
    assert too_close == []


@_QUICK
@given(crowds=CROWDS, calls=st.integers(1, 60))
def test_what_is_in_alarm_has_half_of_the_calls_that_are_no_list_of_meetings(
    crowds: list[tuple[bool, list[bool]]], calls: int
) -> None:
    """As long as there is always somebody in alarm to look at, of any eight calls four are looks at them."""
    # So many that the budget does not reach them all within the minute after which a look is due again.
    in_alarm = [True] * (calls // len(KINDS) + 1)
    here = world_of([*crowds, (True, in_alarm)], calls)
    here.run(60 / calls * (len(crowds) + 2) * 8)

    made = [call for call in here.run(60 / calls * 120) if not isinstance(call, ListMeetings)]

    looks = [isinstance(call, Look) and call.participant.alarm for call in made]
    assert len(looks) > 90
    assert min(sum(looks[first : first + 8]) for first in range(len(looks) - 7)) >= 4


@_QUICK
@given(crowds=CROWDS, calls=st.integers(1, 120))
def test_nobody_starves(crowds: list[tuple[bool, list[bool]]], calls: int) -> None:
    """However many are in alarm: every look and every list of people comes again within a time that can be told."""
    here = world_of(crowds, calls)
    look_count = sum(len(people) for _, people in crowds) * len(KINDS)
    # A quarter of the calls are for whoever has waited longest, an eighth for lists, an eighth at most for the list of
    # meetings; what was new at the start goes before once.
    cost_s = 60 / calls * 8 / 7
    looked_within = LOOK_EVERY_S + cost_s * (4 * (2 * look_count + 1) + 8 * (len(crowds) + 1)) + 2
    listed_within = ROSTER_EVERY_S + cost_s * 8 * (2 * len(crowds) + 1) + 2

    here.run(3 * max(looked_within, listed_within))

    looked: defaultdict[object, list[float]] = defaultdict(lambda: [0.0])
    listed: defaultdict[object, list[float]] = defaultdict(lambda: [0.0])
    for at, call in here.made:
        if isinstance(call, Look):
            looked[call.key].append(at)
        elif isinstance(call, ListParticipants):
            listed[call.meeting.meeting_uuid].append(at)
    assert (len(looked), len(listed)) == (look_count, len(crowds))
    assert longest(looked, here.now) <= looked_within
    assert longest(listed, here.now) <= listed_within


def longest(times: dict[object, list[float]], end: float) -> float:
    """Return the longest time between two calls for the same thing, start and end counted."""
    return max((later - earlier for at in times.values() for earlier, later in pairwise([*at, end])), default=0.0)
