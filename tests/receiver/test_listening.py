"""A receiver that listens, put together as it runs: from a meeting that starts to the records in its log."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from deploy.simulator.cloud import BROKEN_DOWN, TOKEN_REFUSED, running_cloud
from receiver.log import LogReader, SqliteLog
from receiver.quality.source import QualitySource
from receiver.subscriber.feed import follow_log
from receiver.subscriber.owning import noted
from schemas.events import CaptionSpoken, QualityThresholdsRead, ReceiverAlive, ServiceThreshold, decode
from schemas.record import Record, partition_of
from schemas.settings import DEFAULT_PARTITIONS, Enterprise, Secret
from tests.kafka.fixtures import SharedBroker

from .forward.publishing import kafka_at, topics_made
from .lines import Lines, lines_caught
from .listening import (
    MEETING,
    Listening,
    app_of,
    changes,
    enterprise,
    listening,
    listening_to,
    settings,
    subscriptions,
)
from .log.running import metric, read_back, writer_held
from .signing import PASSWORD, event, push
from .test_service import numbered, post


async def test_the_list_alone_is_enough(tmp_path: Path) -> None:
    """With no push at all, a meeting that is on is listened to, and what is said in it is in the log."""
    async with listening(tmp_path, discover_every_s=0.05) as one:
        one.cloud.start_meeting(MEETING, captions=True)
        await one.cloud.subscribed(MEETING)
        pid = one.cloud.join(MEETING)
        one.cloud.caption(MEETING, pid, {"English": "Good morning"}, sentence="s-1", final=True)
        found = await one.has_types("CaptionSpoken")

        assert one.receiver.open_count(partition_of(MEETING, DEFAULT_PARTITIONS)) == 1
    (caption,) = [record for record in found if record.type == "CaptionSpoken"]
    event = decode(caption.value)
    assert isinstance(event, CaptionSpoken)
    assert (event.meeting_id, event.participant_id, event.final) == (MEETING, pid, True)
    assert [line.text for line in event.lines] == ["Good morning"]
    assert changes(found) == [("opened", "start_unknown")]
    assert caption.epoch == subscriptions(found)[0].epoch


async def test_a_push_is_enough(tmp_path: Path) -> None:
    """After a list without it, and an hour before the next, the meeting that a push tells of is listened to.

    A push of an enterprise without an App ID is taken, and its meeting is nobody's to listen to.
    """
    async with running_cloud() as cloud:
        silent = Enterprise(name="silent", subscriber_id="2", callback_passwords=(Secret(PASSWORD),))
        root = settings(tmp_path, enterprise(app_of(cloud), pushed=True), silent)
        async with listening_to(cloud, root) as one:
            await _listed(one)
            cloud.start_meeting("m-1", meeting_uuid="u-1")
            now_ms = time.time_ns() // 1_000_000
            told = event("meeting.started", now_ms, meetingInfo={"meetingID": "m-2"})
            theirs = push(told, app_id="2", timestamp=str(now_ms))
            assert [await post(one.receiver, body) for body in (theirs, numbered(1))] == [200, 200]
            async with asyncio.timeout(60):
                await cloud.subscribed("m-1")
            found = await one.has_types("MeetingStarted", "RosterReplaced")

    started = [(record.enterprise, record.key) for record in found if record.type == "MeetingStarted"]
    assert started == [("silent", "m-2"), ("acme", "m-1")]
    assert [(event.enterprise, event.meeting_id) for event in subscriptions(found)] == [("acme", "m-1")]


async def _listed(one: Listening) -> None:
    """Return once the list was asked for."""
    async with asyncio.timeout(60):
        while not await metric(
            one.meters, "meetwire_cloud_calls_total", enterprise="acme", call="online_meetings", outcome="good"
        ):
            pass


async def test_a_rooms_push_is_healed_by_the_list(tmp_path: Path) -> None:
    """The push tells of a cloud room, in which the list knows a meeting: it is asked for at once, not in an hour."""
    async with listening(tmp_path, pushed=True) as one:
        one.cloud.start_meeting(MEETING, room_id="m-1", meeting_uuid="u-1")
        assert await post(one.receiver, numbered(1)) == 200
        async with asyncio.timeout(60):
            await one.cloud.subscribed(MEETING)
        found = await one.has(lambda records: "opened" in [change for change, _ in changes(records)])

    assert MEETING in {event.meeting_id for event in subscriptions(found) if event.change == "opened"}


async def test_each_meeting_in_a_room_is_found(tmp_path: Path) -> None:
    """The next has an ID of its own as well; nothing more is told of the one before, under whichever UUID."""
    async with listening(tmp_path, pushed=True) as one:
        one.cloud.start_meeting(MEETING, room_id="m-1", meeting_uuid="u-1")
        assert await post(one.receiver, numbered(1)) == 200
        async with asyncio.timeout(60):
            await one.cloud.subscribed(MEETING)
        await one.has(lambda records: "opened" in [change for change, _ in changes(records)])
        one.cloud.end_meeting(MEETING)
        assert await post(one.receiver, told("meeting.end", "m-1", "u-1")) == 200
        await one.has(lambda records: ("closed", "meeting_over") in changes(records))
        one.cloud.start_meeting("900000002", room_id="m-1", meeting_uuid="u-2")
        assert await post(one.receiver, told("meeting.started", "m-1", "u-2")) == 200
        async with asyncio.timeout(60):
            await one.cloud.subscribed("900000002")
        found = await one.has(lambda records: [change for change, _ in changes(records)].count("opened") == 2)

    assert [(event.change, event.meeting_id, event.meeting_uuid) for event in subscriptions(found)] == [
        ("opened", MEETING, "u-1"),
        ("closed", MEETING, "u-1"),
        ("opened", "900000002", "u-2"),
    ]


def told(name: str, meeting_id: str, uuid: str) -> bytes:
    """Return a push of now about a meeting."""
    now_ms = time.time_ns() // 1_000_000
    return push(event(name, now_ms, meetingInfo={"meetingID": meeting_id, "meetingUUID": uuid}), timestamp=str(now_ms))


async def test_a_stop_is_told(tmp_path: Path) -> None:
    """What was open is lost because this receiver stops: the last that is told of it, before the log is closed."""
    async with listening(tmp_path, discover_every_s=0.05) as one:
        one.cloud.start_meeting(MEETING)
        await one.has(changes)
    chunk = await read_back(tmp_path)

    assert chunk is not None
    assert changes(chunk.records) == [("opened", "start_unknown"), ("lost", "stopping")]


async def test_a_restart_tells_what_a_killed_process_left_open(tmp_path: Path) -> None:
    """Its `lost` comes first, under the epoch that was open, and then the next one is opened above it."""
    killed = tmp_path / "killed"
    async with listening(tmp_path / "log", discover_every_s=0.05) as one:
        one.cloud.start_meeting(MEETING)
        await one.has_types("SubscriptionChanged", "RosterReplaced")
        async with writer_held(one.receiver.log):
            # As a power cut leaves it.
            await asyncio.to_thread(shutil.copytree, tmp_path / "log", killed)
        root = settings(killed, enterprise(app_of(one.cloud)), discover_every_s=0.05)
        async with listening_to(one.cloud, root) as again:
            found = await again.has(lambda records: len(changes(records)) >= 3)

    opened, lost, reopened = subscriptions(found)[:3]
    assert [(event.change, event.reason) for event in (opened, lost)] == [
        ("opened", "start_unknown"),
        ("lost", "restarted"),
    ]
    assert (lost.epoch, reopened.change) == (opened.epoch, "opened")
    assert reopened.epoch > lost.epoch
    assert reopened.unseen_since == lost.unseen_since
    assert lost.unseen_since is not None
    assert lost.unseen_since <= lost.occurred_at


async def test_app_keys_are_replaced_while_running(tmp_path: Path) -> None:
    """Refused with the old key, and let in with the new one, without a restart; others' tables change nothing."""
    async with running_cloud() as cloud:
        cloud.start_meeting(MEETING)
        root = settings(tmp_path, enterprise(app_of(cloud, keys=(Secret("old"),))), discover_every_s=0.05)
        with lines_caught() as lines:
            async with listening_to(cloud, root) as one:
                await lines.said("cloud.refused", enterprise="acme")
                opened_before = cloud.sockets_opened
                other = Enterprise(name="other", app=app_of(cloud))
                one.receiver.replace_secrets([other, enterprise(app_of(cloud))])
                async with asyncio.timeout(60):
                    await cloud.subscribed(MEETING)

    assert opened_before == 0


