"""From a consumer's sink through the socket into a receiver's log, and what happens where there is none."""

from __future__ import annotations

import asyncio
import contextlib
import io
import socket
import stat
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from consumers.sources import Reading
from deploy.appending import address, batch
from deploy.appending.listener import appending
from deploy.meters import PrometheusMeters
from deploy.sinks import LogSink, ReceiverSink
from receiver.log import LogFile, SqliteLog
from schemas.record import Record
from schemas.topics import ALERTS, UNRECOGNISED
from tests.consumers.reading_log import local
from tests.consumers.reads import fetched
from tests.consumers.records import numbered

from .said import PARTITIONS, dead_letter, notified

READING = Reading(consumer="test", topics=frozenset({ALERTS, UNRECOGNISED}))


@contextlib.asynccontextmanager
async def receiving(folder: Path, *, min_free_bytes: int = 0) -> AsyncIterator[SqliteLog]:
    """Have a log and its socket."""
    file = await asyncio.to_thread(lambda: LogFile(folder, partitions=PARTITIONS, min_free_bytes=min_free_bytes))
    async with SqliteLog.opened(file, PrometheusMeters()) as log, appending(folder, LogSink(log), PARTITIONS):
        yield log


class Waiting:
    """Takes nothing before it may; implements Sink."""

    def __init__(self) -> None:
        self.may, self.asked = asyncio.Event(), asyncio.Event()

    async def publish(self, records: Sequence[Record]) -> None:
        """Wait."""
        self.asked.set()
        await self.may.wait()


async def stored(folder: Path, count: int) -> list[Record]:
    """Return what the log holds."""
    async with local(folder, READING) as reader:
        return [one.record for one in await fetched(reader, count)]


@pytest.mark.parametrize("name", ["log", "a" * 200], ids=["a short path", "a path that no socket has"])
async def test_the_log_has_what_was_published(tmp_path: Path, name: str) -> None:
    """By the time that it is answered, in order, however much; and nobody but its user reaches the socket."""
    folder = tmp_path / name
    records = [notified(number, channel="x" * 100_000) for number in range(20)] + [dead_letter()]

    async with receiving(folder) as log:
        await ReceiverSink(folder).publish(records)
        last = log.next - 1
        mode = await asyncio.to_thread((folder / address.SOCKET_NAME).stat)

    assert (last, stat.S_IMODE(mode.st_mode)) == (21, 0o600)
    assert await stored(folder, 21) == records
    assert not await asyncio.to_thread((folder / address.SOCKET_NAME).exists)


async def test_a_socket_that_a_killed_receiver_left_is_replaced(tmp_path: Path) -> None:
    """And what was tried meanwhile says what to do."""
    with address.opened(tmp_path) as path, socket.socket(socket.AF_UNIX) as left:
        left.bind(path)

    with pytest.raises(OSError, match=f"no receiver has the log in {tmp_path}: start meetwire receive or standalone"):
        await ReceiverSink(tmp_path).publish([notified(1)])
    async with receiving(tmp_path):
        await ReceiverSink(tmp_path).publish([notified(1)])

    assert await stored(tmp_path, 1) == [notified(1)]


@pytest.mark.parametrize("name", [".", "none"], ids=["no socket", "no folder"])
async def test_without_a_receiver_it_is_said_to_be_away(tmp_path: Path, name: str) -> None:
    """As an OSError, which a consumer waits after."""
    with pytest.raises(OSError, match="no receiver has the log in"):
        await ReceiverSink(tmp_path / name).publish([notified(1)])


async def test_what_else_keeps_it_away_is_said(tmp_path: Path) -> None:
    """In the system's words: a folder that is none, or another user's."""
    await asyncio.to_thread((tmp_path / "file").touch)

    with pytest.raises(OSError, match=f"the receiver of the log in {tmp_path / 'file'}: Not a directory"):
        await ReceiverSink(tmp_path / "file").publish([notified(1)])


async def test_the_receiver_says_why_it_takes_nothing(tmp_path: Path) -> None:
    """A full disk, in the words of its log."""
    async with receiving(tmp_path, min_free_bytes=2**62):
        with pytest.raises(OSError, match="the log does not take them: disk_full"):
            await ReceiverSink(tmp_path).publish([notified(1)])


