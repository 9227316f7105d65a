"""All subscriptions of a process: what is wanted is open, what is over is not, and nothing is left unsaid."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import trustme
from aiohttp import web

from deploy.meters import PrometheusMeters
from receiver.cloud.errors import Faulty, Forbidden, NotFound, Unauthenticated
from receiver.errors import LogUnavailable
from receiver.subscriber.notes import Note, mark_name
from receiver.subscriber.ownership import LOOK_BACK, HeldOpen
from receiver.subscriber.supervisor import Supervisor
from schemas.events import MeetingEnded, MeetingStarted, ParticipantJoined, encode
from schemas.record import partition_of
from schemas.settings import Subscriber

from ..lines import lines_caught
from .service import PATH, serving
from .supervising import ALL, PARTITIONS, RECEIVER, Hasty, Running, WatchedLog, running
from .test_wanted import heard, moment


def started(meeting_id: str, uuid: str | None = None) -> MeetingStarted:
    """Return the event that a meeting is on since the start."""
    event = heard(MeetingStarted, 0, meeting_id, uuid)
    assert isinstance(event, MeetingStarted)
    return event


def note_of(meeting_id: str) -> dict[str, bytes]:
    """Return the note of a meeting that is open since the start."""
    note = Note(
        enterprise="acme", meeting_id=meeting_id, meeting_uuid=None, epoch=7, since=moment(0), unseen_since=None
    )
    return {mark_name("acme", meeting_id): encode(note)}


async def test_pushed_start_opens_a_subscription() -> None:
    """All since the start is unseen until it is open."""
    async with running() as run:
        run.service.hold("900")
        run.supervisor.lifecycle([started("900")])
        [opened] = await run.log.has_told(1, "opened")
        assert run.supervisor.open_count() == 1
        assert run.supervisor.open_count(partition_of("900", PARTITIONS)) == 1

    assert opened.unseen_since == moment(0)
    assert opened.meeting_uuid == "u-900"
    assert run.service.asked == ["detail", "control", "ticket"]
    assert run.supervisor.open_count() == 0


async def test_event_of_an_enterprise_without_app_id_is_nothing() -> None:
    """It cannot be asked."""
    async with running() as run:
        run.supervisor.lifecycle([msgspec.structs.replace(started("901"), enterprise="other"), started("900")])
        run.service.hold("900")
        await run.log.has_told(1, "opened")

    assert [event.meeting_id for event in run.log.told()] == ["900", "900"]


async def test_meeting_of_another_receiver_is_left_alone() -> None:
    """Only what is assigned is opened; what is revoked is closed."""
    mine = frozenset({partition_of("900", PARTITIONS)})
    async with running(owned=ALL - mine) as run:
        run.supervisor.listed("acme", [run.service.hold("900"), run.service.hold("901")])
        await run.log.has_told(1, "opened")
        run.supervisor.assign(mine)
        await run.log.has_told(2, "opened")
        run.supervisor.revoke(mine)
        [closed] = await run.log.has_told(1, "closed")

    assert [event.meeting_id for event in run.log.told()[:2]] == ["901", "900"]
    assert (closed.meeting_id, closed.reason) == ("900", "moved")
    assert set(run.log.marks) == {"subscription/acme/901"}


async def test_meeting_that_comes_back_goes_on_from_where_it_was_closed() -> None:
    """Its epoch rises, and what was not seen is marked."""
    async with running() as run:
        run.supervisor.lifecycle([started("900")])
        run.service.hold("900")
        await run.log.has_told(1, "opened")
        run.supervisor.revoke(ALL)
        [closed] = await run.log.has_told(1, "closed")
        run.supervisor.assign(ALL)
        opened = (await run.log.has_told(2, "opened"))[1]

    assert opened.unseen_since == closed.unseen_since
    assert opened.epoch > closed.epoch


async def test_end_is_told_once_the_last_frames_have_come() -> None:
    """The event alone ends it, where the service closes nothing."""
    clock = Hasty()
    async with running(clock=clock) as run:
        run.service.hold("900")
        run.supervisor.lifecycle([started("900", "u-900")])
        await run.log.has_told(1, "opened")
        run.supervisor.lifecycle([heard(MeetingEnded, 60, uuid="u-900")])
        await clock.sleep(11)
        run.supervisor.assign(ALL)
        [closed] = await run.log.has_told(1, "closed")
        line = await run.service.line("900")
        await asyncio.wait_for(line.is_over.wait(), 60)

    assert closed.reason == "meeting_over"
    assert run.log.marks == {}


async def test_destroyed_meeting_is_closed_and_not_opened_again() -> None:
    """Though the list still has it."""
    async with running() as run:
        meeting = run.service.hold("900")
        run.supervisor.listed("acme", [meeting])
        line = await run.service.line("900")
        await line.push("ConfDynamicInfoNotify", msgMode=0, version=1, msgID="e", state="Destroyed")
        await run.log.has_told(1, "closed")
        run.supervisor.listed("acme", [meeting])
        run.supervisor.listed("acme", [meeting, run.service.hold("901")])
        await run.log.has_told(2, "opened")

    assert run.service.lines("900") == 1


async def test_meeting_that_is_held_again_is_another() -> None:
    """The one before is closed, whatever its socket says."""
    async with running() as run:
        run.service.hold("900")
        run.supervisor.lifecycle([started("900", "u-900")])
        await run.log.has_told(1, "opened")
        run.service.hold("900", meeting_uuid="u-2")
        run.supervisor.lifecycle([heard(MeetingStarted, 100, uuid="u-2")])
        await run.log.has_told(2, "opened")

    assert [(event.change, event.meeting_uuid) for event in run.log.told()] == [
        ("opened", "u-900"),
        ("closed", "u-900"),
        ("opened", "u-2"),
        ("lost", "u-2"),
    ]


async def test_room_leads_to_its_meeting() -> None:
    """The pushed ID is unknown to the service; the list is asked for, and says what is on in the room."""
    asked: asyncio.Queue[str] = asyncio.Queue()
    async with running(look_again=asked.put_nowait) as run:
        run.supervisor.lifecycle([started("room")])
        assert await asyncio.wait_for(asked.get(), 20) == "acme"
        run.supervisor.listed("acme", [run.service.hold("900", room_id="room")])
        [opened] = await run.log.has_told(1, "opened")

    assert (opened.meeting_id, opened.unseen_since) == ("900", moment(0))
    assert [event.change for event in run.log.told("900")] == ["opened", "lost"]


async def test_meeting_that_nobody_knows_is_looked_for_again_when_it_is_given_up() -> None:
    """The list may have it by then."""
    asked: list[str] = []
    async with running(look_again=asked.append) as run:
        run.supervisor.lifecycle([started("room")])
        await run.log.has_told(1, "closed", "not_found")
        run.supervisor.listed("acme", [run.service.hold("900", room_id="room")])
        await run.log.has_told(1, "opened")

    assert asked == ["acme", "acme"]


async def test_room_that_is_listened_to_is_left_for_its_meeting() -> None:
    """Where the service knew it by the room's ID until the list said otherwise: it is no end of a meeting."""
    async with running() as run:
        run.service.hold("room")
        run.supervisor.lifecycle([started("room", "u-1")])
        await run.log.has_told(1, "opened")
        run.supervisor.listed("acme", [run.service.hold("900", meeting_uuid="u-1", room_id="room")])
        await run.log.has_told(2, "opened")
        [closed] = await run.log.has_told(1, "closed")

    assert (closed.meeting_id, closed.reason) == ("room", "room")


