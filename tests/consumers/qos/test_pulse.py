"""The alert on the records' clock itself."""

from __future__ import annotations

from consumers.qos.engine.alert import Change
from consumers.qos.event import alert_changed
from consumers.qos.pulse import Pulse
from schemas.events import AlertChanged
from schemas.rules import QosRules

BEGUN_MS = 1_800_000_000_000


def stands(change: Change | None) -> AlertChanged:
    """Return the alert, as the topic says it."""
    assert change is not None
    return alert_changed(change, QosRules())


def test_it_is_raised_once_the_clock_has_stood_for_so_long() -> None:
    """By our own time; what it says follows from the last sign of life."""
    pulse = Pulse(60.0, 100.0, BEGUN_MS)
    assert pulse.felt(BEGUN_MS + 10_000, 110.0, None) is None
    assert pulse.felt(BEGUN_MS + 10_000, 169.9, None) is None

    change = pulse.felt(BEGUN_MS + 10_000, 170.0, None)

    assert change is not None
    assert (change.change, change.alert.level, change.alert.since_ms) == ("fired", "pipeline", BEGUN_MS + 10_000)
    assert change.at_ms == BEGUN_MS + 70_000
    assert change.alert.id == pulse.alert_id


def test_two_that_raise_it_raise_one() -> None:
    """Whenever each of them began, and noticed."""
    one, other = Pulse(60.0, 0.0, BEGUN_MS), Pulse(60.0, 500.0, BEGUN_MS + 7)
    one.felt(BEGUN_MS + 10_000, 1.0, None)
    other.felt(BEGUN_MS + 10_000, 503.0, None)

    first, second = one.felt(BEGUN_MS + 10_000, 61.0, None), other.felt(BEGUN_MS + 10_000, 570.0, None)

    assert first is not None
    assert second is not None
    assert first.id == second.id


def test_it_is_not_raised_twice_and_over_with_the_next_sign() -> None:
    """Also by a process that did not raise it."""
    pulse = Pulse(60.0, 0.0, BEGUN_MS)
    event = stands(pulse.felt(0, 60.0, None))
    assert pulse.felt(0, 61.0, event) is None

    over = Pulse(60.0, 900.0, BEGUN_MS).felt(BEGUN_MS + 500_000, 901.0, event)

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
    assert pulse.felt(0, 59.0, None) is None

    change = pulse.felt(0, 60.0, None)

    assert change is not None
    assert change.alert.since_ms == BEGUN_MS


def test_who_begins_anew_amid_the_silence_does_not_end_it() -> None:
    """Its own start is no sign of life."""
    event = stands(Pulse(60.0, 0.0, BEGUN_MS).felt(0, 60.0, None))

    assert Pulse(60.0, 900.0, BEGUN_MS + 90_000).felt(0, 901.0, event) is None
