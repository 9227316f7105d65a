"""Decisions on their way to channels, through a real outbox, to stand-ins that check what they get."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import structlog
from aiohttp import web

from consumers.qos.outbox.outbox import Outbox
from consumers.qos.outbox.pauses import pauses
from consumers.qos.outbox.store import Store, StoreUnavailable
from deploy.meters import PrometheusMeters
from schemas.desk import SilenceWanted
from schemas.events import AlertNotified, decode
from schemas.notify import Notify
from schemas.secret import Secret

from ...clock import Clock
from ...handling import ListSink
from ..alerting import alert, at, decision, matcher
from ..notify.standing_in import StandIn, noon_webhook_checks, said, wecom_checks
from .telling import PATIENCE_S, hook, telling, until


def news(other: StandIn) -> list[tuple[str, str]]:
    """Return what a webhook was told: kind of news, and the place."""
    return [(body["type"], body["data"]["alert"]["place"]) for body in other.taken]


def notified(sink: ListSink) -> list[tuple[str, str, str]]:
    """Return what the topic was told: channel, outcome, decision."""
    events = [decode(record.value) for record in sink.records]
    return [(one.channel, one.outcome, one.decision_id) for one in events if isinstance(one, AlertNotified)]


async def until_waiting(meters: PrometheusMeters, count: int) -> None:
    """Return once so many letters wait for the channel `ops`, as the gauge says."""
    async with asyncio.timeout(PATIENCE_S):
        while await asyncio.to_thread(meters.value, "meetwire_qos_notify_waiting", channel="ops") != count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_decision_is_told_and_the_topic_hears_of_that(tmp_path: Path) -> None:
    """Under the decision's own ID; beginning and end."""
    first, last, sink, meters = decision(alert()), decision(alert("resolved", 60)), ListSink(), PrometheusMeters()
    async with (
        StandIn(noon_webhook_checks).open("/hook") as other,
        telling(tmp_path, hook(other), sink=sink, meters=meters) as alerts,
    ):
        await alerts.add([first, last])
        await until(lambda: len(sink.records) == 2)

        assert news(other) == [("alert.firing", "acme/深圳"), ("alert.resolved", "acme/深圳")]
        assert [head["webhook-id"] for head in other.heads] == [first.id[:-2], last.id[:-2]]
        assert notified(sink) == [("ops", "told", first.id[:-2]), ("ops", "told", last.id[:-2])]
        told = await asyncio.to_thread(meters.value, "meetwire_qos_notifications_total", channel="ops", outcome="told")
        assert told == 2
        # Prometheus sees no increase from nothing to 1.
        shown = await asyncio.to_thread(meters.exposition)
        assert b'meetwire_qos_notifications_total{channel="ops",outcome="given_up"} 0.0' in shown


async def test_what_is_given_twice_is_told_once(tmp_path: Path) -> None:
    """By the engine that decides it again, by the topic, and after a restart."""
    record, sink = decision(alert()), ListSink()
    async with StandIn(noon_webhook_checks).open("/hook") as other:
        async with telling(tmp_path, hook(other), sink=sink) as alerts:
            await alerts.add([record, record])
            await alerts.take([record])
            await until(lambda: len(sink.records) == 1)
        async with telling(tmp_path, hook(other), sink=sink) as alerts:
            await alerts.add([record])
            await alerts.take(sink.records)
            await alerts.add([decision(alert(site="北京"))])
            await until(lambda: len(other.taken) == 2)

        assert news(other) == [("alert.firing", "acme/深圳"), ("alert.firing", "acme/北京")]


async def test_a_channel_that_is_away_holds_up_no_other_and_misses_nothing(tmp_path: Path) -> None:
    """What it did not take waits in the file; others are told meanwhile."""
    async with StandIn(noon_webhook_checks).open("/a") as there, StandIn(noon_webhook_checks).open("/b") as away:
        away.answers += [web.Response(status=503) for _ in range(3)]
        async with telling(tmp_path, hook(there, "there"), hook(away, "away")) as alerts:
            await alerts.add([decision(alert(site=f"s-{number}")) for number in range(3)])
            await until(lambda: len(there.taken) == 3)
            await until(lambda: len(away.taken) == 3)

        assert news(away) == news(there)
        assert away.asked == 6


