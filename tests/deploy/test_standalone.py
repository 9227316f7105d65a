"""Everything in one process: started and stopped as a whole, within a test's own event loop."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import msgspec
import pytest

from consumers.waiting import entered
from deploy.standalone import started
from deploy.starting import CannotStart
from receiver.log import LogInUse
from schemas.settings import Admin, App, Kafka, Secret, Webhook
from tests.kafka.fixtures import SharedBroker
from tests.kafka.readers import Seen, kcat

from .cli.pushes import push
from .parts import ENTERPRISE, page, post, settings


async def test_it_listens_where_it_says_and_no_longer_than_it_runs(tmp_path: Path) -> None:
    """Both addresses are the real ones, and both are free again at the end."""
    async with started(settings(tmp_path)) as parts:
        assert await post(parts, push()) == 200
        assert (await page(parts, "/healthz"))[0] == 200

    for host, port in (parts.webhook, parts.admin):
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(host, port)


async def test_it_listens_on_ipv6(tmp_path: Path) -> None:
    """Addresses are written [::1]:port, and are taken so."""
    root = settings(tmp_path, webhook=Webhook(listen="[::1]:0"), admin=Admin(listen="[::1]:0"))

    async with started(root) as parts:
        assert (parts.webhook[0], parts.admin[0]) == ("::1", "::1")


async def test_a_taken_admin_port_takes_the_receiver_down_again(tmp_path: Path) -> None:
    """Half a program is none: the log is free again for the next start."""
    async with started(settings(tmp_path / "first")) as first:
        taken = "{}:{}".format(*first.admin)
        with pytest.raises(CannotStart) as refused:
            async with started(settings(tmp_path / "second", admin=Admin(listen=taken))):
                pytest.fail("it started")

    assert str(refused.value) == f"admin.listen {taken}: Address already in use"
    async with started(settings(tmp_path / "second")):
        pass


async def test_a_stop_at_any_moment_of_the_start_leaves_nothing_behind(tmp_path: Path) -> None:
    """After more and more turns of the event loop: the log is free again, and the next start is as any."""
    app = App(id="an-app", keys=(Secret("a-key"),), api="http://127.0.0.1:1")
    root = settings(tmp_path, enterprises=(msgspec.structs.replace(ENTERPRISE, app=app),))
    loop, entries, turns = asyncio.get_running_loop(), list[bool](), 0
    while True not in entries:
        stop = asyncio.Event()

        def count(left: int, stop: asyncio.Event = stop) -> None:
            if left:
                loop.call_soon(count, left - 1)
            else:
                stop.set()

        count(turns)
        async with entered(started(root), stop) as parts:
            entries.append(parts is not None)
        # How many there are depends on how long threads take.
        turns += 1 + turns // 8

    assert len(entries) > 10
    async with started(root) as parts:
        assert await post(parts, push()) == 200


async def test_one_log_has_one_writer(tmp_path: Path) -> None:
    """Within one process too."""
    async with started(settings(tmp_path)):
        with pytest.raises(LogInUse):
            async with started(settings(tmp_path)):
                pytest.fail("it started")


async def test_events_are_in_kafka_for_whoever_reads_it(tmp_path: Path, kafka: SharedBroker, topic_prefix: str) -> None:
    """The whole way, read back by kcat: topic, key, CloudEvents headers, and the push as it came inside the value."""
    broker = Kafka(servers=(kafka.bootstrap,), partitions=2, topic_prefix=topic_prefix)
    waiting = Webhook(listen="127.0.0.1:0", answer_after="kafka", deadline_s=25)
    body = push()

    async with started(settings(tmp_path, kafka=broker, webhook=waiting)) as parts:
        assert await post(parts, body) == 200
        log = parts.receiver.log.id

    (seen,) = await kcat(kafka.bootstrap, f"{topic_prefix}meeting.lifecycle.v1")
    event = json.loads(seen.payload or "")
    identity = headers(seen)["ce_id"].removesuffix("-0")
    assert (seen.key, event["type"], event["original"].encode()) == ("900000001", "MeetingStarted", body)
    assert headers(seen) == {
        "ce_specversion": "1.0",
        "content-type": "application/json",
        "ce_type": "meetwire.MeetingStarted.v1",
        "ce_source": "urn:meetwire:acme",
        "ce_id": f"{identity}-0",
        "ce_time": event["occurred_at"],
        "ce_subject": "900000001",
        "traceparent": f"00-{identity}-{identity[16:]}-01",
        "mw_log": log,
        "mw_position": "1",
    }


async def test_a_log_from_before_kafka_is_published(tmp_path: Path, kafka: SharedBroker, topic_prefix: str) -> None:
    """Moving from one machine to Kafka is giving its address: what the log holds goes first, ids and order kept."""
    before, after = push(meeting_id="1"), push(meeting_id="1", event="meeting.end")
    broker = Kafka(servers=(kafka.bootstrap,), topic_prefix=topic_prefix)
    waiting = Webhook(listen="127.0.0.1:0", answer_after="kafka", deadline_s=25)

    async with started(settings(tmp_path)) as parts:
        assert await post(parts, before) == 200
    async with started(settings(tmp_path, kafka=broker, webhook=waiting)) as parts:
        assert await post(parts, after) == 200

    seen = await kcat(kafka.bootstrap, f"{topic_prefix}meeting.lifecycle.v1")
    assert [json.loads(record.payload or "")["original"].encode() for record in seen] == [before, after]
    assert [headers(record)["mw_position"] for record in seen] == ["1", "2"]


def headers(seen: Seen) -> dict[str, str]:
    """Return the headers by name; none of ours is without a value."""
    words = [word or "" for word in seen.headers]
    return dict(zip(words[::2], words[1::2], strict=True))
