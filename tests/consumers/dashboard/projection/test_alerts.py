"""What is told of alerts, and what people said to them."""

from __future__ import annotations

from typing import get_args

from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from consumers.dashboard.projection.alerts import MOST_PAST, AlertsBoard
from consumers.qos.notify.labels import fits
from schemas.api.alerts import Acknowledged, Silence
from schemas.desk import AlertOnDesk
from schemas.events.alerts import AlertAcknowledged, AlertChanged, AlertSilenced, SilenceLabel, SilenceMatcher

from ..events import after, alert, trouble

ID = "a" * 32


def changed(at_s: float, change: str = "fired", alert_id: str = ID, **said: object) -> AlertChanged:
    """Return a decision."""
    event = alert(at_s, alert_id, change, **said).event
    assert isinstance(event, AlertChanged)
    return event


def silence(
    silence_id: str = "s", at_s: float = 0, *, ends_s: float = 900, ended: bool = False, **match: str
) -> AlertSilenced:
    """Return a silence of what fits."""
    return AlertSilenced(
        silence_id=silence_id,
        matchers=[SilenceMatcher(label=label, pattern=pattern) for label, pattern in match.items()],  # type: ignore[arg-type]  # labels
        starts_at=after(0),
        ends_at=after(ends_s),
        who="ann",
        why="planned",
        ended=ended,
        occurred_at=after(at_s),
    )


def acknowledged(at_s: float = 5, since_s: float = 0) -> AlertAcknowledged:
    """Return that somebody is at it."""
    return AlertAcknowledged(alert_id=ID, since=after(since_s), who="bob", note="on it", occurred_at=after(at_s))


def test_the_newest_by_its_time_counts() -> None:
    """The events of one alert may stand on the topic in another order."""
    board = AlertsBoard()

    taken = [board.changed(changed(9, "resolved", because="good")), board.changed(changed(5))]

    shown = board.shown(None, after(10))
    assert taken == [True, False]
    assert (shown.standing, [(one.state, one.ended_at, one.because) for one in shown.past]) == (
        [],
        [("resolved", after(9), "good")],
    )
    assert (board.standing(None), board.about("acme", "m-1")) == (0, 0)


def test_what_stands_is_told_gravest_first() -> None:
    """What a wider one explains stands, but is not counted."""
    board = AlertsBoard()
    board.changed(changed(3, alert_id="1", severity="warning", meeting_id=None))
    board.changed(changed(3, alert_id="2", severity="critical", meeting_id="m-1"))
    board.changed(changed(3, alert_id="3", severity="info", held_by="2", meeting_id="m-1"))

    shown = board.shown(None, after(10))

    assert [(one.id, one.state) for one in shown.standing] == [("2", "standing"), ("1", "standing"), ("3", "held_back")]
    assert (board.standing(None), board.about("acme", "m-1")) == (2, 1)
    board.changed(changed(4, "resolved", alert_id="2", meeting_id="m-1"))
    assert board.about("acme", "m-1") == 0


def test_an_alert_that_spreads_leaves_the_meeting_where_it_began() -> None:
    """A site's names its meeting while there is one; then none, and it may come back to another one."""
    board, counts = AlertsBoard(), []
    for at_s, change, meeting_id in (
        (1, "fired", "m-1"),
        (2, "updated", None),
        (3, "updated", "m-2"),
        (4, "resolved", "m-2"),
    ):
        board.changed(changed(at_s, change, meeting_id=meeting_id))
        counts.append((board.about("acme", "m-1"), board.about("acme", "m-2"), board.standing(None)))

    assert counts == [(1, 0, 1), (0, 0, 1), (0, 1, 1), (0, 0, 0)]


def test_other_enterprises_see_none() -> None:
    """Nor what concerns all of them together."""
    board, others = AlertsBoard(), frozenset({"other"})
    board.changed(changed(1))
    board.changed(changed(1, alert_id="all", enterprise=""))

    assert (board.shown(others, after(2)).standing, board.standing(others)) == ([], 0)
    assert (board.has(ID, others), board.has(ID, frozenset({"acme"})), board.has("x", None)) == (False, True, False)


def test_an_acknowledgement_ends_with_its_alert() -> None:
    """When it comes back nobody has seen it."""
    board = AlertsBoard()
    board.changed(changed(1))
    board.acknowledged(acknowledged())
    board.acknowledged(acknowledged(at_s=2))
    first = board.one(ID, after(6))

    board.changed(changed(20, since=after(20)))

    again = board.one(ID, after(21))
    assert first is not None
    assert again is not None
    assert first.acknowledged == Acknowledged(at=after(5), who="bob", note="on it")
    assert again.acknowledged is None