@pytest.mark.parametrize("app", [False, True], ids=["no app", "not enabled"])
async def test_nothing_listens_where_nothing_may(tmp_path: Path, app: bool) -> None:
    """Without an App ID, or with the subscriber switched off, pushes are taken and nobody is asked for anything."""
    async with running_cloud() as cloud:
        cloud.start_meeting("m-1", meeting_uuid="u-1")
        one = enterprise(app_of(cloud) if app else None, pushed=True)
        async with listening_to(cloud, settings(tmp_path, one, enabled=not app)) as running:
            assert await post(running.receiver, numbered(1)) == 200
            running.receiver.replace_secrets([one])

            assert running.receiver.listening is None
            assert [running.receiver.open_count(partition) for partition in (0, 1)] == [0, 0]
        assert cloud.sockets_opened == 0


async def test_quality_is_not_asked_for_where_it_is_pushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The source is told of a meeting as soon as its quality came through a socket, and of nothing else."""
    told, real = asyncio.Queue[str](), QualitySource.pushed

    def pushed(self: QualitySource, meeting_id: str) -> None:
        real(self, meeting_id)
        told.put_nowait(meeting_id)

    monkeypatch.setattr(QualitySource, "pushed", pushed)
    async with listening(tmp_path, discover_every_s=0.05) as one:
        one.cloud.start_meeting("900000002")
        one.cloud.start_meeting(MEETING)
        await one.cloud.subscribed(MEETING)
        pid = one.cloud.join(MEETING)
        one.cloud.rate(MEETING, pid, poor=True)

        assert await asyncio.wait_for(told.get(), 60) == MEETING
        assert {told.get_nowait() for _ in range(told.qsize())} <= {MEETING}


async def test_every_partition_has_signs_of_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is on, and where the open subscriptions are."""
    monkeypatch.setattr("receiver.subscriber.alive.EVERY_S", 0.05)
    async with listening(tmp_path, discover_every_s=0.05) as one:
        one.cloud.start_meeting(MEETING)

        def signs(found: Sequence[Record]) -> list[ReceiverAlive]:
            events = [decode(record.value) for record in found if record.type == "ReceiverAlive"]
            return [event for event in events if isinstance(event, ReceiverAlive) and event.subscriptions == 1]

        found = await one.has(lambda records: len(signs(records)) >= DEFAULT_PARTITIONS)

    here = partition_of(MEETING, DEFAULT_PARTITIONS)
    assert [(sign.partition, sign.partition_subscriptions) for sign in signs(found)[:DEFAULT_PARTITIONS]] == [
        (partition, int(partition == here)) for partition in range(DEFAULT_PARTITIONS)
    ]