async def test_a_letter_that_is_refused_takes_no_other_with_it(tmp_path: Path) -> None:
    """It is given up, and the topic hears of that as well."""
    sink = ListSink()
    async with StandIn(noon_webhook_checks).open("/hook") as other:
        other.answers.append(web.Response(status=422))
        async with telling(tmp_path, hook(other), sink=sink) as alerts:
            await alerts.add([decision(alert(site="refused")), decision(alert(site="fine"))])
            await until(lambda: len(sink.records) == 2)

    assert news(other) == [("alert.firing", "acme/fine")]
    assert [outcome for _, outcome, _ in notified(sink)] == ["given_up", "told"]


async def test_of_a_message_that_is_refused_each_letter_is_tried_alone(tmp_path: Path) -> None:
    """One poisons the digest of all; the others get through, and the robot is not asked more than it must."""
    sink = ListSink()
    async with StandIn(wecom_checks).open("/send?key=k-1") as robot:
        robot.answers += [said(40058), said(0), said(40058)]
        settings = Notify(name="ops", kind="wecom", url=Secret(robot.url), language="en", per_minute=6_000)
        async with telling(tmp_path, settings, sink=sink, leading=False) as alerts:
            await alerts.add([decision(alert(site=f"s-{number}")) for number in range(4)])
            alerts.lead(True)
            await until(lambda: len(sink.records) == 4)

    assert [outcome for _, outcome, _ in notified(sink)] == ["told", "given_up", "told", "told"]
    assert robot.asked == 5


async def test_what_stands_is_told_again_and_again_where_that_is_asked_for(tmp_path: Path) -> None:
    """However the other side takes it: a refusal is no reason to flood it, nor to give up what stands."""
    async with StandIn(lambda _, __: None).open("") as other:
        settings = Notify(
            name="am", kind="alertmanager", urls=(other.url,), language="en", resend_s=1.0, ends_after_s=3.0
        )
        async with telling(tmp_path, settings) as alerts:
            await alerts.add([decision(alert())])
            await until(lambda: len(other.taken) == 1)
            # An hour would be long enough for it to forget.
            away = web.Response(status=503, headers={"Retry-After": "3600"})
            other.answers += [web.Response(status=400), away]
            await until(lambda: len(other.taken) == 3)

        assert {body[0]["labels"]["place"] for body in other.taken} == {"acme/深圳"}
        assert other.asked == 5


async def test_a_file_that_cannot_be_written_stops_all_that_rests_on_it(tmp_path: Path) -> None:
    """Whoever uses it is told so from then on; nothing of the change that failed is in the file."""
    store = await asyncio.to_thread(Store, tmp_path)
    with pytest.raises(StoreUnavailable, match="syntax error"):
        await asyncio.to_thread(store.write, [("DELETE FROM seen", ()), ("NO SUCH STATEMENT", ())])
    full = "CREATE TRIGGER full BEFORE INSERT ON seen BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    await asyncio.to_thread(store.write, [(full, ())])
    outbox = Outbox(store, [], Clock())
    with pytest.raises(StoreUnavailable, match="the disk is full"):
        await outbox.take([decision(alert())])
    await asyncio.to_thread(store.write, [("DROP TRIGGER full", ())])
    # In memory it has happened: only who opens it anew knows what is so.
    with pytest.raises(StoreUnavailable, match="the disk is full"):
        await outbox.take([decision(alert())])

    assert (await asyncio.to_thread(store.kept)).entries == []
    await asyncio.to_thread(store.close)


async def test_what_is_too_old_is_given_up_and_said_so(tmp_path: Path) -> None:
    """A channel that was away for longer than its settings say; what is newer gets through."""
    clock, sink = Clock(), ListSink()
    async with StandIn(noon_webhook_checks).open("/hook") as other:
        with structlog.testing.capture_logs() as lines:
            async with telling(
                tmp_path, hook(other, give_up_after_h=1.0), clock=clock, sink=sink, leading=False
            ) as alerts:
                await alerts.add([decision(alert()), decision(alert(seconds=3_000, site="newer"))])
                clock.at = at(3_700)
                other.check = lambda _, __: None
                alerts.lead(True)
                await until(lambda: len(sink.records) == 2)

    assert news(other) == [("alert.firing", "acme/newer")]
    assert [outcome for _, outcome, _ in notified(sink)] == ["given_up", "told"]
    assert [(line["event"], line["reason"]) for line in lines] == [("alert.given_up", "too old")]


