"""The lane of one channel: whoever was told of a beginning is told of the end, and nobody else is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.qos.outbox.heard import Waiting, Wants, judge
from consumers.qos.outbox.journal import Journal
from consumers.qos.outbox.lane import Hush, Lane, Quiet
from schemas.events import AlertChanged, AlertNotified

from ..alerting import alert, at

WANTS = Wants(from_severity="warning", enterprises=(), every_change=False, give_up_after_s=3_600)
EVERY = Wants(from_severity="warning", enterprises=(), every_change=True, give_up_after_s=3_600)


def lane(wants: Wants = WANTS) -> Lane:
    """Return an empty lane."""
    return Lane("ops", wants, Journal())


def waiting(event: AlertChanged, name: str | None = None) -> Waiting:
    """Return a decision that waits."""
    return Waiting(name or f"{event.place}/{event.change}/{event.occurred_at}", "key", event)


def loud(_: AlertChanged) -> Quiet | None:
    """Nothing is silenced."""
    return None


def silenced(_: AlertChanged) -> Quiet | None:
    """Everything is."""
    return "silenced"


def acknowledged(_: AlertChanged) -> Quiet | None:
    """Somebody is at everything."""
    return "acknowledged"


def tell(one: Lane, *, seconds: float = 0, most: int = 100, hush: Hush = loud) -> list[tuple[str, str]]:
    """Tell what waits as a worker does; return place and news of each letter."""
    told: list[tuple[str, str]] = []
    while step := one.step(at(seconds).timestamp(), most, hush):
        for quiet in step.silenced:
            one.done(quiet, "silenced")
        for old in step.given_up:
            one.done(old, "given_up")
        for dropped in step.dropped:
            one.done(dropped, "dropped")
        for letter_of, letter in step.letters:
            one.done(letter_of, "told")
            told.append((letter.alert.place, letter.news))
    return told


@pytest.mark.parametrize(
    ("told", "decision", "news"),
    [
        pytest.param(None, alert(), "firing", id="new"),
        pytest.param(None, alert("resolved"), None, id="an end that nobody knows the beginning of"),
        pytest.param(None, alert("held_back", held_by="x"), None, id="explained by another"),
        pytest.param(None, alert(muted=True), None, id="in quiet hours"),
        pytest.param(None, alert(severity="info"), None, id="not grave enough"),
        pytest.param(None, alert("released"), "firing", id="no longer explained"),
        pytest.param(alert(), alert("updated", 1), None, id="more people"),
        pytest.param(alert(), alert("updated", 1, severity="critical"), "worse", id="worse"),
        pytest.param(alert(severity="critical"), alert("updated", 1), None, id="better"),
        pytest.param(alert(), alert("held_back", 1, held_by="x"), None, id="explained after it was told"),
        pytest.param(alert(), alert("resolved", 1, held_by="x"), "resolved", id="over while it is held back"),
        pytest.param(alert(), alert("resolved", 1, muted=True), "resolved", id="over in quiet hours"),
        pytest.param(alert("fired", 5), alert("resolved", 1), None, id="older than what was told"),
    ],
)
def test_news_is_what_changes_for_those_who_read(told: AlertChanged | None, decision: AlertChanged, news: str) -> None:
    """By what they were told last."""
    assert judge(told, decision, WANTS) == news


def test_some_want_every_change_and_some_only_an_enterprise() -> None:
    """As the settings say."""
    theirs = Wants(from_severity="info", enterprises=("ac*",), every_change=True, give_up_after_s=1)

    assert judge(alert(), alert("updated", 1), EVERY) == "updated"
    assert judge(None, alert(), theirs) == "firing"
    assert judge(None, alert(enterprise="other"), theirs) is None


def test_a_beginning_and_its_end_are_told_in_order_however_late() -> None:
    """A channel that was away hears of both."""
    one = lane()
    one.add(waiting(alert()))
    one.add(waiting(alert("resolved", 60)))

    assert tell(one) == [("acme/深圳", "firing"), ("acme/深圳", "resolved")]
    assert (one.waiting, one.told) == ({}, {})


def test_what_is_no_news_does_not_wait() -> None:
    """Held back from the beginning, over without having been told."""
    one = lane()
    one.add(waiting(alert("held_back", held_by="x")))
    one.add(waiting(alert("resolved", 60)))

    assert one.waiting == {}


def test_what_is_silenced_is_told_when_the_silence_is_over_and_it_still_stands() -> None:
    """Nobody has to look for what they wanted not to hear of."""
    one = lane()
    one.add(waiting(alert()))

    assert tell(one, hush=silenced) == []
    assert [letter.silenced for letter in one.waiting.values()] == [True]
    assert tell(one) == [("acme/深圳", "firing")]


def test_what_is_over_before_the_silence_is_was_never_there() -> None:
    """Neither its beginning nor its end is told; the end may have waited already when the silence was seen."""
    before, after = lane(), lane()
    before.add(waiting(alert()))
    before.add(waiting(alert("resolved", 60)))
    after.add(waiting(alert()))

    assert tell(before, hush=silenced) == []
    assert tell(after, hush=silenced) == []
    after.add(waiting(alert("resolved", 60)))
    assert (before.waiting, after.waiting, tell(before), tell(after)) == ({}, {}, [], [])


def test_the_end_of_what_was_told_is_told_in_silence_too() -> None:
    """Or somebody would wait for it."""
    one = lane()
    one.add(waiting(alert()))
    tell(one)
    one.add(waiting(alert("resolved", 60)))

    assert tell(one, hush=silenced) == [("acme/深圳", "resolved")]


def test_an_end_is_told_though_what_began_behind_it_is_silenced() -> None:
    """It waits until it is taken; then what began is told when the silence is over, and its own end."""
    leader, standby = lane(), lane()
    for one in (leader, standby):
        one.add(waiting(alert()))
    worked(leader, standby, 1, loud)
    for one in (leader, standby):
        one.add(waiting(alert("resolved", 10)))
        one.add(waiting(alert("fired", 20, since=at(20))))

    assert worked(leader, standby, 3, silenced) == [("acme/深圳", "resolved")]
    for one in (leader, standby):
        assert tell(one) == [("acme/深圳", "firing")]
        one.add(waiting(alert("resolved", 30, since=at(20))))
        assert tell(one) == [("acme/深圳", "resolved")]


def test_who_is_at_it_hears_only_of_worse() -> None:
    """An acknowledged alert is told again when it gets worse, and when it is over."""
    one = lane(EVERY)
    one.add(waiting(alert()))
    tell(one)
    one.add(waiting(alert("updated", 60, people=9)))
    one.add(waiting(alert("updated", 120, severity="critical")))

    assert tell(one, hush=lambda _: "acknowledged") == [("acme/深圳", "worse")]


def test_what_is_too_old_is_given_up_with_its_end() -> None:
    """A channel that was away for longer than anybody cares."""
    one = lane()
    one.add(waiting(alert()))
    one.add(waiting(alert("resolved", 60)))

    assert tell(one, seconds=3_700) == []
    assert one.waiting == {}


def test_who_does_not_send_gives_up_what_is_too_old_by_itself() -> None:
    """Nobody tells it of a channel that the leader lacks; its lane must not grow for ever."""
    one = lane()
    one.add(waiting(alert()))
    tell(one)
    one.add(waiting(alert("resolved", 60)))
    one.add(waiting(alert(site="北京")))
    one.add(waiting(alert("resolved", 90, site="北京")))
    one.add(waiting(alert("fired", 3_000, site="上海")))

    one.expire(at(3_700).timestamp(), loud)

    assert ([left.alert.place for left in one.waiting.values()], one.told) == (["acme/上海"], {})


@pytest.mark.parametrize("looked_at", [0, 3_700], ids=["at once", "when it is too old already"])
def test_what_is_silenced_for_longer_than_anybody_waits_is_told_when_that_is_over(looked_at: float) -> None:
    """It could not be told before: its time begins with the silence's end."""
    one = lane()
    one.add(waiting(alert()))

    assert tell(one, seconds=looked_at, hush=silenced) == []
    assert tell(one, seconds=100_000, hush=silenced) == []
    assert tell(one, seconds=200_000) == [("acme/深圳", "firing")]