async def test_room_that_the_service_knows_leads_to_its_meeting() -> None:
    """Its control token says which meeting is on in it; no list is waited for."""
    async with running() as run:
        run.service.hold("room")
        run.service.hold("900")
        run.service.rooms["room"] = "900"
        run.supervisor.lifecycle([started("room")])
        [opened] = await run.log.has_told(1, "opened")

    assert (opened.meeting_id, opened.unseen_since) == ("900", moment(0))


async def test_room_whose_detail_is_its_meetings_leads_to_it() -> None:
    """The service may know a meeting by its room's ID: it is listened to under its own, and once."""
    async with running() as run:
        run.service.meetings["room"] = run.service.hold("900", room_id="room")
        run.supervisor.lifecycle([started("room")])
        [opened] = await run.log.has_told(1, "opened")

    assert (opened.meeting_id, opened.unseen_since) == ("900", moment(0))
    assert [event.meeting_id for event in run.log.told()] == ["900", "900"]


async def test_holding_that_is_learnt_later_is_the_same() -> None:
    """What was wanted without its UUID is not opened again for it."""
    async with running() as run:
        run.service.hold("900")
        run.supervisor.lifecycle([started("900")])
        await run.log.has_told(1, "opened")
        run.supervisor.lifecycle([heard(ParticipantJoined, 5, uuid="u-900")])
        run.supervisor.listed("acme", [*run.service.meetings.values(), run.service.hold("901")])
        await run.log.has_told(2, "opened")

    assert run.service.lines("900") == 1


