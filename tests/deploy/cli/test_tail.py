"""`meetwire tail` shows events from the local log and from Kafka alike, and ends as it is told."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import signal
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.kafka.fixtures import SharedBroker

from .pushes import ACCEPTED, post, push, settled
from .running import MEETWIRE, Service, environment, meetwire, running, serving

# 2026-03-02 01:03:00.351 UTC. Old, so that the receiver sets it aside: what is shown of it then is the same each time.
THEN_MS = 1_772_413_380_351
SOMEBODY = {"displayName": "韩梅梅", "role": "CHAIR", "userAgent": "WeLink-desktop", "participantID": "p1"}


def kafka_table(kafka: SharedBroker, prefix: str, servers: str = "") -> str:
    """Return the settings of a Kafka that the tests share."""
    return f'[kafka]\nservers = ["{servers or kafka.bootstrap}"]\npartitions = 2\ntopic_prefix = "{prefix}"\n'


def columns(line: str) -> list[str]:
    """Return the columns of a line for people, without its time."""
    return re.split("  +", line)[1:]


async def send(service: Service) -> None:
    """Post a meeting of three events."""
    for body in (push(), push("meeting.join", attendee=SOMEBODY), push("meeting.end", meeting_id="900000002")):
        assert await post(service, body) == ACCEPTED


THREE_LINES = [
    ["started", "acme", "900000001"],
    ["joined", "acme", "900000001", "韩梅梅", "CHAIR", "WeLink-desktop"],
    ["ended", "acme", "900000002"],
]


async def test_the_local_log_is_shown_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    """With --no-follow: all there is, one line each, and then the end; whether a receiver runs or not."""
    folder = settled(tmp_path)
    async with serving(folder=folder) as service:
        await send(service)
        beside = await meetwire("tail", "--no-follow", folder=folder)
    alone = await meetwire("tail", "--no-follow", folder=folder)

    assert (beside.status, beside.err, beside.lines) == (0, [], [])
    assert [columns(line) for line in beside.out.splitlines()] == THREE_LINES
    assert alone == beside


async def test_kafka_is_shown_from_its_beginning_to_its_end(
    tmp_path: Path, kafka: SharedBroker, topic_prefix: str
) -> None:
    """With a table [kafka] the same command reads the topics; the lines are the same, the log is a choice."""
    folder = settled(tmp_path, kafka_table(kafka, topic_prefix), webhook='answer_after = "kafka"\ndeadline_s = 25\n')
    async with serving(folder=folder) as service:
        await send(service)
        from_kafka = await meetwire("tail", "--no-follow", folder=folder)

    assert (from_kafka.status, from_kafka.err) == (0, [])
    # Between two meetings Kafka keeps no order.
    assert sorted(columns(line) for line in from_kafka.out.splitlines()) == sorted(THREE_LINES)


async def test_events_are_shown_as_they_come(tmp_path: Path) -> None:
    """Without --no-follow it stays and shows what comes, and Ctrl-C ends it with status 0."""
    folder = settled(tmp_path)
    async with serving(folder=folder) as service, running("tail", "--from", "earliest", folder=folder) as tail:
        shown = []
        for meeting_id in ("1", "2"):
            await post(service, push(meeting_id=meeting_id))
            shown.append(columns(await tail.shown()))
        ended = await tail.stopped(signal.SIGINT)

    assert shown == [["started", "acme", "1"], ["started", "acme", "2"]]
    assert (ended.status, ended.out, ended.err) == (0, "", [])


async def test_a_reader_that_has_enough_ends_it(tmp_path: Path) -> None:
    """`meetwire tail | head -1`, after which nothing happens any more."""
    folder = settled(tmp_path)
    async with serving(folder=folder) as service:
        await post(service, push())

    line, status, err = await asyncio.to_thread(first_line, "tail", "--from", "earliest", folder=folder)

    assert (columns(line), status, err) == (["started", "acme", "900000001"], 0, "")


def first_line(*words: str, folder: Path) -> tuple[str, int, str]:
    """Read one line of what a command shows, and no more; return it, and how the command ended."""
    with subprocess.Popen(
        [*MEETWIRE, *words],
        cwd=folder,
        env=environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        try:
            line = command.stdout.readline().rstrip("\n")
            command.stdout.close()
            return line, command.wait(120), command.stderr.read()
        finally:
            command.kill()


async def test_json_is_the_record_as_it_is(tmp_path: Path) -> None:
    """With --json: topic, key, partition, headers and value; nothing of it is ours to reword."""
    folder, body = settled(tmp_path), push(at_ms=THEN_MS)
    async with serving(folder=folder) as service:
        await post(service, body)
        log = (await service.stopped()).lines[0]["log"]

    record: dict[str, Any] = json.loads((await meetwire("tail", "--no-follow", "--json", folder=folder)).out)

    identity = record["headers"]["ce_id"].removesuffix("-0")
    assert record == {
        "topic": "meeting.unrecognised.v1",
        "partition": 11,
        "key": "900000001",
        "timestamp_ms": milliseconds(record["value"]["received_at"]),
        "headers": {
            "ce_specversion": "1.0",
            "content-type": "application/json",
            "ce_type": "meetwire.PushSetAside.v1",
            "ce_source": "urn:meetwire:acme",
            "ce_id": f"{identity}-0",
            "ce_time": "2026-03-02T01:03:00.351000Z",
            "ce_subject": "900000001",
            "traceparent": f"00-{identity}-{identity[16:]}-01",
            "mw_log": log,
            "mw_position": "1",
        },
        "value": {
            "type": "PushSetAside",
            "enterprise": "acme",
            "subscriber_id": "123456789",
            "channel": "webhook",
            "reason": "stale",
            "event_name": "meeting.started",
            "meeting_id": "900000001",
            "where": "$.timestamp",
            "sent_at": "2026-03-02T01:03:00.351000Z",
            "received_at": record["value"]["received_at"],
            "original": body.decode(),
            "original_base64": None,
            "original_sha256": hashlib.sha256(body).hexdigest(),
            "redacted": False,
            "part": 1,
            "parts": 1,
        },
    }


def milliseconds(at: str) -> int:
    """Return an instant of JSON as Kafka's time stamps have it."""
    return (datetime.fromisoformat(at) - datetime.fromisoformat("1970-01-01T00:00:00Z")) // timedelta(milliseconds=1)