async def test_what_it_refuses_is_said_on_both_sides(tmp_path: Path) -> None:
    """To the consumer and in the receiver's own log; nothing of the batch is kept."""
    async with receiving(tmp_path) as log:
        with capture_logs() as lines, pytest.raises(OSError, match="only to ") as refused:
            await ReceiverSink(tmp_path).publish([notified(1), *numbered(1)])
        assert log.next == 1

    why = "record 1: only to meeting.alerts.v1 and meeting.unrecognised.v1 may a consumer write"
    assert str(refused.value) == f"the receiver of the log in {tmp_path}: {why}"
    assert lines == [{"event": "append.refused", "log_level": "warning", "reason": why}]


async def test_a_batch_without_end_is_refused(tmp_path: Path) -> None:
    """Its bytes are bounded before anything is read from them."""
    async with receiving(tmp_path):
        status, words = await _posted(tmp_path, io.BytesIO(b"x" * (batch.MAX_BODY + 1)))

    assert (status, words) == (413, "a batch has 4194304 bytes at the most")


async def test_a_batch_that_does_not_come_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds a place that others wait for."""
    monkeypatch.setattr("deploy.appending.listener._READ_S", 0.05)

    async def slowly() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    async with receiving(tmp_path):
        status, words = await _posted(tmp_path, slowly())

    assert (status, words) == (408, "the batch was not here within 0 s")


async def test_a_receiver_that_does_not_answer_is_an_error(tmp_path: Path) -> None:
    """After a while, with what was waited for."""
    sink = Waiting()
    async with appending(tmp_path, sink, PARTITIONS):
        with pytest.raises(OSError, match=f"the receiver of the log in {tmp_path}: no answer within 0 s"):
            await ReceiverSink(tmp_path, patience_s=0.2).publish([notified(1)])
        sink.may.set()


async def test_what_is_no_receiver_is_an_error(tmp_path: Path) -> None:
    """Whatever it is that listens there."""

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    with address.opened(tmp_path) as path:
        async with await asyncio.start_unix_server(hang_up, path):
            with pytest.raises(OSError, match=f"the receiver of the log in {tmp_path}: "):
                await ReceiverSink(tmp_path).publish([notified(1)])


async def test_what_is_in_hand_when_it_stops_is_answered(tmp_path: Path) -> None:
    """The consumer need not send it again."""
    sink = Waiting()
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(appending(tmp_path, sink, PARTITIONS))
        publishing = asyncio.create_task(ReceiverSink(tmp_path).publish([notified(1)]))
        await sink.asked.wait()
        stopping = asyncio.create_task(stack.aclose())
        while (tmp_path / address.SOCKET_NAME).exists():  # noqa: ASYNC110 -- a file tells nobody
            await asyncio.sleep(0)
        sink.may.set()
        await publishing
        await stopping


async def test_a_receiver_goes_on_without_a_socket(tmp_path: Path) -> None:
    """Where something else has its name: that is left alone, and said."""
    await asyncio.to_thread((tmp_path / address.SOCKET_NAME).write_text, "an operator's")

    with capture_logs() as lines:
        async with appending(tmp_path, Waiting(), PARTITIONS):
            pass

    assert [(line["event"], line["reason"]) for line in lines] == [("append.failed", "Address already in use")]
    assert await asyncio.to_thread((tmp_path / address.SOCKET_NAME).read_text) == "an operator's"


async def _posted(folder: Path, body: io.BytesIO | AsyncIterator[bytes]) -> tuple[int, str]:
    with address.opened(folder) as path:
        async with (
            aiohttp.ClientSession(connector=aiohttp.UnixConnector(path)) as session,
            session.post("http://receiver/append", data=body) as answer,
        ):
            return answer.status, await answer.text()


async def test_who_is_cancelled_at_any_turn_leaves_no_socket(tmp_path: Path) -> None:
    """Also while a thread still makes it."""
    file = await asyncio.to_thread(lambda: LogFile(tmp_path, partitions=PARTITIONS, min_free_bytes=0))
    async with SqliteLog.opened(file, PrometheusMeters()) as log:
        opened = 0

        async def open_it() -> None:
            nonlocal opened
            async with appending(tmp_path, LogSink(log), PARTITIONS):
                opened += 1
                await asyncio.Event().wait()

        turns = 0
        while opened < 20:
            opening = asyncio.create_task(open_it())
            for _ in range(turns):
                await asyncio.sleep(0)
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening
            assert not await asyncio.to_thread((tmp_path / address.SOCKET_NAME).exists), turns
            turns += 1
