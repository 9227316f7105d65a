"""The comparison itself: it finds what is lost, twice or out of order, so that its zeros mean something."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from .speech import Spoken
from .subscribed import Figures, Heard, Stood

MADE = [Spoken("m", f"frame-{number}", number * 1_000) for number in range(1, 6)]


def caption(number: int, position: int, *, log: str = "a", epoch: int = 1) -> Stood:
    """A caption on its topic."""
    event = {"type": "CaptionSpoken", "meeting_id": "m", "original_sha256": f"frame-{number}"}
    return Stood("meeting.captions.v1", 0, log, position, f"id-{number}", epoch, event)


def changed(change: str, position: int, at_s: int, since_s: int | None = None, **more: object) -> Stood:
    """What became of the subscription, on its topic."""
    event = {
        "type": "SubscriptionChanged",
        "meeting_id": "m",
        "change": change,
        "reason": None,
        "epoch": 1,
        "occurred_at": _instant(at_s),
        "unseen_since": None if since_s is None else _instant(since_s),
    }
    return Stood("meeting.state.v1", 0, "a", position, f"state-{position}", 0, event | more)


def _instant(s: int) -> str:
    return datetime.fromtimestamp(s, UTC).isoformat()


OPENED = changed("opened", 1, 0)
FIRST = [caption(number, number + 1) for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("records", "harm", "lost"),
    [
        pytest.param([*FIRST, caption(4, 5), caption(5, 6)], (0, 0, 0, 0), 0, id="all well"),
        pytest.param([*FIRST, caption(5, 6)], (1, 0, 0, 0), 0, id="one lost, nobody told"),
        pytest.param(FIRST, (2, 0, 0, 0), 0, id="the end lost"),
        pytest.param([*FIRST, changed("lost", 5, 4, 4)], (0, 0, 0, 0), 2, id="told as lost, and not open again"),
        pytest.param(
            [*FIRST, changed("lost", 5, 4, 4), changed("opened", 6, 4, 4, epoch=2), caption(5, 7, epoch=2)],
            (0, 0, 0, 0),
            1,
            id="told as lost until it is open again",
        ),
        pytest.param(
            [*FIRST, changed("lost", 5, 4, 4), changed("opened", 6, 4, 4, epoch=2)],
            (1, 0, 0, 0),
            1,
            id="lost after it is open again",
        ),
        pytest.param([*FIRST, changed("gap", 5, 6, 3)], (2, 0, 0, 0), 0, id="a gap of another type"),
        pytest.param(
            [*FIRST, changed("opened", 5, 9, 0, epoch=2, reason="start_unknown")],
            (2, 0, 0, 0),
            0,
            id="a new owner says nothing against what was seen before",
        ),
        pytest.param([*FIRST, changed("closed", 5, 4)], (0, 0, 0, 0), 2, id="over for us"),
        pytest.param(
            [*FIRST, caption(4, 5), caption(5, 6, epoch=2), caption(3, 7, epoch=2)], (0, 1, 1, 0), 0, id="one twice"
        ),
        pytest.param([*FIRST, caption(5, 5), caption(4, 6)], (0, 0, 1, 0), 0, id="disorder"),
        pytest.param([*FIRST, caption(4, 5), caption(5, 6), caption(9, 7)], (0, 0, 0, 1), 0, id="one that none made"),
        pytest.param([*FIRST, caption(3, 4), caption(4, 5), caption(5, 6)], (0, 0, 0, 0), 0, id="a repeat"),
        pytest.param(
            [
                *FIRST,
                caption(3, 1, log="b", epoch=2),
                caption(4, 5),
                *(caption(n, n, log="b", epoch=2) for n in (4, 5)),
            ],
            (0, 0, 0, 0),
            0,
            id="two who overlap",
        ),
        pytest.param(
            [*FIRST, caption(5, 1, log="b", epoch=2), caption(4, 5)], (1, 0, 0, 0), 0, id="who was replaced comes late"
        ),
    ],
)
def test_what_is_wrong_is_counted(records: list[Stood], harm: tuple[int, int, int, int], lost: int) -> None:
    """Each kind of harm is a figure of its own: unmarked holes, duplicates, reordered, foreign."""
    heard, figures = Heard(), Figures()
    for record in (OPENED, *records):
        heard.take(record)

    holes = figures.add(MADE, heard)

    assert (figures.harm, figures.lost, len(holes)) == (harm, lost, harm[0])


def test_what_came_before_the_first_subscription_is_marked_by_it() -> None:
    """Who opens a meeting that nobody saw before tells that its beginning was not seen."""
    heard, figures = Heard(), Figures()
    for record in (changed("opened", 1, 4, 0, reason="start_unknown"), caption(5, 2)):
        heard.take(record)

    assert figures.add(MADE, heard) == []
    assert (figures.runs, figures.frames, figures.read, figures.lost) == (1, 5, 1, 4)
    assert "  lost                     4\n" in figures.table()