async def test_the_enterprise_push_is_watched(tmp_path: Path) -> None:
    """Where pushes are meant to come, and the service is not configured to send any, that is said."""
    with lines_caught() as lines:
        async with listening(tmp_path, pushed=True):
            line = await lines.said("enterprise_push.troubled")

    assert (line["enterprise"], line["log_level"]) == ("acme", "error")


async def test_a_part_that_fails_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By kind and place, without its words; what does not need it goes on."""

    async def broken(log: SqliteLog, reader: LogReader, appended: Any) -> None:
        raise ValueError("marker")

    monkeypatch.setattr("receiver.listening.follow_log", broken)
    with lines_caught() as lines:
        async with listening(tmp_path, discover_every_s=0.05) as one:
            line = await lines.said("service.failed")
            one.cloud.start_meeting(MEETING)
            await one.cloud.subscribed(MEETING)

    assert (line["kind"], line["where"].partition(":")[0]) == ("ValueError", "test_listening.py")
    assert "marker" not in json.dumps(list(lines))


async def test_a_part_that_failed_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A push is heard again then, without any list."""
    follow, fails = follow_log, ["marker"]

    async def broken_once(log: SqliteLog, reader: LogReader, appended: Any) -> None:
        if fails:
            raise ValueError(fails.pop())
        await follow(log, reader, appended)

    monkeypatch.setattr("receiver.listening.follow_log", broken_once)
    monkeypatch.setattr("receiver.kept_going.AGAIN_S", 0.0)
    with lines_caught() as lines:
        async with listening(tmp_path, pushed=True) as one:
            await lines.said("service.failed")
            await _listed(one)
            one.cloud.start_meeting("m-1", meeting_uuid="u-1")
            assert await post(one.receiver, numbered(1)) == 200
            async with asyncio.timeout(60):
                await one.cloud.subscribed("m-1")