async def test_skipped_meeting_is_never_connected_to() -> None:
    """By the list, or by the detail where only a push told of it."""
    async with running(skip=("*Week*", "Wang")) as run:
        run.supervisor.listed("acme", [run.service.hold("900")])
        run.service.hold("901")
        run.supervisor.lifecycle([started("901")])
        run.supervisor.listed("acme", [run.service.hold("902", subject=None)])
        run.supervisor.listed("acme", [run.service.hold("903", subject="Daily")])
        await run.log.has_told(1, "opened")

    assert [event.meeting_id for event in run.log.told()] == ["903", "903"]
    assert "control" in run.service.asked
    assert run.service.asked.count("ticket") == 1


async def test_forbidden_meeting_is_told_once() -> None:
    """And not tried again, whatever the list says."""
    async with running() as run:
        run.service.fails["detail"] = [Forbidden(code="MMC.111070005", status=403)]
        meeting = run.service.hold("900", host_password=None)
        run.supervisor.listed("acme", [meeting])
        await run.log.has_told(1, "closed", "forbidden")
        run.supervisor.listed("acme", [meeting, run.service.hold("901")])
        await run.log.has_told(1, "opened")

    assert run.service.lines("900") == 0


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("detail", Faulty(status=500)),
        ("detail", OSError()),
        ("control", NotFound()),
        ("ticket", NotFound()),
        ("ticket", Unauthenticated(status=401)),
    ],
)
async def test_failed_call_is_made_again(call: str, error: Any) -> None:
    """Whatever it fails with, an error of ours included."""
    async with running() as run:
        run.service.fails[call] = [error]
        run.service.hold("900")
        run.supervisor.lifecycle([started("900")])
        await run.log.has_told(1, "opened")

    assert run.service.asked.count(call) == 2


async def test_unexpected_failure_of_a_call_is_survived() -> None:
    """Said, and tried again."""
    with lines_caught() as lines:
        async with running() as run:
            run.service.fails["ticket"] = [RuntimeError("a token")]
            run.supervisor.listed("acme", [run.service.hold("900")])
            await run.log.has_told(1, "opened")

    assert [line["kind"] for line in lines.named("subscription.crashed")] == ["RuntimeError"]
    assert "a token" not in str(lines)


async def test_no_more_than_may_be_are_open() -> None:
    """A place that becomes free is taken."""
    with lines_caught() as lines:
        async with running(max_subscriptions=2) as run:
            meetings = [run.service.hold(str(number)) for number in range(4)]
            run.supervisor.listed("acme", meetings)
            await run.log.has_told(2, "opened")
            line = await run.service.line("0")
            await line.push("ConfDynamicInfoNotify", msgMode=0, version=1, msgID="e", state="Destroyed")
            run.supervisor.listed("acme", meetings)
            await run.log.has_told(3, "opened")

    assert len(lines.named("subscriptions.limited")) == 1


async def test_that_all_places_are_taken_is_said_each_time_anew() -> None:
    """After there were places for all again."""
    with lines_caught() as lines:
        async with running(max_subscriptions=1) as run:
            rows = [run.service.hold(str(number)) for number in range(2)]
            run.supervisor.listed("acme", rows)
            await lines.said("subscriptions.limited", most=1)
            for _ in range(2):
                run.supervisor.listed("acme", rows[:1])
            await _until_unlimited(run)
            lines.clear()
            run.supervisor.listed("acme", rows)
            await lines.said("subscriptions.limited", most=1)


