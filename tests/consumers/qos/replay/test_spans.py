"""From when until when somebody was told of an alert."""

from __future__ import annotations

from typing import Any

import pytest

from consumers.qos.engine.alert import Change
from consumers.qos.event import alert_changed
from consumers.qos.replay.spans import Span, Told, of_change, of_event, spans
from schemas.rules import NoData, QosRules, RollUp, Rule

from ..engine.told import decided, loss, sample

MINUTE = 60_000
END = 60 * MINUTE


def told(at_min: float, what: str = "fired", **more: Any) -> Told:
    """Return a decision: fired, updated, held_back, released, resolved; muted."""
    blank: dict[str, Any] = {
        "at_ms": int(at_min * MINUTE),
        "id": f"{what} {more.get('alert_id')} at {at_min}",
        "alert_id": "a",
        "level": "participant",
        "place": "acme/m-1/p-1",
        "severity": "warning",
        "rules": ("loss",),
        "stands": what != "resolved",
        "is_heard": what not in ("held_back", "muted"),
    }
    return Told(**(blank | more))


def span(since_min: float, until_min: float, **more: Any) -> Span:
    """Return a span."""
    blank: dict[str, Any] = {
        "alert_id": "a",
        "level": "participant",
        "place": "acme/m-1/p-1",
        "severity": "warning",
        "rules": ("loss",),
        "since_ms": int(since_min * MINUTE),
        "until_ms": int(until_min * MINUTE),
        "is_over": True,
    }
    return Span(**(blank | more))


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        pytest.param([told(1), told(3, "resolved")], [span(1, 3)], id="fired and resolved"),
        pytest.param([told(1)], [span(1, 60, is_over=False)], id="still stands"),
        pytest.param([told(1, "held_back"), told(3, "resolved")], [], id="always explained by a wider one"),
        pytest.param([told(1, "muted"), told(3, "resolved")], [], id="in quiet hours"),
        pytest.param(
            [told(1), told(2, "held_back"), told(4, "released"), told(5, "resolved")],
            [span(1, 2), span(4, 5)],
            id="held back for a while",
        ),
        pytest.param(
            [
                told(1),
                told(2, "updated", severity="critical", rules=("jitter",)),
                told(3, "updated"),
                told(4, "resolved"),
            ],
            [span(1, 4, severity="critical", rules=("jitter", "loss"))],
            id="the gravest, and all rules",
        ),
        pytest.param([told(1), told(1), told(3, "resolved")], [span(1, 3)], id="published twice"),
        pytest.param([told(3, "resolved"), told(1)], [span(1, 3)], id="published out of order"),
        pytest.param(
            [told(1), told(2, "resolved"), told(3), told(4, "resolved")], [span(1, 2), span(3, 4)], id="came back"
        ),
        pytest.param(
            [told(1, alert_id="b"), told(1), told(2, "resolved")],
            [span(1, 2), span(1, 60, alert_id="b", is_over=False)],
            id="two alerts",
        ),
        pytest.param([told(3, "resolved")], [], id="nothing is known of its beginning"),
        pytest.param([told(1, level="watchdog"), told(1, level="pipeline")], [], id="alerts on alerting itself"),
    ],
)
def test_decisions_are_spans(decisions: list[Told], expected: list[Span]) -> None:
    """Somebody is told while an alert stands, is not held back, and not muted."""
    assert spans(decisions, 0, END) == expected


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        pytest.param([told(5), told(15, "resolved")], [span(10, 15)], id="began before"),
        pytest.param([told(15), told(25, "resolved")], [span(15, 20, is_over=False)], id="ended after"),
        pytest.param([told(5), told(10, "resolved")], [], id="was over by then"),
        pytest.param([told(20), told(25, "resolved")], [], id="began at the end"),
        pytest.param([told(25)], [], id="began after the end, and stands"),
        pytest.param(
            [told(15), told(21, "updated", severity="critical", rules=("jitter",))],
            [span(15, 20, is_over=False)],
            id="grew worse after the end",
        ),
        pytest.param([told(15), told(20, "resolved")], [span(15, 20)], id="ended at the end"),
    ],
)
def test_what_reaches_beyond_the_time_is_cut(decisions: list[Told], expected: list[Span]) -> None:
    """From minute 10 to minute 20."""
    assert spans(decisions, 10 * MINUTE, 20 * MINUTE) == expected


def test_a_decision_is_the_same_from_the_engine_and_from_its_topic() -> None:
    """So that what was done and what would be done can be compared."""
    rules = QosRules(
        rules=(Rule(name="loss", metric="packet_loss_ratio", above=0.1, for_s=0, keep_firing_for_s=0),),
        no_data=NoData(participant_after_s=3_600, meeting_after_s=3_600, all_after_s=3_600),
        roll_ups=(RollUp(level="meeting", at_least=2),),
    )
    inputs = [sample("p-1", 3, loss(0.2)), sample("p-2", 8, loss(0.2)), sample("p-1", 13, loss(0.0))]

    changes: list[Change] = decided(rules, inputs, until=60)

    events = [(alert_changed(change, rules), f"{change.id}-0") for change in changes]
    assert [of_event(event, event_id) for event, event_id in events] == [of_change(change) for change in changes]
    kinds = [(one.change, one.alert.level, of_change(one).stands, of_change(one).is_heard) for one in changes]
    assert sorted(kinds) == [
        ("fired", "meeting", True, True),
        ("fired", "participant", True, True),
        ("held_back", "participant", True, False),
        ("held_back", "participant", True, False),
        ("released", "participant", True, True),
        ("resolved", "meeting", False, True),
        ("resolved", "participant", False, False),
    ]
    assert of_change(changes[0]).rules == ("loss",)
