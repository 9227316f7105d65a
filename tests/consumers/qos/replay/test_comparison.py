"""What one side tells more, less, earlier and later than the other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.qos.replay.comparison import Comparison, Difference, Side, compared, side
from consumers.qos.replay.spans import Span

from .test_spans import MINUTE, span

NOISE_S = 300.0


def found(new: list[Span], old: list[Span]) -> Comparison:
    """Compare; what is over within five minutes is noise."""
    return compared(new, old, noise_s=NOISE_S)


def numbers(one: Comparison) -> dict[str, int]:
    """Return what of the numbers is not nought."""
    told = {"same": one.same, "more": one.more, "fewer": one.fewer, "earlier": one.earlier, "later": one.later}
    return {name: number for name, number in told.items() if number}


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        pytest.param([], [], {}, id="nothing"),
        pytest.param([span(1, 3)], [span(1, 4)], {"same": 1}, id="the same"),
        pytest.param([span(1.05, 3)], [span(1, 4)], {"same": 1}, id="a tick later is the same"),
        pytest.param([span(2, 3)], [span(1, 4)], {"later": 1}, id="later"),
        pytest.param([span(1, 4)], [span(2, 3)], {"earlier": 1}, id="earlier"),
        pytest.param([span(1, 4)], [], {"more": 1}, id="more"),
        pytest.param([], [span(1, 4)], {"fewer": 1}, id="fewer"),
        pytest.param([span(1, 4)], [span(4, 5)], {"more": 1, "fewer": 1}, id="one after the other"),
        pytest.param([span(1, 2), span(3, 4)], [span(1, 4)], {"same": 1, "more": 1}, id="one becomes two"),
        pytest.param([span(1, 4)], [span(1, 2), span(3, 4)], {"same": 1, "fewer": 1}, id="two become one"),
        pytest.param([span(1, 4, alert_id="b")], [span(1, 4)], {"more": 1, "fewer": 1}, id="of two alerts"),
    ],
)
def test_spans_that_overlap_are_one_alert(new: list[Span], old: list[Span], expected: dict[str, int]) -> None:
    """The first of each side with the first of the other."""
    assert numbers(found(new, old)) == expected


def test_a_difference_says_which_alert_and_by_how_much() -> None:
    """In order of time; what is later says so by the new time."""
    one = found([span(2, 3), span(5, 9, alert_id="b", rules=("jitter", "loss"))], [span(1, 4)])

    assert one.differences == [
        Difference(
            what="later",
            level="participant",
            place="acme/m-1/p-1",
            severity="warning",
            rules=["loss"],
            since=datetime(1970, 1, 1, 0, 2, tzinfo=UTC),
            until=datetime(1970, 1, 1, 0, 3, tzinfo=UTC),
            by_s=60.0,
        ),
        Difference(
            what="more",
            level="participant",
            place="acme/m-1/p-1",
            severity="warning",
            rules=["jitter", "loss"],
            since=datetime(1970, 1, 1, 0, 5, tzinfo=UTC),
            until=datetime(1970, 1, 1, 0, 9, tzinfo=UTC),
            by_s=240.0,
        ),
    ]


def test_what_is_over_soon_is_noise_and_what_stands_is_not() -> None:
    """Nobody can have done anything about it."""
    told = [span(0, 4.9), span(10, 15), span(20, 21, is_over=False, severity="critical", rules=("jitter", "loss"))]

    assert side(told, NOISE_S) == Side(
        alerts=3,
        minutes=10.9,
        noise_alerts=1,
        noise_minutes=4.9,
        by_severity={"critical": 1, "warning": 2},
        by_rule={"jitter": 1, "loss": 3},
    )


@st.composite
def _sides(draw: Any) -> list[Span]:
    spans = []
    for alert_id in ("a", "b"):
        times = sorted(draw(st.lists(st.integers(0, 50), unique=True, max_size=8)))
        pairs = zip(times[::2], times[1::2], strict=False)
        spans += [span(since, until, alert_id=alert_id) for since, until in pairs]
    return sorted(spans, key=lambda one: (one.since_ms, one.alert_id))


@given(new=_sides(), old=_sides())
def test_every_span_is_counted_once_and_the_other_way_round_is_the_opposite(new: list[Span], old: list[Span]) -> None:
    """None is lost, and none is told of twice."""
    there, back = found(new, old), found(old, new)

    assert there.same + there.more + there.earlier + there.later == len(new)
    assert there.same + there.fewer + there.earlier + there.later == len(old)
    assert (there.more, there.fewer, there.earlier, there.later) == (back.fewer, back.more, back.later, back.earlier)


@given(new=_sides())
def test_nothing_is_otherwise_than_itself(new: list[Span]) -> None:
    """All the same."""
    one = found(new, new)

    assert (numbers(one), one.differences, one.new) == ({"same": len(new)} if new else {}, [], one.old)
    assert one.new.minutes == round(sum(each.until_ms - each.since_ms for each in new) / MINUTE, 1)