async def _until_unlimited(run: Running) -> None:
    """Return once a look was made since: it sets the metric."""
    async with asyncio.timeout(60):
        while run.count("meetwire_subscriptions_wanted", enterprise="acme") != 1:  # noqa: ASYNC110 -- tells nobody
            await asyncio.sleep(0)


async def test_hundred_sockets_that_are_lost_at_once() -> None:
    """All are open again, and never more connects a second than the cap."""
    loop = asyncio.get_running_loop()
    async with running(connects_per_s=60) as run:
        began = loop.time()
        meetings = [run.service.hold(str(number)) for number in range(100)]
        run.supervisor.listed("acme", meetings)
        await run.log.has_told(100, "opened")
        cut = loop.time()
        for meeting in meetings:
            (await run.service.line(meeting.meeting_id)).cut()
        await run.log.has_told(200, "opened")

    at = run.service.connected_at
    assert len(at) == 200
    # By the time that went by since the first could come: where a machine stands still they come late, none too early.
    for since, wave in ((began, at[:100]), (cut, at[100:])):
        assert [number for number, one in enumerate(wave) if one - since < 0.9 * number / 60] == []


async def test_mark_of_a_killed_process_is_told_as_lost() -> None:
    """Before the meeting is opened again, under the epoch that it had."""
    log = WatchedLog()
    async with running(log=log) as run:
        run.supervisor.listed("acme", [run.service.hold("900")])
        [first] = await log.has_told(1, "opened")
        marks = dict(log.marks)
    after = WatchedLog()
    with lines_caught() as lines:
        async with running(log=after, marks=marks) as run:
            run.supervisor.listed("acme", [run.service.hold("900")])
            [second] = await after.has_told(1, "opened")
            counted = run.count("meetwire_subscriptions_lost_total", reason="restarted")
            line = await lines.said("subscription.lost", reason="restarted")

    assert (counted, line["meeting"], line["epoch"], line["log_level"]) == (1, "900", first.epoch, "warning")
    lost = after.told()[0]
    assert (lost.change, lost.reason, lost.epoch) == ("lost", "restarted", first.epoch)
    assert lost.unseen_since == first.occurred_at == second.unseen_since
    assert second.epoch > first.epoch


async def test_mark_of_a_stopped_process_needs_no_telling() -> None:
    """It was told as lost when it stopped; what was not seen begins there."""
    log = WatchedLog()
    async with running(log=log) as run:
        run.supervisor.listed("acme", [run.service.hold("900")])
        await log.has_told(1, "opened")
    async with running(log=log, marks=dict(log.marks)) as run:
        run.supervisor.listed("acme", [run.service.hold("900")])
        await log.has_told(2, "opened")

    assert [(event.change, event.reason) for event in log.told()] == [
        ("opened", "start_unknown"),
        ("lost", "stopping"),
        ("opened", None),
        ("lost", "stopping"),
    ]
    assert log.told()[2].unseen_since == log.told()[1].unseen_since


async def test_meeting_that_is_over_at_the_next_start_is_closed() -> None:
    """Two lists without it, and the mark goes."""
    log = WatchedLog()
    async with running(log=log) as run:
        run.supervisor.listed("acme", [run.service.hold("900")])
        await log.has_told(1, "opened")
    async with running(log=log, marks=dict(log.marks)) as run:
        run.supervisor.listed("acme", [])
        run.supervisor.listed("acme", [])
        [closed] = await log.has_told(1, "closed")

    assert closed.reason == "meeting_over"
    assert closed.unseen_since == log.told()[1].unseen_since
    assert log.marks == {}


async def test_note_of_a_meeting_that_is_over_and_not_ours_goes_without_a_word() -> None:
    """Whoever has it tells of its end; counted and said is nothing."""
    log = WatchedLog()
    async with running(log=log) as run:
        run.supervisor.listed("acme", [run.service.hold("900")])
        await log.has_told(1, "opened")
    told = log.told()
    with lines_caught() as lines:
        async with running(log=log, marks=dict(log.marks), owned=frozenset()) as run:
            run.supervisor.listed("acme", [])
            run.supervisor.listed("acme", [])
            await log.has(lambda log: log.marks == {})

    assert (log.told(), lines.named("subscription.lost", "subscription.closed")) == (told, [])


