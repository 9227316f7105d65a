"""`meetwire redrive`: what was set aside becomes events, through a running receiver or beside a stopped one."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from aiohttp import web
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from receiver.entry import Entry
from receiver.log import LogFile, LogReader
from schemas.events import PushSetAside, encode
from schemas.ids import Position
from schemas.record import Record, partition_of
from tests.kafka.configuration import free_port
from tests.kafka.fixtures import SharedBroker
from tests.kafka.readers import kcat

from .cli.pushes import ACCEPTED, post, push, settled
from .cli.running import Service, meetwire, serving

DAY_MS = 86_400_000
PARTITIONS = 12


class Outcome(NamedTuple):
    """How the command ended."""

    status: int
    said: list[str]
    """What it printed, and after that what it complained of."""


async def redrive(folder: Path, *words: str) -> Outcome:
    """Run the command."""
    ended = await meetwire("redrive", *words, folder=folder)
    return Outcome(ended.status, [line.strip() for line in ended.out.splitlines()] + ended.err)


def old_push(meeting_id: str = "900000001", **more: object) -> bytes:
    """Return a push of a week ago, which nobody believes by itself."""
    at_ms = time.time_ns() // 1_000_000 - 7 * DAY_MS
    return push("meeting.join", meeting_id=meeting_id, at_ms=at_ms, attendee={"participantID": "p-1", **more})


async def records(folder: Path) -> list[tuple[str, str]]:
    """Return type and key of everything in the log but signs of life, of which there are more on a slow machine."""

    def read() -> list[tuple[str, str]]:
        reader = LogReader(folder / "data/log")
        try:
            chunk = reader.read(Position(1), 1_000)
        finally:
            reader.close()
        found = chunk.records if chunk else []
        return [(record.type, record.key) for record in found if record.type != "ReceiverAlive"]

    return await asyncio.to_thread(read)


async def set_aside(folder: Path, *bodies: bytes) -> None:
    """Have a receiver take pushes, and stop."""
    async with serving(folder=folder) as service:
        for body in bodies:
            assert await post(service, body) == ACCEPTED
        await service.stopped()


async def test_an_old_push_is_redriven_when_it_is_asked_for(tmp_path: Path) -> None:
    """By default old ones stay aside; shown first without a change, they are appended once and are there then."""
    folder = settled(tmp_path)
    await set_aside(folder, old_push())

    outcomes = [await redrive(folder, *words) for words in ((), ("--dry-run", *STALE), STALE, STALE)]

    assert outcomes == [
        Outcome(0, ["nothing was set aside for these reasons"]),
        Outcome(0, ["1  would be tried"]),
        Outcome(0, ["1  appended"]),
        Outcome(0, ["1  repeated"]),
    ]
    assert await records(folder) == [("PushSetAside", "900000001"), ("ParticipantJoined", "900000001")]


STALE = ("--reason", "stale")


async def test_a_running_receiver_redrives_through_its_admin_listener(tmp_path: Path) -> None:
    """Nobody has to stop it; what is redriven is an event like any other."""
    folder = settled(tmp_path)
    port = free_port()
    settings = folder / "meetwire.toml"
    settings.write_text(settings.read_text().replace('[admin]\nlisten = "127.0.0.1:0"', f'[admin]\nlisten = ":{port}"'))
    async with serving(folder=folder) as service:
        assert [await post(service, old_push(meeting)) for meeting in ("900000001", "900000002")] == [ACCEPTED] * 2

        outcomes = [await redrive(folder, *STALE), await redrive(folder, *STALE)]
        refused = await redrive(folder, *STALE, "--refused")
        await service.stopped()

    assert outcomes == [Outcome(0, ["2  appended"]), Outcome(0, ["2  repeated"])]
    assert refused == Outcome(2, ["meetwire: --refused needs the log: stop the receiver first"])
    assert (await records(folder))[2:] == [("ParticipantJoined", "900000001"), ("ParticipantJoined", "900000002")]


async def test_what_nobody_signed_stays_aside(tmp_path: Path) -> None:
    """With another password the push of then is not verified: counted, and the command says that not all went well."""
    folder = settled(tmp_path)
    await set_aside(folder, old_push())
    settings = folder / "meetwire.toml"
    settings.write_text(settings.read_text().replace("marker-password", "another"))

    assert await redrive(folder, *STALE) == Outcome(1, ["1  not_verified"])

    assert await records(folder) == [("PushSetAside", "900000001")]


async def test_a_large_push_is_put_together_from_its_parts(tmp_path: Path) -> None:
    """It was published in several records; what is verified is the whole."""
    folder = settled(tmp_path)
    await set_aside(folder, old_push(unheard="x" * 300_000))
    parts = len(await records(folder))

    assert await redrive(folder, *STALE) == Outcome(0, ["1  appended"])

    assert parts == 3
    assert ("ParticipantJoined", "900000001") in await records(folder)


async def test_what_an_older_version_did_not_know_is_an_event_now(tmp_path: Path) -> None:
    """That is what redrive is for: an update, the command without arguments, and nothing is missing."""
    folder = settled(tmp_path)
    await asyncio.to_thread(_as_an_older_version_left_it, folder, [push(meeting_id="900000001"), push("meeting.new")])

    assert await redrive(folder) == Outcome(1, ["1  appended", "1  not_understood"])

    assert (await records(folder))[2:] == [("MeetingStarted", "900000001")]


async def test_meeting_pushes_are_counted_and_stay_aside(tmp_path: Path) -> None:
    """Nothing in them is signed: whoever can write the topic could make one up. One in parts is one."""
    folder = settled(tmp_path)
    parts = [_of_a_socket(1, part=part, parts=2) for part in (1, 2)]
    records_of_then = [_unknown(push(meeting_id="900000001"), 0), *parts, _of_a_socket(2), _of_a_socket(3, "stale")]
    await asyncio.to_thread(_left, folder, records_of_then)

    outcomes = [await redrive(folder, *words) for words in (("--dry-run",), (), ("--reason", "changed_frame"))]

    skipped = "2  not redriven: came through a socket, unsigned"
    assert outcomes == [
        Outcome(0, [skipped, "1  would be tried"]),
        Outcome(0, ["1  appended", skipped]),
        Outcome(0, [skipped]),
    ]
    assert (await records(folder))[5:] == [("MeetingStarted", "900000001")]


def _of_a_socket(number: int, reason: str = "changed_frame", *, part: int = 1, parts: int = 1) -> Record:
    """Return a part of a meeting push that was not understood; its bytes are a push that one would verify."""
    record = _unknown(push(meeting_id="900000002"), number)
    aside = msgspec.json.decode(record.value, type=PushSetAside)
    changed = msgspec.structs.replace(aside, channel="socket", reason=reason, part=part, parts=parts)
    return msgspec.structs.replace(record, value=encode(changed), id=f"{number:032}-{part}")


def _as_an_older_version_left_it(folder: Path, bodies: Sequence[bytes]) -> None:
    """Leave pushes in a log as one did that knew none of their events."""
    _left(folder, [_unknown(body, number) for number, body in enumerate(bodies)])


def _left(folder: Path, of_then: Sequence[Record]) -> None:
    file = LogFile(folder / "data/log", partitions=PARTITIONS, min_free_bytes=0)
    for record in of_then:
        file.write([Entry((record,), None)], 1)
    file.close()


def _unknown(body: bytes, number: int) -> Record:
    at = datetime.now(UTC)
    event = PushSetAside(
        enterprise="acme",
        subscriber_id="123456789",
        reason="unknown_event",
        event_name=json.loads(body)["eventInfo"]["event"],
        meeting_id=None,
        where="$.event",
        sent_at=at,
        received_at=at,
        original=body.decode(),
        original_base64=None,
        original_sha256=f"{number:064}",
        redacted=False,
        part=1,
        parts=1,
    )
    return Record(
        topic="meeting.unrecognised.v1",
        partition=partition_of("123456789", PARTITIONS),
        key="123456789",
        id=f"{number:032}-0",
        type="PushSetAside",
        enterprise="acme",
        occurred_at=at,
        received_ms=int(at.timestamp() * 1000),
        trace="00-0-0-01",
        value=encode(event),
    )


async def _busy(service: Service) -> None:
    """Post pushes that are set aside, until cancelled."""
    for number in itertools.count():
        await post(service, push("meeting.lobby", meeting_id=str(900_000_100 + number)))


async def test_it_ends_though_more_is_set_aside_all_the_time(tmp_path: Path) -> None:
    """It runs again what stood there when it began; a type of push that is not known need never stop coming."""
    folder = settled(tmp_path)
    port = free_port()
    settings = folder / "meetwire.toml"
    settings.write_text(settings.read_text().replace('[admin]\nlisten = "127.0.0.1:0"', f'[admin]\nlisten = ":{port}"'))
    async with serving(folder=folder) as service:
        assert await post(service, old_push()) == ACCEPTED
        posting = asyncio.create_task(_busy(service))
        async with asyncio.timeout(60):
            outcome = await redrive(folder, *STALE)
        assert not posting.done()
        posting.cancel()
        await asyncio.gather(posting, return_exceptions=True)
        await service.stopped()

    assert outcome == Outcome(0, ["1  appended"])


async def test_without_a_log_there_is_nothing_to_redrive(tmp_path: Path) -> None:
    """One line that says so, and no log made."""
    outcome = await redrive(settled(tmp_path))

    assert outcome.status == 2
    assert len(outcome.said) == 1
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("answering", [True, False])
async def test_an_admin_listener_that_is_none_is_said(tmp_path: Path, answering: bool) -> None:
    """Somebody else at its address, or nobody: the log is in use, and nothing was changed."""
    folder = settled(tmp_path)
    await set_aside(folder, old_push())
    runner = web.AppRunner(web.Application())
    await runner.setup()
    port = free_port()
    if answering:
        await web.TCPSite(runner, "127.0.0.1", port).start()
    # A receiver that holds the log, and listens elsewhere than these settings say.
    async with serving(folder=folder) as service:
        settings = folder / "meetwire.toml"
        settings.write_text(
            settings.read_text().replace('[admin]\nlisten = "127.0.0.1:0"', f'[admin]\nlisten = "127.0.0.1:{port}"')
        )
        outcome = await redrive(folder, *STALE)
        await service.stopped()
    await runner.cleanup()

    expected = (
        f"meetwire: admin.listen 127.0.0.1:{port} is no receiver of this version: 404"
        if answering
        else f"meetwire: Cannot connect to host 127.0.0.1:{port}"
    )
    assert outcome.status == 2
    assert [line[: len(expected)] for line in outcome.said] == [expected]
    assert await records(folder) == [("PushSetAside", "900000001")]


def with_kafka(folder: Path, kafka: SharedBroker, prefix: str) -> Path:
    """Write settings with the shared broker."""
    table = f'[kafka]\nservers = ["{kafka.bootstrap}"]\npartitions = 3\ntopic_prefix = "{prefix}"\n'
    return settled(folder, table, webhook='answer_after = "kafka"\ndeadline_s = 20\n')


async def test_with_kafka_what_was_set_aside_is_read_from_there(
    tmp_path: Path, kafka: SharedBroker, topic_prefix: str
) -> None:
    """The log has let go of it by then: the topic keeps it for 90 days."""
    folder = with_kafka(tmp_path, kafka, topic_prefix)
    await set_aside(folder, old_push())

    assert await redrive(folder, *STALE) == Outcome(0, ["1  appended"])

    async with serving(folder=folder) as service:
        assert await post(service, push(meeting_id="900000009")) == ACCEPTED
        await service.stopped()
    seen = await kcat(kafka.bootstrap, f"{topic_prefix}meeting.lifecycle.v1")
    assert sorted(str(one.key) for one in seen) == ["900000001", "900000009"]


async def test_a_record_that_kafka_refused_comes_once_it_takes_it(
    tmp_path: Path, kafka: SharedBroker, topic_prefix: str
) -> None:
    """Set aside for its size, shown, appended again after the limit was raised, and in Kafka then, at its own key."""
    folder = with_kafka(tmp_path, kafka, topic_prefix)
    topics = [f"{topic_prefix}meeting.{name}.v1" for name in ("lifecycle", "unrecognised")]
    await _limited(kafka.bootstrap, topics, 50_000)
    await set_aside(folder, push(meeting_id="900000001"), _large("900000002"))
    before = [str(one.key) for one in await kcat(kafka.bootstrap, topics[0])]
    await _raised(kafka.bootstrap, topics)

    outcomes = [await redrive(folder, "--refused", *words) for words in (("--dry-run",), (), ())]
    async with serving(folder=folder) as service:
        assert await post(service, push(meeting_id="900000003")) == ACCEPTED
        await service.stopped()

    assert before == ["900000001"]
    assert outcomes == [
        Outcome(0, ["1  would be tried"]),
        Outcome(0, ["1  appended"]),
        Outcome(0, ["nothing was set aside for these reasons"]),
    ]
    after = sorted(str(one.key) for one in await kcat(kafka.bootstrap, topics[0]))
    assert after == ["900000001", "900000002", "900000003"]


def _large(meeting_id: str) -> bytes:
    return push("meeting.join", meeting_id=meeting_id, attendee={"participantID": "p-1", "displayName": "x" * 60_000})


async def _limited(bootstrap: str, topics: Sequence[str], limit: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    settings = {"max.message.bytes": str(limit)}
    await admin.create_topics([NewTopic(topic, 3, 1, topic_configs=settings) for topic in topics])
    await admin.close()


async def _raised(bootstrap: str, topics: Sequence[str]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    limits = {"max.message.bytes": "1048588"}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, limits) for topic in topics])
    await admin.close()
