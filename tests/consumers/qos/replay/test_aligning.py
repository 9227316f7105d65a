"""However partitions come, signs of life come behind what is older than they are."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.qos.replay.aligning import AHEAD_MS, Aligning
from schemas.ids import Position
from schemas.record import Record, Stored
from tests.consumers.records import LOG

from ..engine.told import START_MS, alive, loss, sample
from .stored import record

UNTIL_MS = START_MS + 300_000
Place = tuple[str, int]


def kept(records: list[Record]) -> dict[Place, list[Stored]]:
    """Return partitions, each with its records, as Kafka has them."""
    found: dict[Place, list[Stored]] = {}
    for one in records:
        there = found.setdefault((one.topic, one.partition), [])
        there.append(Stored(LOG, Position(len(there) + 1), one, len(there)))
    return found


_worlds = st.lists(
    st.one_of(
        st.builds(
            lambda seconds, who, meeting: sample(who, seconds, loss(0.2), meeting=meeting),
            st.integers(0, 400),
            st.sampled_from(["p-1", "p-2"]),
            st.sampled_from(["m-1", "m-2", "m-3"]),
        ),
        st.builds(
            lambda tens, partition: alive(10.0 * tens, partition=partition), st.integers(0, 40), st.integers(0, 2)
        ),
    ),
    max_size=60,
)


@settings(deadline=None)
@given(world=_worlds, data=st.data())
def test_all_of_it_comes_once_and_signs_of_life_behind_what_is_older(world: list[Any], data: Any) -> None:
    """Whatever is read first; up to the end of what is asked for; and no partition runs ahead for long."""
    partitions = kept([record(one) for one in sorted(world, key=lambda one: one.received_ms)])
    ends = {place: len(records) for place, records in partitions.items()}
    at: dict[Place, int] = dict.fromkeys(ends, 0)
    aligning = Aligning(ends, UNTIL_MS)

    taken = [one.record for one in aligning.take([], at).records]
    held: frozenset[Place] = frozenset()
    while not aligning.is_done:
        place = data.draw(st.sampled_from(sorted(ends.keys() - held)))
        some = partitions[place][at[place] : at[place] + data.draw(st.integers(1, 3))]
        at[place] += len(some)
        aligned = aligning.take(some, at)
        taken += [one.record for one in aligned.records]
        held = aligned.hold_back
        newest = {one: max((s.record.received_ms for s in partitions[one][: at[one]]), default=0) for one in ends}
        left = [newest[one] for one in ends if at[one] < ends[one] and newest[one] <= UNTIL_MS]
        assert all(
            newest[one] > min(left) + AHEAD_MS or at[one] == ends[one] or newest[one] > UNTIL_MS for one in held if left
        )

    within = [one.record for some in partitions.values() for one in some if one.record.received_ms <= UNTIL_MS]
    assert sorted(taken, key=repr) == sorted(within, key=repr)
    newest_sign = 0
    for one in taken:
        newest_sign = max(newest_sign, one.received_ms) if one.type == "ReceiverAlive" else newest_sign
        assert one.received_ms >= newest_sign
    assert (aligning.is_done, aligning.reached_ms) == (True, UNTIL_MS)


def test_the_local_log_is_one_sequence() -> None:
    """Its records are taken as they come; how far it is read is what the newest of them says."""
    aligning = Aligning({("", 0): 5}, UNTIL_MS)
    records = [record(one) for one in (sample("p-1", 1), alive(10), sample("p-1", 12), sample("p-1", 400))]
    some = [Stored(LOG, Position(number), one) for number, one in enumerate(records, 1)]

    first = aligning.take(some[:3], {("", 0): 4})
    reached_ms = aligning.reached_ms
    then = aligning.take(some[3:], {("", 0): 5})

    assert ([one.position for one in first.records], reached_ms - START_MS) == ([1, 2, 3], 12_000)
    assert (then.records, aligning.is_done) == ([], True)