async def test_a_part_of_the_events_is_picked(tmp_path: Path) -> None:
    """By meeting, by topic, by enterprise, by time, and so many of them."""
    folder = settled(tmp_path)
    async with serving(folder=folder) as service:
        await send(service)
        await post(service, push(at_ms=THEN_MS))

    async def shown(*words: str) -> list[list[str]]:
        found = await meetwire("tail", "--no-follow", *words, folder=folder)
        assert (found.status, found.err) == (0, [])
        return [columns(line) for line in found.out.splitlines()]

    aside = ["set aside", "acme", "900000001", "stale", "meeting.started", "$.timestamp"]
    assert await shown() == [*THREE_LINES, aside]
    assert await shown("--limit", "1") == THREE_LINES[:1]
    assert await shown("--meeting", "900000002") == THREE_LINES[2:]
    assert await shown("--topic", "meeting.unrecognised.v1") == [aside]
    assert await shown("--enterprise", "other") == []
    assert await shown("--from", "latest") == []
    assert await shown("--from", "2026-01-01") == [*THREE_LINES, aside]
    without = await shown("--no-names", "--meeting", "900000001", "--limit", "2")
    assert without == [THREE_LINES[0], ["joined", "acme", "900000001", "p1", "CHAIR", "WeLink-desktop"]]


async def refusal(folder: Path, *words: str) -> list[str]:
    """Return what `meetwire tail` says to a person, having ended with status 2 and shown nothing."""
    ended = await meetwire("tail", "--no-follow", *words, folder=folder)
    assert (ended.status, ended.out, ended.lines) == (2, "", [])
    return ended.err


async def test_a_log_that_is_not_there_is_said(tmp_path: Path) -> None:
    """One line, with what to do about it."""
    assert await refusal(settled(tmp_path)) == [
        "meetwire: no log in data/log: start the receiver first, or name its log.folder"
    ]


async def test_a_file_that_is_no_log_is_said(tmp_path: Path) -> None:
    """One line, and no traceback of a database."""
    (tmp_path / "data/log").mkdir(parents=True)
    (tmp_path / "data/log/log.sqlite").write_bytes(b"no database, however long one reads in it. " * 100)

    assert await refusal(settled(tmp_path)) == ["meetwire: log.folder data/log: file is not a database"]


async def test_kafka_without_settings_is_said(tmp_path: Path) -> None:
    """Where to find Kafka is nothing to guess."""
    assert await refusal(settled(tmp_path), "--kafka") == ["meetwire: --kafka needs a table [kafka] in the settings"]


async def test_a_kafka_that_does_not_answer_is_said(tmp_path: Path, kafka: SharedBroker) -> None:
    """One line, with its address."""
    folder = settled(tmp_path, kafka_table(kafka, "", servers="127.0.0.1:1"))

    ended = await meetwire("tail", "--no-follow", folder=folder)

    assert (ended.status, ended.out) == (2, "")
    assert [line[:25] for line in ended.err] == ["meetwire: Kafka at 127.0.0.1:1"[:25]]
