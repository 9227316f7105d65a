"""The alert on the records' clock itself."""

from __future__ import annotations

from consumers.qos.engine.alert import Change
from consumers.qos.engine.clock import Clock, PartitionClock
from consumers.qos.event import alert_changed
from consumers.qos.pulse import Pulse
from schemas.events import AlertChanged
from schemas.rules import QosRules

BEGUN_MS = 1_800_000_000_000


def clock(reached_ms: int, heard_ms: int | None = None) -> Clock:
    """Return the records' clock, and the newest sign of life: that which moved it, where nothing else is said."""
    heard_ms = reached_ms if heard_ms is None else heard_ms
    return Clock({0: PartitionClock({"r-1": heard_ms} if heard_ms else {})}, reached_ms)


def stands(change: Change | None) -> AlertChanged:
    """Return the alert, as the topic says it."""
    assert change is not None
    return alert_changed(change, QosRules())


def test_it_is_raised_once_the_clock_has_stood_for_so_long() -> None:
    """By our own time; what it says follows from the last sign of life."""
    pulse = Pulse(60.0, 100.0, BEGUN_MS)
    assert pulse.felt(clock(BEGUN_MS + 10_000), 110.0, None) is None
    assert pulse.felt(clock(BEGUN_MS + 10_000), 169.9, None) is None

    change = pulse.felt(clock(BEGUN_MS + 10_000), 170.0, None)

    assert change is not None
    assert (change.change, change.alert.level, change.alert.since_ms) == ("fired", "pipeline", BEGUN_MS + 10_000)
    assert change.at_ms == BEGUN_MS + 70_000
    assert change.alert.id == pulse.alert_id


def test_two_that_raise_it_raise_one() -> None:
    """Whenever each of them began, and noticed."""
    one, other = Pulse(60.0, 0.0, BEGUN_MS), Pulse(60.0, 500.0, BEGUN_MS + 7)
    one.felt(clock(BEGUN_MS + 10_000), 1.0, None)
    other.felt(clock(BEGUN_MS + 10_000), 503.0, None)

    first, second = one.felt(clock(BEGUN_MS + 10_000), 61.0, None), other.felt(clock(BEGUN_MS + 10_000), 570.0, None)

    assert first is not None
    assert second is not None
    assert first.id == second.id


def test_it_is_not_raised_twice_and_over_with_the_next_sign() -> None:
    """Also by a process that did not raise it."""
    pulse = Pulse(60.0, 0.0, BEGUN_MS)
    event = stands(pulse.felt(clock(0), 60.0, None))
    assert pulse.felt(clock(0), 61.0, event) is None

    over = Pulse(60.0, 900.0, BEGUN_MS).felt(clock(BEGUN_MS + 500_000), 901.0, event)

    assert over is not None
    assert (over.change, over.because, over.at_ms, over.alert.since_ms) == (
        "resolved",
        "good",
        BEGUN_MS + 500_000,
        BEGUN_MS,
    )


def test_a_clock_that_was_never_heard_counts_from_the_start() -> None:
    """Nobody receives, and nobody ever did."""
    pulse = Pulse(60.0, 0.0, BEGUN_MS)
    assert pulse.felt(clock(0), 59.0, None) is None

    change = pulse.felt(clock(0), 60.0, None)

    assert change is not None
    assert change.alert.since_ms == BEGUN_MS


def test_who_begins_anew_amid_the_silence_does_not_end_it() -> None:
    """Its own start is no sign of life."""
    event = stands(Pulse(60.0, 0.0, BEGUN_MS).felt(clock(0), 60.0, None))

    assert Pulse(60.0, 900.0, BEGUN_MS + 90_000).felt(clock(0), 901.0, event) is None


def test_one_receiver_of_several_that_ends_is_no_alarm() -> None:
    """It holds the clock until it counts as silent, a minute and the time until the next sign later."""
    pulse, begun = Pulse(60.0, 0.0, BEGUN_MS), BEGUN_MS + 10_000

    felt = [pulse.felt(clock(begun, begun + 1_000 * second), float(second), None) for second in range(0, 71, 10)]
    after = pulse.felt(clock(begun + 70_000), 71.0, None)

    assert [*felt, after] == [None] * 9


def test_a_clock_that_stands_for_long_though_there_are_signs_of_life_is_one() -> None:
    """A partition of which nothing comes holds up every alert."""
    pulse, begun = Pulse(60.0, 0.0, BEGUN_MS), BEGUN_MS + 10_000

    felt = [pulse.felt(clock(begun, begun + 1_000 * second), float(second), None) for second in range(0, 121, 10)]

    assert [change.alert.level if change else None for change in felt] == [None] * 12 + ["pipeline"]
