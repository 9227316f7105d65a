"""The desk keeps its promises, in the process that has the outbox and over HTTP alike: one suite for both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from consumers.qos.alerts import Alerts
from consumers.qos.desk.client import asking
from schemas.desk import AlertDesk, AlertOnDesk, DeskUnavailable, NotAllowed, NotThere, NotWanted, SilenceWanted, Tried
from schemas.events import AlertAcknowledged, AlertSilenced, decode
from schemas.notify import Notify
from schemas.secret import Secret

from ...clock import Clock
from ...handling import ListSink
from ..alerting import alert, at, decision, matcher
from ..notify.standing_in import StandIn, noon_webhook_checks
from ..outbox.telling import hook, telling

TOKEN = Secret("0123456789abcdef")
WANTED = SilenceWanted(matchers=(matcher("level", "site"),), ends_at=at(3_600), why="works")
WAYS = pytest.mark.parametrize("way", ["in process", "over HTTP"])


@asynccontextmanager
async def desk(
    way: str, folder: Path, *channels: Notify, **otherwise: object
) -> AsyncIterator[tuple[AlertDesk, Alerts]]:
    """Yield a desk, and what it is over."""
    listening = {"listen": "127.0.0.1:0", "tokens": (Secret("another"), TOKEN)}
    async with telling(folder, *channels, **(listening | otherwise)) as alerts:  # type: ignore[arg-type]  # each of its own type
        if way == "in process":
            yield alerts.desk, alerts
            return
        assert alerts.address is not None
        async with asking(f"http://127.0.0.1:{alerts.address[1]}/", TOKEN) as client:
            yield client, alerts


@WAYS
async def test_what_stands_is_listed_the_gravest_and_oldest_first(way: str, tmp_path: Path) -> None:
    """And what is over no more."""
    events = [
        alert(site="a"),
        alert(site="b", severity="critical"),
        alert(site="c", since=at(-60)),
        alert("resolved", 60, "d"),
    ]
    async with desk(way, tmp_path) as (made, alerts):
        await alerts.add([decision(event) for event in events])

        assert await made.standing() == [AlertOnDesk(alert=events[number]) for number in (1, 2, 0)]
        assert await made.past() == [AlertOnDesk(alert=events[3])]


@WAYS
async def test_the_past_is_listed_newest_first_up_to_a_number(way: str, tmp_path: Path) -> None:
    """In the order in which things were over."""
    async with desk(way, tmp_path) as (made, alerts):
        await alerts.add([decision(alert("resolved", number, f"s-{number}")) for number in range(5)])

        assert [one.alert.place for one in await made.past(2)] == ["acme/s-4", "acme/s-3"]


@WAYS
async def test_a_silence_is_on_the_topic_and_says_itself(way: str, tmp_path: Path) -> None:
    """With who made it and why; what it covers says by which."""
    sink = ListSink()
    async with desk(way, tmp_path, sink=sink) as (made, alerts):
        await alerts.add([decision(alert())])
        silence = await made.silence(WANTED, "林")

        assert silence == AlertSilenced(
            silence_id=silence.silence_id,
            matchers=[matcher("level", "site")],
            starts_at=at(0),
            ends_at=at(3_600),
            who="林",
            why="works",
            ended=False,
            occurred_at=at(0),
        )
        assert await made.silences() == [silence]
        assert [decode(record.value) for record in sink.records] == [silence]
        assert [one.silenced_by for one in await made.standing()] == [silence.silence_id]


@WAYS
async def test_a_silence_is_ended_once(way: str, tmp_path: Path) -> None:
    """By whoever ends it; then it is not there any more."""
    async with desk(way, tmp_path) as (made, _):
        silence = await made.silence(WANTED, "lin")
        ended = await made.end_silence(silence.silence_id, "wang/小?")

        assert (ended.ended, ended.who, ended.ends_at) == (True, "wang/小?", at(0))
        assert await made.silences() == []
        with pytest.raises(NotThere, match="no such silence holds"):
            await made.end_silence(silence.silence_id, "lin")


@WAYS
@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        pytest.param({"ends_at": at(-1)}, "must be later than now", id="in the past"),
        pytest.param({"starts_at": at(60), "ends_at": at(60)}, "must be later than now", id="empty"),
        pytest.param({"ends_at": at(0) + timedelta(days=400)}, "within a year", id="for ever"),
        pytest.param({"matchers": (matcher("place", "**"), matcher("level", "*"))}, "would fit everything", id="all"),
    ],
)
async def test_a_silence_that_makes_no_sense_is_refused(
    way: str, tmp_path: Path, wanted: dict[str, object], why: str
) -> None:
    """With words that say what would."""
    known: dict[str, object] = {"matchers": WANTED.matchers, "ends_at": WANTED.ends_at, "why": "works"}
    async with desk(way, tmp_path) as (made, _):
        with pytest.raises(NotWanted, match=why):
            await made.silence(SilenceWanted(**(known | wanted)), "lin")  # type: ignore[arg-type]  # as above

        assert await made.silences() == []


@WAYS
async def test_an_acknowledgement_lasts_as_long_as_the_alert(way: str, tmp_path: Path) -> None:
    """One that comes back is new to everybody."""
    async with desk(way, tmp_path) as (made, alerts):
        await alerts.add([decision(alert())])
        seen = await made.acknowledge(alert().alert_id, "lin", "provider called")

        assert seen == AlertAcknowledged(
            alert_id=alert().alert_id, since=at(0), who="lin", note="provider called", occurred_at=at(0)
        )
        assert [one.acknowledged for one in await made.standing()] == [seen]
        await alerts.add([decision(alert("resolved", 60)), decision(alert("fired", 120, since=at(120)))])
        assert [one.acknowledged for one in await made.standing()] == [None]


@WAYS
async def test_what_is_not_there_cannot_be_acknowledged(way: str, tmp_path: Path) -> None:
    """Nor what is over, nor what has a name like a path."""
    async with desk(way, tmp_path) as (made, alerts):
        await alerts.add([decision(alert("resolved"))])
        for one in (alert().alert_id, "no/such?one"):
            with pytest.raises(NotThere, match="no such alert stands"):
                await made.acknowledge(one, "lin")


@WAYS
async def test_a_test_goes_to_each_channel_and_says_what_became_of_it(way: str, tmp_path: Path) -> None:
    """At once, past what waits; one that does not take it keeps no other from it."""
    async with StandIn(noon_webhook_checks).open("/hook") as other:
        channels = (hook(other, "good"), hook(other, "bad"))
        async with desk(way, tmp_path, *channels, leading=False) as (made, _):
            # The channels are tried by name.
            other.answers.append(web.Response(status=401))
            tried = await made.send_test()
            single = await made.send_test("good")
            with pytest.raises(NotThere, match="no such channel"):
                await made.send_test("other")

    assert [(one.channel, one.kind, one.error) for one in (*tried, *single)] == [
        ("bad", "webhook", "status 401"),
        ("good", "webhook", None),
        ("good", "webhook", None),
    ]
    assert all(isinstance(one, Tried) and one.took_ms >= 0 for one in tried)
    assert [body["type"] for body in other.taken] == ["alert.test", "alert.test"]


@WAYS
async def test_what_could_not_be_made_durable_did_not_happen(way: str, tmp_path: Path) -> None:
    """And whoever did it is told so."""
    async with desk(way, tmp_path, sink=ListSink(broken=True)) as (made, _):
        with pytest.raises(DeskUnavailable, match="could not be made durable: the disk is full"):
            await made.silence(WANTED, "lin")

        assert await made.silences() == []


async def test_silences_and_acknowledgements_outlive_the_process(tmp_path: Path) -> None:
    """They are in the file; silences that are over are forgotten with time."""
    clock = Clock()
    async with telling(tmp_path, clock=clock) as alerts:
        await alerts.add([decision(alert())])
        silence = await alerts.desk.silence(WANTED, "lin")
        seen = await alerts.desk.acknowledge(alert().alert_id, "lin")
    async with telling(tmp_path, clock=clock) as alerts:
        assert await alerts.desk.standing() == [
            AlertOnDesk(alert=alert(), acknowledged=seen, silenced_by=silence.silence_id)
        ]
        clock.at = at(7_200)
        assert await alerts.desk.silences() == []
        await alerts.add([decision(alert("updated", 7_200))])
    async with telling(tmp_path, clock=clock) as alerts:
        with pytest.raises(NotThere):
            await alerts.desk.end_silence(silence.silence_id, "lin")


async def test_of_what_is_over_a_bounded_number_is_remembered(tmp_path: Path) -> None:
    """The first that was resolved is forgotten first."""
    async with telling(tmp_path) as alerts:
        await alerts.add([decision(alert("resolved", number, f"s-{number}")) for number in range(1_002)])
    async with telling(tmp_path) as alerts:
        past = await alerts.desk.past(2_000)

    assert (len(past), past[0].alert.place, past[-1].alert.place) == (1_000, "acme/s-1001", "acme/s-2")


async def test_events_of_one_alert_in_another_order_leave_the_newest(tmp_path: Path) -> None:
    """By the time of the decision."""
    async with telling(tmp_path) as alerts:
        await alerts.add([decision(alert("fired", 60, since=at(60))), decision(alert("resolved", 30))])

        assert [one.alert.change for one in await alerts.desk.standing()] == ["fired"]


async def test_a_token_that_is_not_known_gets_nothing(tmp_path: Path) -> None:
    """Neither what stands nor whether there is such a page."""
    async with desk("over HTTP", tmp_path) as (_, alerts):
        assert alerts.address is not None
        for token in ("wrong", TOKEN.reveal()[:-1], "秘密", TOKEN.reveal() + "x"):
            async with asking(f"http://127.0.0.1:{alerts.address[1]}", Secret(token)) as client:
                with pytest.raises((NotAllowed, DeskUnavailable)):
                    await client.standing()


async def test_a_desk_that_is_not_there_is_said_to_be_away() -> None:
    """Nobody listens; or somebody else does."""
    async with asking("http://127.0.0.1:1", TOKEN) as client:
        with pytest.raises(DeskUnavailable, match="not reached: ClientConnectorError"):
            await client.standing()


@pytest.mark.parametrize(
    "answer",
    [web.Response(text="<html>"), web.Response(text='[{"alert": 1}]'), web.Response(status=502, body=b"\xff")],
    ids=["a page", "another shape", "no text"],
)
async def test_an_answer_that_is_not_understood_is_not_guessed(answer: web.Response) -> None:
    """Somebody else listens there, or another version."""
    async with StandIn(noon_webhook_checks).open("") as other:
        other.answers.append(answer)
        async with asking(other.url, TOKEN) as client:
            with pytest.raises(DeskUnavailable, match="not understood, with status"):
                await client.send_test()
