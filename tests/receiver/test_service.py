"""The receiver as a whole: how it starts and stops, what makes it unready, and what its answers wait for."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec
import pytest
import trustme

from deploy.meters import PrometheusMeters
from receiver.log import LogInUse
from receiver.service import Receiver, running
from schemas.ids import Position
from schemas.settings import Enterprise, Kafka, Log, Root, Secret, Webhook
from tests.kafka.configuration import free_port
from tests.kafka.fixtures import SharedBroker
from tests.kafka.readers import Seen, kcat

from .forward.publishing import kafka_at, topics_made
from .lines import lines_caught
from .log.running import metric
from .signing import PASSWORD, event, push

LIFECYCLE: Final = "meeting.lifecycle.v1"


def enterprise(*passwords: str) -> Enterprise:
    """Return the enterprise with these callback passwords."""
    return Enterprise(name="acme", subscriber_id="123456789", callback_passwords=tuple(map(Secret, passwords)))


def settings(folder: Path, kafka: Kafka | None = None, *, min_free_bytes: int = 0, **webhook: Any) -> Root:
    """Return settings with the log in `folder`, on a port of the system's choice."""
    return Root(
        webhook=Webhook(listen="127.0.0.1:0", **webhook),
        log=Log(folder=str(folder), min_free_bytes=min_free_bytes),
        kafka=kafka,
        enterprises=(enterprise(PASSWORD),),
    )


@asynccontextmanager
async def receiving(root: Root, meters: PrometheusMeters | None = None) -> AsyncIterator[Receiver]:
    """Yield a receiver that runs."""
    async with running(root, meters or PrometheusMeters()) as receiver:
        yield receiver