async def test_what_another_receiver_held_is_told_in_its_place() -> None:
    """Under its name and epoch, from its last sign of life on, less what a dead socket may go unnoticed."""
    held = HeldOpen(
        enterprise="acme",
        meeting_id="900",
        meeting_uuid="u-900",
        epoch=77,
        receiver="f" * 32,
        since=moment(-600),
        last_seen=moment(50),
    )
    async with running(owned=frozenset()) as run:
        with lines_caught() as lines:
            await run.supervisor.take_over([held])
        counted = run.count("meetwire_subscriptions_lost_total", reason="moved")
        run.supervisor.assign(ALL)
        run.supervisor.listed("acme", [run.service.hold("900")])
        [opened] = await run.log.has_told(1, "opened")

    lost = run.log.told()[0]
    assert ([line["event"] for line in lines], counted) == (["subscription.lost"], 1)
    assert (lost.change, lost.reason, lost.epoch, lost.receiver) == ("lost", "moved", 77, "f" * 32)
    # A heartbeat each 60 s whose answer is awaited for 30, and what the service's clock may be behind.
    assert lost.unseen_since == moment(50 - 95) == opened.unseen_since


async def test_what_nobody_could_look_up_is_told_as_not_seen() -> None:
    """For as far back as it would have been looked; not where the meeting began after that, nor once it moved away."""
    mine = frozenset({partition_of("900", PARTITIONS)})
    async with running(owned=frozenset()) as run:
        before = datetime.now(UTC) - LOOK_BACK
        run.supervisor.unknown(ALL)
        run.supervisor.revoke(ALL - mine)
        run.supervisor.assign(ALL)
        run.supervisor.listed("acme", [run.service.hold("900"), run.service.hold("901")])
        run.supervisor.lifecycle([started("904")])
        run.service.hold("904")
        opened = {event.meeting_id: event for event in await run.log.has_told(3, "opened")}

    unseen_since = opened["900"].unseen_since
    assert unseen_since is not None
    assert timedelta() <= unseen_since - before < timedelta(minutes=1)
    assert [opened[name].reason for name in ("900", "901", "904")] == [None, "start_unknown", None]
    assert opened["904"].unseen_since == moment(0)


async def test_what_many_meetings_were_left_with_is_told_in_few_commits() -> None:
    """Side by side: with ten thousand open an fdatasync for each would take minutes, before the first push is taken."""
    notes: dict[str, bytes] = {}
    for number in range(200):
        notes |= note_of(str(number))
    log = WatchedLog()
    log.hold()
    supervisor = Supervisor({}, Subscriber(), log, receiver=RECEIVER, partitions=PARTITIONS, meters=PrometheusMeters())
    recovering = asyncio.create_task(supervisor.recover(notes))
    async with asyncio.timeout(20):
        await log.holds(200)
        log.release()
        await recovering

    by_meeting = [[event.change for event in log.told(str(number))] for number in range(200)]
    assert by_meeting == [["lost", "closed"]] * 200


async def test_epochs_go_on_above_what_another_receiver_had() -> None:
    """Also of a meeting that was over there, and though our clock is behind its clock."""
    over = HeldOpen(
        enterprise="acme",
        meeting_id="900",
        meeting_uuid="u-0",
        epoch=10**15,
        receiver="f" * 32,
        since=moment(0),
        last_seen=moment(0),
        left="over",
    )
    async with running(owned=frozenset()) as run:
        await run.supervisor.take_over([over])
        run.supervisor.assign(ALL)
        run.supervisor.listed("acme", [run.service.hold("900")])
        [opened] = await run.log.has_told(1, "opened")

    assert run.log.told()[0] == opened
    assert opened.epoch > 10**15