async def test_with_kafka_the_group_gives_the_partitions(
    kafka: SharedBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """One receiver of the group has them all, listens, and has noted that when it stops; the next start takes it up."""
    await topics_made(kafka.bootstrap, topic_prefix)
    table = kafka_at(kafka.bootstrap, topic_prefix, request_timeout_s=20)
    async with running_cloud() as cloud:
        cloud.start_meeting(MEETING)
        root = msgspec.structs.replace(
            settings(tmp_path, enterprise(app_of(cloud)), discover_every_s=0.05), kafka=table
        )
        async with listening_to(cloud, root) as one:
            await asyncio.wait_for(cloud.subscribed(MEETING), 60)
            await one.has(changes)
            marks = await one.receiver.log.run(lambda file: file.marks("assignment"))

    assert (list(marks), noted(marks).partitions) == (["assignment"], frozenset(range(table.partitions)))


MARKERS = ("marker-subject", "marker-name", "marker-caption", "marker-scheduler", "87654321")
_TOKEN = re.compile(r"(cnr|stb)[0-9A-Za-z]{30,}")


async def test_nothing_that_is_said_or_secret_is_in_a_line(tmp_path: Path) -> None:
    """Neither where all is well nor where all goes wrong; and the host's password is in no record of any topic."""
    with lines_caught() as lines:
        async with listening(tmp_path, discover_every_s=0.05) as one:
            await _go_through_it(one.cloud, one.has, lines)
            key = one.cloud.app_key
    chunk = await read_back(tmp_path)

    assert chunk is not None
    told = json.dumps(list(lines), default=repr)
    kept = b"\n".join(record.value for record in chunk.records).decode()
    # What is looked for did come through.
    assert [marker for marker in MARKERS if marker not in kept] == ["87654321"]
    assert [marker for marker in (*MARKERS, key) if marker in told] == []
    assert [key in kept, _TOKEN.search(told), _TOKEN.search(kept)] == [False, None, None]
    assert {"subscription.opened", "subscription.lost"} <= {line["event"] for line in lines}


async def _go_through_it(cloud: Any, has: Any, lines: Lines) -> None:
    marked = {"subject": "marker-subject", "scheduler": "marker-scheduler", "host_password": "87654321"}
    cloud.start_meeting(MEETING, captions=True, **marked)
    await cloud.subscribed(MEETING)
    pid = cloud.join(MEETING, told={"participantID": "p-1", "displayName": "marker-name"})
    cloud.caption(MEETING, pid, {"English": "marker-caption"}, sentence="s-1", final=True)
    await has(lambda found: any(record.type == "CaptionSpoken" for record in found))
    await cloud.push(MEETING, '{"action":"ParticipantsNotify","data":[{"pid":7,"NAME":"marker-name"}]}')
    await cloud.push(MEETING, '{"action":"marker-name')
    cloud.faults.next_requests(TOKEN_REFUSED, path="token")
    cloud.faults.next_requests(BROKEN_DOWN, 2, path="conferences")
    cloud.cut_sockets(MEETING)
    await lines.said("subscription.lost")
    await cloud.subscribed(MEETING)


async def test_the_services_thresholds_of_quality_are_told(tmp_path: Path) -> None:
    """As soon as this receiver listens."""
    async with listening(tmp_path, quality="rest") as one:
        found = await one.has_types("QualityThresholdsRead")

    (record,) = [record for record in found if record.type == "QualityThresholdsRead"]
    assert decode(record.value) == QualityThresholdsRead(
        enterprise="acme",
        occurred_at=record.occurred_at,
        latency_ms=ServiceThreshold(sent=300.0, received=300.0),
        jitter_ms=ServiceThreshold(sent=50.0, received=50.0),
        packet_loss_ratio=ServiceThreshold(sent=0.1, received=0.1),
        client_cpu_ratio=0.8,
        system_cpu_ratio=0.9,
    )