def numbered(number: int, password: str = PASSWORD) -> bytes:
    """Return a push of now, known by its number."""
    meeting = {"meetingID": f"m-{number}", "meetingUUID": f"u-{number}"}
    info = event("meeting.started", time.time_ns() // 1_000_000, meetingInfo=meeting)
    return push(info, timestamp=str(time.time_ns() // 1_000_000), password=password)


async def post(receiver: Receiver, body: bytes) -> int:
    """Post a push and return the status."""
    url = "http://{}:{}/openapi/meetingevent".format(*receiver.address)
    async with aiohttp.ClientSession() as session, session.post(url, data=body) as answer:
        return answer.status


async def keys_in(bootstrap: str, prefix: str) -> list[str | None]:
    """Return the keys of all lifecycle records in Kafka."""
    seen: list[Seen] = await kcat(bootstrap, prefix + LIFECYCLE)
    return sorted((one.key for one in seen), key=str)


async def test_it_says_what_it_opens_and_that_it_stopped(tmp_path: Path) -> None:
    """The log with its position, the listener with its address, and the end as the very last line."""
    with lines_caught() as lines:
        async with receiving(settings(tmp_path)) as receiver:
            assert await post(receiver, numbered(1)) == 200
        async with receiving(settings(tmp_path)) as again:
            pass

    assert [line for line in lines if line["log_level"] == "info"] == [
        line
        for position, one in enumerate((receiver, again))
        for line in (
            {"event": "log.opened", "log_level": "info", "log": receiver.log.id, "position": position},
            {
                "event": "listener.opened",
                "log_level": "info",
                "address": "{}:{}".format(*one.address),
                "tls": False,
            },
            {"event": "receiver.stopped", "log_level": "info"},
        )
    ]


async def test_a_taken_port_leaves_the_log_free(tmp_path: Path) -> None:
    """What was opened before the port is closed again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(OSError, match="address already in use"):
            async with receiving(msgspec.structs.replace(settings(tmp_path), webhook=Webhook(listen=address))):
                pytest.fail("it started")

    async with receiving(settings(tmp_path)) as receiver:
        assert await post(receiver, numbered(1)) == 200


async def test_a_log_has_one_receiver(tmp_path: Path) -> None:
    """A second one is refused and disturbs the first in nothing."""
    async with receiving(settings(tmp_path)) as receiver:
        with pytest.raises(LogInUse):
            async with receiving(settings(tmp_path)):
                pytest.fail("it started")

        assert await post(receiver, numbered(1)) == 200


async def test_passwords_are_replaced_from_the_next_push_on(tmp_path: Path) -> None:
    """Both while one is being replaced, and then the new one alone."""
    async with receiving(settings(tmp_path)) as receiver:
        before = [await post(receiver, numbered(1, password)) for password in (PASSWORD, "new")]
        receiver.replace_secrets([enterprise(PASSWORD, "new")])
        both = [await post(receiver, numbered(2, password)) for password in (PASSWORD, "new")]
        receiver.replace_secrets([enterprise("new")])
        after = [await post(receiver, numbered(3, password)) for password in (PASSWORD, "new")]

    assert (before, both, after) == ([200, 401], [200, 200], [401, 200])


async def test_a_certificate_is_replaced_from_the_next_connection_on(tmp_path: Path) -> None:
    """A renewed certificate needs no restart."""
    authority = trustme.CA()
    client = ssl.create_default_context()
    authority.configure_trust(client)
    client.check_hostname = False

    def issue(name: str) -> None:
        issued = authority.issue_cert(name)
        issued.private_key_pem.write_to_path(tmp_path / "key.pem")
        issued.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")

    async def shown(receiver: Receiver) -> object:
        _, writer = await asyncio.open_connection(*receiver.address, ssl=client)
        certificate: dict[str, object] = writer.get_extra_info("peercert")
        writer.close()
        await writer.wait_closed()
        return certificate["subjectAltName"]

    issue("first.example")
    files: dict[str, Any] = {name: str(tmp_path / f"{what}.pem") for name, what in CERTIFICATE_FILES.items()}
    async with receiving(settings(tmp_path / "log", **files)) as receiver:
        first = await shown(receiver)
        issue("second.example")
        receiver.replace_secrets([enterprise(PASSWORD)])
        second = await shown(receiver)

    assert (first, second) == ((("DNS", "first.example"),), (("DNS", "second.example"),))


CERTIFICATE_FILES: Final = {"tls_certificate_file": "certificate", "tls_key_file": "key"}


async def test_it_is_ready_where_nothing_is_wrong(tmp_path: Path) -> None:
    """No reason against it, with Kafka away for less than max_behind_s too."""
    async with receiving(settings(tmp_path / "alone")) as alone:
        assert await alone.unready() == []
    async with receiving(settings(tmp_path / "kafka", kafka_at(f"127.0.0.1:{free_port()}", ""))) as receiver:
        assert await post(receiver, numbered(1)) == 200
        assert await receiver.unready() == []


async def test_it_is_unready_without_room(tmp_path: Path) -> None:
    """Less than min_free_bytes is a reason before the first push was refused, and the refusal another."""
    async with receiving(settings(tmp_path, min_free_bytes=2**60)) as receiver:
        before = await receiver.unready()
        status = await post(receiver, numbered(1))
        after = await receiver.unready()

    free = before[0].split()[1]
    assert before == [f"disk: {free} bytes free, log.min_free_bytes is {2**60}"]
    assert status == 503
    assert [line.partition(":")[0] for line in after] == ["log", "disk"]
    assert after[0] == "log: the last commit failed (disk_full)"


async def test_it_is_unready_far_behind_kafka_and_ready_again(
    kafka: SharedBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """A record that waits longer than max_behind_s is a reason, with what Kafka fails with; published, it is none."""
    table = kafka_at(kafka.bootstrap, topic_prefix, topics="check", max_behind_s=0.05)
    async with receiving(settings(tmp_path, table)) as receiver:
        assert await post(receiver, numbered(1)) == 200
        found: list[str] = []
        while not found:
            found = await receiver.unready()
        await topics_made(kafka.bootstrap, topic_prefix)
        while await receiver.unready():
            pass

    assert [re.sub(r"\d+ s", "<age>", line) for line in found] == ["forwarder: <age> behind (topic_missing)"]
    assert await keys_in(kafka.bootstrap, topic_prefix) == ["m-1"]


async def test_the_gauges_tell_what_is(tmp_path: Path) -> None:
    """Disk, log, connections and, with Kafka, the forwarder, are set when the metrics are read."""
    meters = PrometheusMeters()
    async with receiving(settings(tmp_path, kafka_at(f"127.0.0.1:{free_port()}", "")), meters) as receiver:
        await post(receiver, numbered(1))
        await receiver.observe()
        names = ("log_bytes", "disk_free_bytes", "pushes_in_flight", "connections", "forwarder_behind_records")
        figures = {name: await metric(meters, f"meetwire_{name}") for name in names}
        size = await receiver.log.run(lambda file: file.size_bytes())

    assert (figures.pop("disk_free_bytes") or 0) > 0
    assert figures.pop("connections") in (0, 1)
    assert figures == {"log_bytes": size, "pushes_in_flight": 0, "forwarder_behind_records": 1}


async def test_after_disk_an_answer_does_not_wait_for_kafka(tmp_path: Path) -> None:
    """With Kafka away, a push is answered 200 and kept."""
    async with receiving(settings(tmp_path, kafka_at(f"127.0.0.1:{free_port()}", ""))) as receiver:
        assert await post(receiver, numbered(1)) == 200
        assert receiver.log.next == 2


async def test_after_kafka_an_answer_waits_for_its_acknowledgement(
    kafka: SharedBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """Nothing is answered before Kafka has it; the retry of what stands in the log waits for the same."""
    table = kafka_at(kafka.bootstrap, topic_prefix, topics="check")
    body, meters = numbered(1), PrometheusMeters()
    async with receiving(settings(tmp_path, table, answer_after="kafka", deadline_s=20), meters) as receiver:
        first = asyncio.create_task(post(receiver, body))
        await receiver.log.news(Position(1))
        again = asyncio.create_task(post(receiver, body))
        await in_flight(receiver, meters, 2)
        answered = [first.done(), again.done()]
        await topics_made(kafka.bootstrap, topic_prefix)
        answers = await asyncio.gather(first, again)
        at_once = await post(receiver, body)

    assert (answered, list(answers), at_once) == ([False, False], [200, 200], 200)
    assert await keys_in(kafka.bootstrap, topic_prefix) == ["m-1"]


async def in_flight(receiver: Receiver, meters: PrometheusMeters, count: int) -> None:
    """Return once so many pushes wait for an answer."""
    async with asyncio.timeout(60):
        while await metric(meters, "meetwire_pushes_in_flight") != count:
            await receiver.observe()


async def test_after_kafka_the_deadline_answers_503_and_the_push_comes_once(
    kafka: SharedBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """The service keeps what was not acknowledged in time and sends it again: one record, however often it came."""
    meters = PrometheusMeters()
    table = kafka_at(kafka.bootstrap, topic_prefix, topics="check")
    body = numbered(1)
    async with receiving(settings(tmp_path, table, answer_after="kafka", deadline_s=0.2), meters) as receiver:
        late = [await post(receiver, body), await post(receiver, body)]
        await topics_made(kafka.bootstrap, topic_prefix)
        while (status := await post(receiver, body)) == 503:
            pass
        refused = await metric(meters, "meetwire_pushes_refused_total", status="503", reason="deadline")

    assert (late, status) == ([503, 503], 200)
    assert (refused or 0) >= 2
    assert await keys_in(kafka.bootstrap, topic_prefix) == ["m-1"]


Stop = Callable[[], "asyncio.Task[bool | None]"]


@asynccontextmanager
async def stoppable(root: Root) -> AsyncIterator[tuple[Receiver, Stop]]:
    """Yield a receiver and what begins its end."""
    block = running(root, PrometheusMeters())
    receiver = await block.__aenter__()
    stopping: list[asyncio.Task[bool | None]] = []

    def stop() -> asyncio.Task[bool | None]:
        stopping.append(asyncio.create_task(block.__aexit__(None, None, None)))
        return stopping[0]

    yield receiver, stop
    await (stopping[0] if stopping else stop())


async def test_what_is_in_flight_at_the_end_gets_its_acknowledgement(
    kafka: SharedBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """The forwarder works until the last answer is out: a push that came before the end is answered 200."""
    table = kafka_at(kafka.bootstrap, topic_prefix, topics="check")
    async with stoppable(settings(tmp_path, table, answer_after="kafka", deadline_s=20)) as (receiver, stop):
        posting = asyncio.create_task(post(receiver, numbered(1)))
        await receiver.log.news(Position(1))
        stopping = stop()
        await nobody_listens(receiver)
        await topics_made(kafka.bootstrap, topic_prefix)

        assert await posting == 200
        await stopping
    assert await keys_in(kafka.bootstrap, topic_prefix) == ["m-1"]


async def test_what_kafka_does_not_take_before_the_end_comes_after_the_next_start(
    kafka: SharedBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """With Kafka away the end waits for the deadline, answers 503 and loses nothing."""
    table = kafka_at(kafka.bootstrap, topic_prefix, topics="check")
    body = numbered(1)
    root = settings(tmp_path, table, answer_after="kafka", deadline_s=0.5)
    async with stoppable(root) as (receiver, stop):
        posting = asyncio.create_task(post(receiver, body))
        await receiver.log.news(Position(1))
        began = time.monotonic()
        await stop()
        took = time.monotonic() - began
        status = await posting
    await topics_made(kafka.bootstrap, topic_prefix)
    async with receiving(settings(tmp_path, table, answer_after="kafka", deadline_s=20)) as receiver:
        again = await post(receiver, body)

    assert (status, again, took < 20) == (503, 200, True)
    assert await keys_in(kafka.bootstrap, topic_prefix) == ["m-1"]


async def nobody_listens(receiver: Receiver) -> None:
    """Return once no new connection is taken."""
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection(*receiver.address)
            except OSError:
                return
            writer.close()