async def test_what_is_silenced_waits_for_nobodys_help(tmp_path: Path) -> None:
    """The gauge that an alarm is on counts what a channel should have by now."""
    meters, sink = PrometheusMeters(), ListSink()
    async with (
        StandIn(noon_webhook_checks).open("/hook") as other,
        telling(tmp_path, hook(other), sink=sink, meters=meters) as alerts,
    ):
        wanted = SilenceWanted(matchers=(matcher("level", "site"),), ends_at=at(3_600), why="works")
        await alerts.desk.silence(wanted, "lin")
        await alerts.add([decision(alert())])
        await until(lambda: len(notified(sink)) == 1)
        await until_waiting(meters, 0)


def test_delays_are_drawn_between_nothing_and_a_bound_that_doubles() -> None:
    """Up to a minute."""
    highest, lowest = pauses(uniform=lambda: 1.0), pauses(uniform=lambda: 0.0)

    assert [next(highest) for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert next(lowest) == 0


async def test_a_standby_sends_nothing_until_it_leads_and_then_what_was_not_told(tmp_path: Path) -> None:
    """It has read what the leader published: three decisions, and that one of them was told."""
    topic = ListSink()
    told, not_told, over = (
        decision(alert(site="told")),
        decision(alert(site="not")),
        decision(alert("resolved", 9, "told")),
    )
    async with StandIn(noon_webhook_checks).open("/hook") as other:
        async with telling(tmp_path / "leader", hook(other), sink=topic) as leader:
            await leader.add([told])
            await until(lambda: len(topic.records) == 1)
        async with telling(tmp_path / "standby", hook(other), leading=False, sink=topic) as standby:
            await standby.take([told, *topic.records, not_told, over])
            assert len(other.taken) == 1
            standby.lead(True)
            await until(lambda: len(topic.records) == 3)

    assert news(other) == [("alert.firing", "acme/told"), ("alert.firing", "acme/not"), ("alert.resolved", "acme/told")]


async def test_what_a_silence_kept_is_told_when_it_is_ended(tmp_path: Path) -> None:
    """And what came in it, and is over, is not."""
    sink = ListSink()
    async with (
        StandIn(noon_webhook_checks).open("/hook") as other,
        telling(tmp_path, hook(other), sink=sink) as alerts,
    ):
        wanted = SilenceWanted(matchers=(matcher("level", "site"),), ends_at=at(3_600), why="works")
        silence = await alerts.desk.silence(wanted, "lin")
        await alerts.add([decision(alert(site="stays")), decision(alert(site="goes"))])
        await until(lambda: [outcome for _, outcome, _ in notified(sink)] == ["silenced", "silenced"])
        await alerts.add([decision(alert("resolved", 60, "goes"))])
        assert other.taken == []
        await alerts.desk.end_silence(silence.silence_id, "lin")
        await until(lambda: len(other.taken) == 1)

        assert news(other) == [("alert.firing", "acme/stays")]


async def test_what_stands_at_the_end_of_two_days_of_silence_is_told(tmp_path: Path) -> None:
    """Though a channel that is away is waited for no longer than one; after a restart too, whoever led meanwhile."""
    clock, sink = Clock(), ListSink()
    async with StandIn(lambda _, __: None).open("/hook") as other:
        with structlog.testing.capture_logs() as lines:
            async with telling(tmp_path, hook(other), clock=clock, sink=sink) as alerts:
                wanted = SilenceWanted(matchers=(matcher("level", "site"),), ends_at=at(48 * 3_600), why="works")
                await alerts.desk.silence(wanted, "lin")
                await alerts.add([decision(alert(site="stays"))])
                await until(lambda: len(notified(sink)) == 1)
                clock.at = at(25 * 3_600)
                await alerts.add([decision(alert(seconds=25 * 3_600, site="other"))])
                await until(lambda: len(notified(sink)) == 2)
            async with telling(tmp_path, hook(other), clock=clock, sink=sink, leading=False) as alerts:
                clock.at = at(47 * 3_600)
                await alerts.take([decision(alert(seconds=47 * 3_600, site="late"))])
                clock.at = at(48 * 3_600)
                alerts.lead(True)
                await until(lambda: len(other.taken) == 3)

    assert [place for _, place in news(other)] == ["acme/stays", "acme/other", "acme/late"]
    assert [outcome for _, outcome, _ in notified(sink)][:2] == ["silenced", "silenced"]
    assert lines == []


async def test_a_silence_that_runs_out_is_noticed(tmp_path: Path) -> None:
    """Nobody has to end it by hand."""
    clock = Clock()
    async with (
        StandIn(noon_webhook_checks).open("/hook") as other,
        telling(tmp_path, hook(other), clock=clock) as alerts,
    ):
        ends_at = clock.at + timedelta(seconds=0.2)
        wanted = SilenceWanted(matchers=(matcher("level", "site"),), ends_at=ends_at, why="works")
        await alerts.desk.silence(wanted, "lin")
        await alerts.add([decision(alert())])
        clock.at = ends_at
        await until(lambda: len(other.taken) == 1)


async def test_what_may_have_been_told_before_a_crash_is_told_again_and_counted(tmp_path: Path) -> None:
    """Killed between the channel's answer and our note of it."""
    meters, record = PrometheusMeters(), decision(alert())
    taken, ended = asyncio.Event(), asyncio.Event()

    class Slow(StandIn):
        async def handle(self, request: web.Request) -> web.StreamResponse:
            answer = await super().handle(request)
            if len(self.taken) == 1:
                taken.set()
                await ended.wait()
            return answer

    async with Slow(noon_webhook_checks).open("/hook") as other:
        async with telling(tmp_path, hook(other)) as alerts:
            await alerts.add([record])
            await taken.wait()
        ended.set()
        async with telling(tmp_path, hook(other), meters=meters):
            await until(lambda: len(other.taken) == 2)
            await until_waiting(meters, 0)

        assert {head["webhook-id"] for head in other.heads} == {record.id[:-2]}
    repeated = await asyncio.to_thread(meters.value, "meetwire_qos_notify_repeated_total", channel="ops")
    assert repeated == 1


async def test_what_waits_for_its_minute_is_not_taken_up_before(tmp_path: Path) -> None:
    """Else it would go out after another came to lead, or be counted as repeated."""
    meters = PrometheusMeters()
    async with StandIn(noon_webhook_checks).open("/hook") as other:
        async with telling(tmp_path, hook(other, per_minute=1), meters=meters) as alerts:
            await alerts.add([decision(alert())])
            await until(lambda: len(other.taken) == 1)
            await until_waiting(meters, 0)
            await alerts.add([decision(alert(site="北京"))])
            await until_waiting(meters, 1)
        async with telling(tmp_path, hook(other, per_minute=1), meters=meters):
            await until_waiting(meters, 0)

    assert news(other) == [("alert.firing", "acme/深圳"), ("alert.firing", "acme/北京")]
    assert await asyncio.to_thread(meters.value, "meetwire_qos_notify_repeated_total", channel="ops") is None


async def test_a_new_channel_hears_of_what_stands_and_not_of_the_past(tmp_path: Path) -> None:
    """One that is taken out of the settings, and comes back, is new again."""
    async with StandIn(noon_webhook_checks).open("/a") as old, StandIn(noon_webhook_checks).open("/b") as new:
        async with telling(tmp_path, hook(old)) as alerts:
            await alerts.add([decision(alert(site="over")), decision(alert("resolved", 9, "over"))])
            await alerts.add([decision(alert(site="stands"))])
            await until(lambda: len(old.taken) == 3)
        async with telling(tmp_path, hook(new, "new")):
            await until(lambda: len(new.taken) == 1)
        async with telling(tmp_path, hook(old)):
            await until(lambda: len(old.taken) == 4)

    assert news(new) == [("alert.firing", "acme/stands")]
    assert news(old)[3:] == [("alert.firing", "acme/stands")]


async def test_a_new_channel_hears_of_what_has_stood_for_long(tmp_path: Path) -> None:
    """For longer than a channel that is away is waited for: it was not away."""
    clock = Clock()
    async with StandIn(lambda _, __: None).open("/a") as old, StandIn(lambda _, __: None).open("/b") as new:
        async with telling(tmp_path, hook(old), clock=clock) as alerts:
            await alerts.add([decision(alert())])
            await until(lambda: len(old.taken) == 1)
        clock.at = at(25 * 3_600)
        async with telling(tmp_path, hook(old), hook(new, "new"), clock=clock):
            await until(lambda: len(new.taken) == 1)

    assert news(new) == [("alert.firing", "acme/深圳")]


async def test_a_file_of_an_older_version_is_read(tmp_path: Path) -> None:
    """What waits in it could be told since it was decided; what is new in the file is written from then on."""
    older = "ALTER TABLE letters DROP COLUMN since_s"
    nobody = StandIn(noon_webhook_checks)
    nobody.url = "https://nobody.example/hook"
    clock = Clock()
    async with Outbox.opened(tmp_path, [hook(nobody)], now=clock) as outbox:
        await outbox.take([decision(alert())])
    store = await asyncio.to_thread(Store, tmp_path)
    await asyncio.to_thread(store.write, [(older, ())])
    await asyncio.to_thread(store.close)

    for _ in range(2):
        async with Outbox.opened(tmp_path, [hook(nobody), hook(nobody, "new")], now=clock) as outbox:
            found = [[one.since_s for one in lane.waiting.values()] for lane in outbox.lanes.values()]
            assert found == [[None], [at(0).timestamp()]]


async def test_a_second_process_over_the_same_file_is_refused(tmp_path: Path) -> None:
    """Two would tell everything twice."""
    async with telling(tmp_path):
        with pytest.raises(StoreUnavailable, match="locked"):
            async with telling(tmp_path):
                pass


async def test_records_of_others_and_of_later_versions_are_passed_over(tmp_path: Path) -> None:
    """They are on the same topic."""
    strange = msgspec.structs.replace(decision(alert()), id="x-0", value=b'{"type": "AlertDreamtOf"}')
    other_channel = decision(alert())
    async with telling(tmp_path) as alerts:
        await alerts.take([strange, other_channel])

        assert [one.alert for one in await alerts.desk.standing()] == [alert()]


async def test_the_topic_hears_of_what_was_told_once_it_can_be_reached(tmp_path: Path) -> None:
    """After a restart too: what was told is kept until it is said."""
    record, sink, meters = decision(alert()), ListSink(), PrometheusMeters()
    async with StandIn(noon_webhook_checks).open("/hook") as other:
        async with telling(tmp_path, hook(other), sink=ListSink(broken=True), meters=meters) as alerts:
            await alerts.add([record])
            await until(lambda: len(other.taken) == 1)
            await until_waiting(meters, 0)
        async with telling(tmp_path, hook(other), sink=sink, leading=False):
            await until(lambda: len(sink.records) == 1)

    assert notified(sink) == [("ops", "told", record.id[:-2])]
    assert len(other.taken) == 1


async def test_an_end_that_comes_behind_a_new_beginning_is_not_told(tmp_path: Path) -> None:
    """It is the end of what was before: what stands now was told, and its own end will be."""
    async with StandIn(noon_webhook_checks).open("/hook") as other, telling(tmp_path, hook(other)) as alerts:
        await alerts.add([decision(alert())])
        await until(lambda: len(other.taken) == 1)
        await alerts.add([decision(alert("fired", 60, since=at(60))), decision(alert("resolved", 30))])
        await alerts.add([decision(alert("resolved", 90, since=at(60)))])
        await until(lambda: len(other.taken) == 2)

        assert [body["data"]["alert"]["occurred_at"] for body in other.taken] == [
            "2026-07-01T12:00:00Z",
            "2026-07-01T12:01:30Z",
        ]


async def test_no_log_line_holds_an_address_a_secret_or_a_place(tmp_path: Path) -> None:
    """A channel fails, recovers and refuses; all that is said is its name, an ID and a kind of failure."""
    with structlog.testing.capture_logs() as lines:
        async with StandIn(noon_webhook_checks).open("/marker") as other, telling(tmp_path, hook(other)) as alerts:
            other.answers += [web.Response(status=503, text="marker"), web.Response(status=422, text="marker")]
            await alerts.add([decision(alert(site="marker")), decision(alert(site="marker2"))])
            await until(lambda: len(lines) == 3)

    assert [line["event"] for line in lines] == ["channel.failed", "alert.given_up", "channel.recovered"]
    assert "marker" not in str(lines)
