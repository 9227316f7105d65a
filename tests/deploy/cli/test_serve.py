"""`meetwire standalone` and `meetwire receive` start, take pushes, and stop without losing one."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from receiver.log import LogFile
from receiver.subscriber.notes import MARKS
from schemas.settings import DEFAULT_PARTITIONS
from tests.kafka.fixtures import OwnBroker
from tests.kafka.readers import kcat
from tests.receiver.listening import left_open

from .pushes import ACCEPTED, ACME, PASSWORD, PATH, SETTINGS, Answer, get, post, push, settled
from .running import Running, Service, meetwire, running, serving

STARTED_AND_STOPPED = ["log.opened", "listener.opened", "receiver.started", "receiver.stopped"]


async def originals(folder: Path) -> list[bytes]:
    """Return the pushes whose events are in the log, as they came."""
    shown = await meetwire("tail", "--no-follow", "--json", folder=folder)
    assert (shown.status, shown.err) == (0, [])
    return [json.loads(line)["value"]["original"].encode() for line in shown.out.splitlines()]


@pytest.mark.parametrize("command", ["standalone", "receive"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_push_is_taken_and_in_the_log(tmp_path: Path, command: str, number: signal.Signals) -> None:
    """From the start to an orderly stop: 200 for a push, its event in the log, status 0, four log lines."""
    folder, body = settled(tmp_path), push()

    async with serving(command, folder=folder) as service:
        answer = await post(service, body)
        ended = await service.stopped(number)

    assert answer == ACCEPTED
    assert (ended.status, ended.out, ended.err, ended.events) == (0, "", [], STARTED_AND_STOPPED)
    assert await originals(folder) == [body]


async def test_a_push_in_flight_is_answered_before_the_end(tmp_path: Path, own_broker: OwnBroker) -> None:
    """After SIGTERM nobody new is let in, and who waits for Kafka still gets its acknowledgement for an answer."""
    broker, body = await own_broker(), push()
    kafka = f'[kafka]\nservers = ["{broker.bootstrap}"]\npartitions = 2\n'
    folder = settled(tmp_path, kafka, webhook='answer_after = "kafka"\ndeadline_s = 25\n')

    async with serving(folder=folder) as service:
        before = await post(service, push(meeting_id="1"))
        broker.freeze()
        waiting = asyncio.create_task(post(service, body))
        await a_push_waits(service)
        service.tell(signal.SIGTERM)
        await nobody_listens(service)
        broker.thaw()
        answers = (before, await waiting)
        ended = await service.ended()

    assert answers == (ACCEPTED, ACCEPTED)
    assert (ended.status, ended.events[-1]) == (0, "receiver.stopped")
    seen = await kcat(broker.bootstrap, "meeting.lifecycle.v1")
    assert [json.loads(record.payload or "")["original"].encode() for record in seen if record.key != "1"] == [body]


async def a_push_waits(service: Service) -> None:
    """Return once a push is in flight."""
    while b"\nmeetwire_pushes_in_flight 1.0\n" not in (await get(f"{service.admin}/metrics")).body:
        pass


async def nobody_listens(service: Service) -> None:
    """Return once connections are refused."""
    host, _, port = service.webhook.removeprefix("http://").rpartition(":")
    # Reset: it was closed while we stood in its queue.
    with suppress(ConnectionRefusedError, ConnectionResetError):
        while True:
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
            await writer.wait_closed()


async def test_every_path_of_the_settings_takes_pushes_and_no_other(tmp_path: Path) -> None:
    """Whether the service adds a path to its URL is not known, so several may be configured."""
    folder = settled(tmp_path, webhook='paths = ["/", "/openapi/meetingevent"]\n')

    async with serving(folder=folder) as service:
        answers = {path: await post(service, push(meeting_id=path), path=path) for path in ("/", PATH, "/other")}

    assert answers == {"/": ACCEPTED, PATH: ACCEPTED, "/other": Answer(404, b"")}


async def test_a_handshake_is_answered_however_old_it_is(tmp_path: Path) -> None:
    """It makes no event, so there is nothing in it to disbelieve; enabling must not fail for a clock."""
    info = {"event": "meeting.verify", "timestamp": 1_629_183_619_116}
    body = ACME.push(info, timestamp_ms=1_629_183_619_116, nonce="85262798")
    folder = settled(tmp_path)

    async with serving(folder=folder) as service:
        answer = await post(service, body)

    assert answer == Answer(200, b'{"event":"meeting.verify","nonce":"85262798"}')
    assert (await meetwire("tail", "--no-follow", folder=folder)).out == ""


async def test_admin_pages_are_not_on_the_public_listener(tmp_path: Path) -> None:
    """A stranger who reaches the webhook finds none of the operator's pages there."""
    pages = ("healthz", "readyz", "metrics", "redrive")

    async with serving(folder=settled(tmp_path)) as service:
        public = {page: (await get(f"{service.webhook}/{page}")).status for page in pages}
        posted = await post(service, push(), path="/redrive")
        admin = {page: (await get(f"{service.admin}/{page}")).status for page in pages}

    assert public == dict.fromkeys(pages, 404)
    assert posted == Answer(404, b"")
    assert admin == {"healthz": 200, "readyz": 200, "metrics": 200, "redrive": 405}