def test_a_channel_that_is_away_when_a_silence_ends_has_its_time_from_then_on() -> None:
    """As with any other letter, and no longer; if it is silenced again meanwhile, that is said again."""
    one = lane()
    one.add(waiting(alert()))
    tell(one, hush=silenced)
    for letter_of, _ in one.step(at(7_000).timestamp(), 1, loud).letters:
        one.mark(letter_of, at(7_000).timestamp())

    again, quiet, late = (
        one.step(at(seconds).timestamp(), 1, hush)
        for seconds, hush in ((10_600, loud), (10_601, silenced), (10_601, loud))
    )

    assert [letter.news for _, letter in again.letters] == ["firing"]
    assert [len(step.silenced) for step in (again, quiet, late)] == [0, 1, 0]
    assert [len(step.given_up) for step in (again, quiet, late)] == [0, 0, 1]


def test_who_does_not_send_keeps_what_stands_in_silence_however_old() -> None:
    """Whoever sends next tells it when the silence is over; what a newer decision replaced, or is over, goes."""
    said, unsaid = lane(), lane()
    said.add(waiting(alert(), "d-1"))
    said.notified(notified("d-1", "silenced"), leading=False)
    unsaid.add(waiting(alert()))
    unsaid.add(waiting(alert("updated", 60, severity="critical")))
    unsaid.add(waiting(alert(site="北京")))
    unsaid.add(waiting(alert("resolved", 90, site="北京")))

    said.expire(at(100_000).timestamp(), loud)
    unsaid.expire(at(100_000).timestamp(), silenced)

    assert tell(said, seconds=200_000) == [("acme/深圳", "firing")]
    assert [(left.alert.place, left.alert.change) for left in unsaid.waiting.values()] == [("acme/深圳", "updated")]