async def test_stopping_waits_for_no_log_for_ever() -> None:
    """What cannot be told by then is told at the next start."""
    async with running(stop_within_s=0.1) as run:
        run.supervisor.listed("acme", [run.service.hold("900")])
        await run.log.has_told(1, "opened")
        run.log.refuses = LogUnavailable("disk_full")
        run.task.cancel()
        await asyncio.gather(run.task, return_exceptions=True)

    assert set(run.log.marks) == {"subscription/acme/900"}


async def test_stopping_waits_for_no_leftover_to_be_told() -> None:
    """Where the log takes nothing, the mark stays, and it is told at the next start."""
    log = WatchedLog()
    async with running(log=log) as run:
        run.supervisor.listed("acme", [run.service.hold("900")])
        await log.has_told(1, "opened")
    clock = Hasty()
    async with running(log=log, marks=dict(log.marks), clock=clock) as run:
        log.refuses = LogUnavailable("disk_full")
        run.supervisor.listed("acme", [])
        run.supervisor.listed("acme", [])
        await clock.went_by(1)
        run.supervisor.stop()
        await asyncio.wait_for(asyncio.shield(run.task), 30)

    assert set(log.marks) == {"subscription/acme/900"}


async def test_failure_of_ours_ends_no_subscription() -> None:
    """It is said, by kind and place alone; what is open stays open. Here: a list of an enterprise that nobody knows."""
    with lines_caught() as lines:
        async with running() as run:
            run.supervisor.listed("acme", [run.service.hold("900")])
            await run.log.has_told(1, "opened")
            run.supervisor.listed("nobody", [run.service.hold("901")])
            said = await lines.said("service.failed")
            still_open = run.supervisor.open_count()

    assert (said["kind"], said["log_level"], still_open) == ("KeyError", "error", 1)
    assert "nobody" not in str(said)


async def test_holding_that_a_subscription_is_on_already_is_not_ended() -> None:
    """It was had anew, and asked what is on, before anybody was told that the meeting is held again."""
    async with running() as run:
        run.service.hold("900")
        run.supervisor.lifecycle([started("900", "u-0")])
        [opened] = await run.log.has_told(1, "opened")
        run.supervisor.lifecycle([heard(MeetingStarted, 100, uuid="u-900")])
        run.supervisor.listed("acme", [*run.service.meetings.values(), run.service.hold("901")])
        await run.log.has(lambda log: [event.change for event in log.told("901")] == ["opened"])

    assert opened.meeting_uuid == "u-900"
    assert [event.change for event in run.log.told("900")] == ["opened", "lost"]
    assert run.service.lines("900") == 1


async def test_socket_that_is_led_to_one_without_encryption_is_not_used() -> None:
    """By a redirect, which the client follows: the token that is sent next would go in the clear."""
    authority, server = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    with lines_caught() as lines:
        async with serving() as service, leading_to(service.ws_url.replace("ws", "http"), server) as address:
            service.trust, service.ws_url = trusting(authority), address
            async with running(service=service, clock=Hasty()) as run:
                run.supervisor.listed("acme", [service.hold("900")])
                await lines.said("subscription.failed", kind="ClientConnectionError")
                led = service.lines("900")

    assert led > 0
    assert run.log.told() == []


@asynccontextmanager
async def leading_to(elsewhere: str, tls: ssl.SSLContext) -> AsyncIterator[str]:
    """Yield the address of a service that leads whoever comes to another one."""

    async def lead(request: web.Request) -> web.Response:
        raise web.HTTPFound(elsewhere + request.path_qs)

    app = web.Application()
    app.router.add_get(PATH, lead)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    try:
        yield f"wss://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """Return a context that trusts this authority alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(context)
    return context


@pytest.mark.parametrize(("name", "opens"), [("sockets.example", True), (None, False)])
async def test_certificate_of_another_name(name: str | None, opens: bool) -> None:
    """The address is an IP: its certificate is taken where the settings name it, and refused where they do not."""
    authority, server = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("sockets.example").configure_cert(server)
    with lines_caught() as lines:
        async with serving(server) as service, running(service=service, clock=Hasty()) as run:
            service.trust, service.server_name = trusting(authority), name
            run.supervisor.listed("acme", [service.hold("900")])
            if opens:
                await run.log.has_told(1, "opened")
            else:
                await lines.said("subscription.failed", kind="ClientConnectorCertificateError")
