"""What is decided in one go, and what in several."""

from __future__ import annotations

import pytest

from consumers.handler import Received
from consumers.qos.deciding import Beginning, Deciding
from consumers.qos.engine.engine import PAUSE_EVERY
from consumers.qos.engine.state import Input, State
from consumers.qos.told import Told
from schemas.ids import LogId, Position
from schemas.record import Stored
from schemas.rules import QosRules, Rule

from .engine.told import START_MS, alive, loss, sample
from .world import recorded

LOG = LogId("1" * 32)
RULES = QosRules(rules=(Rule(name="cut", metric="packet_loss_ratio", above=0.4, for_s=0, at_once=True),))


def deciding() -> Deciding:
    """Return one at its beginning, over one sequence."""
    beginning = Beginning(state=State(), told=Told(), begun_ms=START_MS)
    return Deciding(RULES, beginning, partitions=1, topics=())


def received(*inputs: Input) -> list[Received]:
    """Return them as they are read."""
    return [Received(Stored(LOG, Position(number), recorded(one)), one.event) for number, one in enumerate(inputs, 1)]


def test_what_is_told_at_once_does_not_wait_for_a_tick_of_many() -> None:
    """The tick pauses, is gone on with, and what is remembered is whole when it is over."""
    one = deciding()
    many = [sample(f"p-{number}", 1 + number / 1_000, loss(0.0)) for number in range(3 * PAUSE_EVERY)]
    one.take(received(*many, alive(20)))
    one.decide({})
    told, turns = list[str](), 0
    one.take(received(alive(30)))
    one.decide({})

    while not one.idle:
        one.take(received(sample(f"q-{turns}", 21, loss(0.9))))
        told += [record.type for record in one.decide({})]
        turns += 1

    assert told == ["AlertChanged"] * turns
    assert one.state.decided_ms == START_MS + 20_000


@pytest.mark.parametrize("read_at_once", [1, PAUSE_EVERY, 10 * PAUSE_EVERY])
def test_who_is_behind_decides_faster_than_it_reads(read_at_once: int) -> None:
    """However much it reads at once, no more waits than the ticks that are not due."""
    one, most = deciding(), 0
    world = [sample(f"p-{n % 500}", n / 100, loss(0.0)) for n in range(100 * PAUSE_EVERY)]
    for second in range(0, 250, 10):
        part = [*world[second * 100 : (second + 10) * 100], alive(second + 10)]
        for first in range(0, len(part), read_at_once):
            one.take(received(*part[first : first + read_at_once]))
            one.decide({})
            most = max(most, sum(map(len, one.state.waiting.values())))

    # Ten seconds between signs, ten of lateness, and a tick.
    assert most <= 3_000