async def test_no_password_is_in_a_line_or_in_the_list_of_processes(tmp_path: Path) -> None:
    """Whatever happens, at the most talkative level: good pushes, bad ones, secrets read again."""
    folder = settled(tmp_path, '[logging]\nlevel = "debug"\n')

    async with serving(folder=folder) as service:
        await post(service, push())
        await post(service, push().replace(b"signature", b"Signature"))
        await post(service, b"no JSON " + PASSWORD.encode())
        service.tell(signal.SIGHUP)
        await service.said("settings.reloaded")
        (folder / "meetwire.toml").write_text(SETTINGS.replace(f'["{PASSWORD}"]', f'"{PASSWORD}"'))
        service.tell(signal.SIGHUP)
        await service.said("settings.refused")
        shown = await command_line(service)
        ended = await service.stopped()

    assert "push.refused" in ended.events
    assert "push.accepted" in ended.events
    assert PASSWORD not in shown
    assert PASSWORD not in json.dumps(ended)


async def command_line(started: Running) -> str:
    """Return what `ps` shows of it."""
    path = Path(f"/proc/{started.process.pid}/cmdline")
    return (await asyncio.to_thread(path.read_bytes)).decode()


async def test_a_second_process_is_kept_out_of_the_log(tmp_path: Path) -> None:
    """One log has one writer: the second says so in one line, and the first goes on."""
    folder = settled(tmp_path)

    async with serving(folder=folder) as service:
        second = await meetwire("standalone", folder=folder)
        answer = await post(service, push())

    assert (second.status, second.err) == (2, ["meetwire: another process writes the log in data/log"])
    assert answer == ACCEPTED


async def test_it_starts_again_on_the_same_log(tmp_path: Path) -> None:
    """What was answered before a stop is there after the next start, and a retry of it is not appended again."""
    folder, body = settled(tmp_path), push()

    for _ in range(2):
        async with serving(folder=folder) as service:
            assert await post(service, body) == ACCEPTED
            assert (await service.stopped()).status == 0

    assert await originals(folder) == [body]


@pytest.mark.parametrize("command", ["standalone", "receive"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_full_disk_after_a_crash_holds_up_neither_start_nor_stop(
    tmp_path: Path, command: str, number: signal.Signals
) -> None:
    """What was left open cannot be told then: pushes get 503, the operator's pages say why, and a signal ends it."""
    app = '[enterprises.app]\nid = "an-app"\nkeys = ["marker"]\napi = "http://127.0.0.1:1"\n'
    full = "[log]\nmin_free_bytes = 1_000_000_000_000_000\n"
    (tmp_path / "meetwire.toml").write_text(full + SETTINGS + app)
    await asyncio.to_thread(left_open, tmp_path / "data/log")
    before = await asyncio.to_thread(notes, tmp_path)

    async with asyncio.timeout(60), serving(command, folder=tmp_path) as service:
        answer = await post(service, push())
        pages = {page: await get(f"{service.admin}/{page}") for page in ("healthz", "readyz", "metrics")}
        ended = await service.stopped(number)

    assert (answer.status, [page.status for page in pages.values()]) == (503, [200, 503, 200])
    assert [line.partition(b":")[0] for line in pages["readyz"].body.splitlines()] == [b"log", b"disk"]
    assert (ended.status, ended.events[-1]) == (0, "receiver.stopped")
    assert await asyncio.to_thread(notes, tmp_path) == before != {}


def notes(folder: Path) -> dict[str, bytes]:
    """Return the notes of subscriptions in the log."""
    file = LogFile(folder / "data/log", partitions=DEFAULT_PARTITIONS, min_free_bytes=0)
    try:
        return file.marks(MARKS)
    finally:
        file.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_a_start_that_takes_long(tmp_path: Path, number: signal.Signals) -> None:
    """Here quality alerts wait for a Kafka that says nothing: nobody who stops it has to."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        kafka = f'[kafka]\nservers = ["127.0.0.1:{silent.getsockname()[1]}"]\n'
        folder = settled(tmp_path, kafka + '[qos]\nstate_folder = "qos"\n')
        async with running("standalone", folder=folder) as started:
            await started.said("listener.opened")
            async with asyncio.timeout(30):
                ended = await started.stopped(number)

    assert (ended.status, ended.err, ended.events[-1]) == (0, [], "receiver.stopped")
    assert "receiver.started" not in ended.events