def test_a_silence_is_shown_where_it_fits() -> None:
    """By pattern, by each rule that is broken, within its time; of several the one that ends last."""
    board = AlertsBoard()
    board.changed(changed(1, troubles=[trouble("audio-loss"), trouble("video-loss")]))

    def silenced(at_s: float = 10) -> str | None:
        found = board.one(ID, after(at_s))
        assert found is not None
        return found.silenced_by

    assert silenced() is None
    board.silenced(silence("1", rule="*-loss", enterprise="acme"))
    board.silenced(silence("2", ends_s=800, level="meeting"))
    board.silenced(silence("3", rule="video-*"))
    board.silenced(silence("4", meeting_id="m-2"))
    assert (silenced(), silenced(901)) == ("1", None)
    board.silenced(silence("1", 20, ended=True, rule="*-loss"))
    board.silenced(silence("1", 10, rule="*-loss"))
    assert silenced() == "2"
    assert board.fitting(silence("5", place="acme/*")) == [ID]


def test_silences_that_hold_are_listed() -> None:
    """By their ends; what is over is not there."""
    board = AlertsBoard()
    for one in (
        silence("1", ends_s=900, rule="a"),
        silence("2", ends_s=100, rule="a"),
        silence("3", ended=True, rule="a"),
    ):
        board.silenced(one)

    assert [one.id for one in board.silences(after(50))] == ["2", "1"]
    assert board.silences(after(200)) == [
        Silence(
            id="1",
            matchers=[SilenceMatcher(label="rule", pattern="a")],
            starts_at=after(0),
            ends_at=after(900),
            who="ann",
            why="planned",
            ended=False,
        )
    ]


def test_silences_that_are_over_are_let_go_of() -> None:
    """A day later: who makes one each minute makes no memory full."""
    board = AlertsBoard()

    for number in range(3_000):
        board.silenced(silence(f"{number}", 60 * number, ends_s=60 * number + 60, rule="a"))

    assert 1_440 <= len(board._silences) < 1_500
    assert [one.id for one in board.silences(after(60 * 2_999))] == ["2999"]


def test_what_is_over_is_remembered_within_bounds() -> None:
    """The newest of it."""
    board = AlertsBoard()
    for number in range(6 * MOST_PAST):
        board.changed(changed(number, "resolved", alert_id=f"{number:05d}"))
        board.acknowledged(acknowledged())

    past = board.shown(None, after(0)).past

    assert (len(past), past[0].id) == (MOST_PAST, f"{6 * MOST_PAST - 1:05d}")
    assert board.one("00000", after(0)) is None


def test_it_begins_with_what_the_desk_knows() -> None:
    """An alert may stand for longer than is read back."""
    board = AlertsBoard()

    board.begin_with(
        [AlertOnDesk(alert=changed(1), acknowledged=acknowledged()), AlertOnDesk(alert=changed(1, alert_id="2"))],
        [silence(rule="*")],
    )

    assert [(one.id, one.silenced_by) for one in board.shown(None, after(9)).standing] == [("2", "s"), (ID, "s")]


PATTERNS = st.text(alphabet="ab*?[]-", min_size=1, max_size=6)
MATCHERS = st.lists(
    st.builds(SilenceMatcher, label=st.sampled_from(get_args(SilenceLabel)), pattern=PATTERNS), max_size=3
)


@given(MATCHERS, st.lists(st.text(alphabet="ab[]-", min_size=1, max_size=4), max_size=3), PATTERNS)
@example([SilenceMatcher(label="place", pattern="a[b]")], [], "a[b]")
@example([SilenceMatcher(label="rule", pattern="a")], ["a", "b"], "a")
@example([SilenceMatcher(label="participant_id", pattern="*")], ["a"], "a")
def test_silenced_is_what_nobody_is_told_of(matchers: list[SilenceMatcher], rules: list[str], place: str) -> None:
    """The dashboard shows as silenced what the process that tells people keeps still about, and nothing else."""
    board, event = AlertsBoard(), changed(1, troubles=[trouble(rule) for rule in rules], place=place)
    board.changed(event)
    board.silenced(replace(silence("1"), matchers=matchers))

    found = board.one(ID, after(10))

    assert found is not None
    assert (found.silenced_by is not None) == fits(event, matchers)