def test_what_comes_back_is_news_though_its_end_was_given_up() -> None:
    """And what nobody can be told the end of is not told again as standing."""
    one = lane()
    one.add(waiting(alert()))
    tell(one)
    one.add(waiting(alert("resolved", 60)))

    assert tell(one, seconds=3_700) == []
    assert list(one.standing()) == []
    one.add(waiting(alert("fired", 3_700, since=at(3_700))))
    assert tell(one, seconds=3_700) == [("acme/深圳", "firing")]


def test_what_came_back_while_a_channel_was_away_is_news_behind_an_end_that_is_given_up() -> None:
    """In one step as in several."""
    one = lane()
    one.add(waiting(alert()))
    tell(one)
    one.add(waiting(alert("resolved", 60)))
    one.add(waiting(alert("fired", 3_600, since=at(3_600))))

    assert tell(one, seconds=3_700) == [("acme/深圳", "firing")]


def test_a_message_takes_no_more_than_it_may() -> None:
    """The rest waits for the next."""
    one = lane()
    for number in range(5):
        one.add(waiting(alert(site=f"s-{number}")))

    step = one.step(at(0).timestamp(), 2, loud)

    assert [letter.alert.place for _, letter in step.letters] == ["acme/s-0", "acme/s-1"]
    assert len(one.waiting) == 5


def test_a_letter_says_what_was_told_before() -> None:
    """Alertmanager has to end what had another severity; within one message as well."""
    one = lane(EVERY)
    first, second = alert(), alert("updated", 60, severity="critical")
    one.add(waiting(first))
    one.add(waiting(second))

    step = one.step(at(0).timestamp(), 10, loud)

    assert [letter.before for _, letter in step.letters] == [None, first]


def test_only_who_does_not_lead_believes_what_others_silenced() -> None:
    """The leader's own word may come back after the silence has ended."""
    for leading, expected in ((True, False), (False, True)):
        one = lane()
        one.add(waiting(alert(), "d-1"))
        one.notified(notified("d-1", "silenced"), leading=leading)
        assert [letter.silenced for letter in one.waiting.values()] == [expected]


