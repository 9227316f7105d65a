"""A message is taken, and its answer is lost: whoever may have been told of a beginning is told of the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from consumers.qos.outbox.heard import Wants
from consumers.qos.outbox.lane import Hush, Lane, Quiet
from consumers.qos.outbox.outbox import Outbox
from schemas.desk import SilenceWanted
from schemas.events import AlertChanged, AlertNotified, decode

from ...clock import Clock
from ...handling import ListSink
from ..alerting import alert, at, decision, matcher
from ..notify.standing_in import StandIn
from .telling import hook, telling, until
from .test_lane import EVERY, WANTS, acknowledged, lane, loud, notified, silenced, tell, waiting
from .test_telling import news


def lose(one: Lane, *, seconds: float = 0, hush: Hush = loud) -> list[tuple[str, str]]:
    """Send what waits, and lose the answer; return place and news of each letter."""
    step = one.step(at(seconds).timestamp(), 100, hush)
    for letter_of, _ in step.letters:
        one.mark(letter_of, at(seconds).timestamp())
    for quiet in step.silenced:
        one.done(quiet, "silenced")
    return [(letter.alert.place, letter.news) for _, letter in step.letters]


def passed_over(one: Lane) -> None:
    """Somebody who saw it silenced it."""
    assert tell(one, hush=silenced) == []


def replaced(one: Lane) -> None:
    """Then it got worse, in silence."""
    assert tell(one, hush=silenced) == []
    one.add(waiting(alert("updated", 30, severity="critical")))
    assert tell(one, hush=silenced) == []


def explained(one: Lane) -> None:
    """Then a wider alert explained it."""
    assert tell(one, hush=silenced) == []
    one.add(waiting(alert("held_back", 30, held_by="x")))


def given_up(one: Lane) -> None:
    """The channel was away for too long since."""
    assert tell(one, seconds=3_601) == []


def told_by_another(one: Lane) -> None:
    """Another process led meanwhile, and silenced it."""
    one.notified(notified("d-1", "silenced"), leading=False)


ways = pytest.mark.parametrize("way", [passed_over, replaced, explained, given_up, told_by_another])


@ways
def test_the_end_of_what_may_have_been_told_is_told(way: Callable[[Lane], None]) -> None:
    """Once, and in silence too; then there is nothing left to doubt."""
    one = lane()
    one.add(waiting(alert(), "d-1"))
    assert lose(one) == [("acme/深圳", "firing")]
    way(one)
    one.add(waiting(alert("resolved", 60)))

    assert tell(one, hush=silenced) == [("acme/深圳", "resolved")]
    assert (one.waiting, one.told, one.doubted) == ({}, {}, {})
    one.add(waiting(alert("resolved", 90)))
    assert one.waiting == {}


def test_an_end_that_waits_already_when_the_beginning_is_silenced_is_told() -> None:
    """Within one step."""
    one = lane()
    one.add(waiting(alert()))
    lose(one)
    one.add(waiting(alert("resolved", 60)))

    assert tell(one, hush=silenced) == [("acme/深圳", "resolved")]


def test_what_may_have_been_told_and_stands_is_told_as_new_when_the_silence_is_over() -> None:
    """A message that is repeated is better than one that is missing; nothing is told again of it in silence."""
    one = lane()
    one.add(waiting(alert()))
    lose(one)
    replaced(one)

    assert list(one.standing()) == []
    step = one.step(at(90).timestamp(), 1, loud)
    # Alertmanager may have it under its former severity.
    assert [(letter.news, letter.before) for _, letter in step.letters] == [("firing", alert())]
    assert tell(one) == [("acme/深圳", "firing")]
    assert one.doubted == {}


def test_an_end_clears_no_doubt_of_what_began_behind_it() -> None:
    """Both were on their way in a message whose answer was lost; then what began was silenced, and got worse."""
    one = lane()
    one.add(waiting(alert()))
    tell(one)
    one.add(waiting(alert("resolved", 60)))
    one.add(waiting(alert("fired", 90, since=at(90))))
    assert [news for _, news in lose(one)] == ["resolved", "firing"]
    assert [news for _, news in lose(one, hush=silenced)] == ["resolved"]
    one.add(waiting(alert("updated", 100, since=at(90), severity="critical")))

    assert tell(one, hush=silenced) == [("acme/深圳", "resolved")]
    one.add(waiting(alert("resolved", 120, since=at(90))))
    assert tell(one, hush=silenced) == [("acme/深圳", "resolved")]


def test_who_takes_over_knows_of_doubts_from_the_topic() -> None:
    """Whether it heard of the decision before or after."""
    doubted = notified("d-1", "silenced", doubted=True)
    before, after = lane(), lane()
    before.add(waiting(alert(), "d-1"))
    before.notified(doubted, leading=False)
    after.notified(doubted, leading=False)
    after.add(waiting(alert(), "d-1"))
    for one in (before, after):
        one.add(waiting(alert("resolved", 60)))

        assert tell(one) == [("acme/深圳", "resolved")]


async def test_who_silences_what_a_lost_answer_brought_hears_of_its_end(tmp_path: Path) -> None:
    """After a restart too; the topic says that there is a doubt."""
    sink, clock, back = ListSink(), Clock(), asyncio.Event()

    class LosesAnswers(StandIn):
        async def handle(self, request: web.Request) -> web.StreamResponse:
            answer = await super().handle(request)
            # It has taken it, behind a gateway that gave up first.
            return answer if back.is_set() else web.Response(status=504)

    async with LosesAnswers(lambda _, __: None).open("/hook") as other:
        async with telling(tmp_path, hook(other), sink=sink, clock=clock) as alerts:
            await alerts.add([decision(alert())])
            await until(lambda: other.asked >= 1)
            wanted = SilenceWanted(
                matchers=(matcher("level", "site"),), ends_at=clock.at + timedelta(hours=2), why="seen"
            )
            await alerts.desk.silence(wanted, "lin")
            await until(lambda: [(one.outcome, one.doubted) for one in said(sink)] == [("silenced", True)])
            await alerts.add([decision(alert("held_back", 30, held_by="x"))])
            assert [one.told for one in await alerts.desk.standing()] == [()]
        back.set()
        async with telling(tmp_path, hook(other), sink=sink, clock=clock) as alerts:
            await alerts.add([decision(alert("resolved", 60))])
            await until(lambda: len(said(sink)) == 2)

    assert set(news(other)) == {("alert.firing", "acme/深圳"), ("alert.resolved", "acme/深圳")}
    assert [(one.outcome, one.doubted) for one in said(sink)] == [("silenced", True), ("told", False)]


async def test_what_was_refused_was_not_told_and_has_no_end(tmp_path: Path) -> None:
    """An answer that refuses a message was not lost."""
    sink = ListSink()
    async with StandIn(lambda _, __: None).open("/hook") as other, telling(tmp_path, hook(other), sink=sink) as alerts:
        other.answers.append(web.Response(status=422))
        await alerts.add([decision(alert())])
        await until(lambda: len(said(sink)) == 1)
        await alerts.add([decision(alert("resolved", 60)), decision(alert(site="next"))])
        await until(lambda: len(said(sink)) == 2)

    assert [(one.outcome, one.doubted) for one in said(sink)] == [("given_up", False), ("told", False)]
    assert news(other) == [("alert.firing", "acme/next")]


async def test_doubts_go_with_their_channel(tmp_path: Path) -> None:
    """One that comes back is new; and what is done with already cannot be refused any more."""
    nobody, clock = StandIn(lambda _, __: None), Clock()
    nobody.url = "https://nobody.example/hook"
    async with Outbox.opened(tmp_path, [hook(nobody)], now=clock) as outbox:
        await outbox.take([decision(alert())])
        await outbox.next_step("ops", 1)
        left = list(outbox.lanes["ops"].waiting.values())
        await outbox.give_up("ops", left)
        await outbox.refused("ops", left)
        doubted = [list(outbox.lanes["ops"].doubted), *outbox.lanes["ops"].waiting]
    async with Outbox.opened(tmp_path, [hook(nobody, "new")], now=clock):
        pass
    async with Outbox.opened(tmp_path, [hook(nobody)], now=clock) as outbox:
        found = outbox.lanes["ops"].doubted

    assert (doubted, found) == ([[alert().alert_id]], {})


def said(sink: ListSink) -> list[AlertNotified]:
    """Return what the topic was told of what channels were told."""
    return [one for one in (decode(record.value) for record in sink.records) if isinstance(one, AlertNotified)]


def lost(_: AlertChanged) -> Quiet | None:
    """Nothing is silenced, and no answer comes back."""
    return None


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["深圳", "北京"]),
        st.sampled_from(["fired", "updated", "held_back", "resolved"]),
        st.sampled_from(["warning", "critical"]),
        # What the worker does then: nothing, a step whose answer is lost, or one in silence or not.
        st.sampled_from([None, lost, loud, silenced, acknowledged]),
    ),
    max_size=12,
)


@given(CHANGES, st.sampled_from([WANTS, EVERY]))
def test_nothing_that_a_channel_may_have_stands_there_for_ever(
    changes: Sequence[tuple[str, str, str, Hush | None]], wants: Wants
) -> None:
    """Whatever is lost and silenced meanwhile: the last that it has of an alert that is over is the end."""
    one, had = lane(wants), list[tuple[str, str]]()
    for second, (site, change, severity, act) in enumerate(changes):
        held_by = "x" if change == "held_back" else None
        one.add(waiting(alert(change, second, site, severity=severity, held_by=held_by)))
        if act is lost:
            had += lose(one, seconds=second)
        elif act is not None:
            had += tell(one, seconds=second, hush=act)
    for site in ("深圳", "北京"):
        one.add(waiting(alert("resolved", len(changes), site)))
    had += tell(one, seconds=60)

    last = {place: what for place, what in had}
    assert set(last.values()) <= {"resolved"}
    assert (one.waiting, one.told, one.doubted) == ({}, {}, {})