def test_what_the_leader_passed_over_is_no_beginning_to_who_takes_over() -> None:
    """An update that nobody had to hear of, on an alert whose end was told since."""
    leader, standby = lane(EVERY), lane(EVERY)
    for event in (alert(), alert("updated", 60, people=9), alert("resolved", 120)):
        for one in (leader, standby):
            one.add(waiting(event))
        worked(leader, standby, 10, acknowledged)

    assert (standby.waiting, standby.told) == ({}, {})


def test_what_was_told_may_be_heard_of_before_the_decision() -> None:
    """A channel is told before the topic has the decision; a standby then knows that there is nothing to tell."""
    one = lane()
    for number in range(1_001):
        one.notified(notified(f"d-{number}", "told"), leading=False)
    one.notified(notified("own", "told"), leading=True)
    one.add(waiting(alert(site="a"), "d-1000"))
    one.add(waiting(alert(site="b"), "d-1"))
    one.add(waiting(alert(site="forgotten"), "d-0"))
    one.add(waiting(alert(site="mine"), "own"))

    assert {told.alert.place for told in one.told.values()} == {"acme/a", "acme/b"}
    assert list(one.waiting) == ["d-0", "own"]


def notified(decision: str, outcome: str, *, doubted: bool = False) -> AlertNotified:
    """Return what another process says of a decision."""
    return AlertNotified(
        alert_id=alert().alert_id,
        decision_id=decision,
        channel="ops",
        outcome=outcome,
        occurred_at=at(0),
        doubted=doubted,
    )


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["深圳", "北京", "上海"]),
        st.sampled_from(["fired", "updated", "held_back", "released", "resolved"]),
        st.sampled_from(["info", "warning", "critical"]),
        st.booleans(),
        # What the worker does then: nothing, or a step with so many letters, in silence or not.
        st.sampled_from([None, (1, loud), (3, loud), (3, silenced), (3, acknowledged)]),
    ),
    max_size=25,
)


@given(CHANGES, st.sampled_from([WANTS, EVERY]))
def test_beginnings_and_ends_are_told_in_turn_and_a_standby_knows_the_same(
    changes: Sequence[tuple[str, str, str, bool, tuple[int, Hush] | None]], wants: Wants
) -> None:
    """Whatever comes, whatever is silenced meanwhile, and whoever goes on in the end."""
    leader, standby, told = lane(wants), lane(wants), list[tuple[str, str]]()
    for second, (site, change, severity, muted, act) in enumerate(changes):
        held_by = "x" if change == "held_back" else None
        event = alert(change, second, site, severity=severity, muted=muted, held_by=held_by)
        for one in (leader, standby):
            one.add(waiting(event))
        if act is not None:
            told += worked(leader, standby, *act)
    told += worked(leader, standby, 100, loud)

    assert leader.waiting == {}
    assert leader.told == standby.told
    # Nothing that the leader passed over in silence is news to who takes over while somebody is still at it.
    assert tell(standby, seconds=60, hush=acknowledged) == []
    assert standby.waiting == {}
    for place in {place for place, _ in told}:
        turns = [news for where, news in told if where == place and news in ("firing", "resolved")]
        assert turns == [("firing", "resolved")[number % 2] for number in range(len(turns))]
    assert {one.alert.place for one in leader.told.values()} == {
        place for place in {place for place, _ in told} if [n for p, n in told if p == place][-1] != "resolved"
    }


def worked(leader: Lane, standby: Lane, most: int, hush: Hush) -> list[tuple[str, str]]:
    """Have the leader do one round, and the standby hear of it."""
    told: list[tuple[str, str]] = []
    while step := leader.step(at(60).timestamp(), most, hush):
        for outcome, letters in (("silenced", step.silenced), ("given_up", step.given_up), ("dropped", step.dropped)):
            for one in letters:
                leader.done(one, outcome)
                if outcome != "dropped":
                    standby.notified(notified(one.id, outcome), leading=False)
        for one, letter in step.letters:
            leader.done(one, "told")
            standby.notified(notified(one.id, "told"), leading=False)
            told.append((letter.alert.place, letter.news))
    return told
