"""The handler: on disk before it returns, held until it is in the store, and no more than the spool may take."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from consumers.captions.errors import StoreUnavailable
from consumers.captions.keeping import Work
from consumers.errors import SinkUnavailable
from consumers.handler import Received
from consumers.sources import Lag
from schemas.record import Stored
from schemas.topics import CAPTIONS, LIFECYCLE

from .failing import Failing, Plan
from .life.building import alive, meeting
from .running import contents, running, settings, stored

RECORDS = stored([*meeting("m-1", [("p1", "你好")]), *alive(minutes=50)])


def received(records: Sequence[Stored]) -> list[Received]:
    """Return a batch."""
    return [Received(one, None) for one in records]


async def test_what_was_taken_is_on_disk(memory: Path) -> None:
    """Another process finds it there, though nothing is in the store."""
    async with running(settings(memory)) as archive:
        await archive.handler.handle(received(RECORDS[:8]))
    async with running(settings(memory)) as archive:
        held = archive.keeping.held
        await archive.keeping.threads.run(archive.keeping.spool.end, {0: 2**45}, 0)
        await archive.work.store()
        lines = [
            line
            for key, content in (await contents(archive.archive.store)).items()
            if key.endswith(".jsonl")
            for line in content.splitlines()
        ]

    assert min(held.values()) == 1
    assert len(lines) == 8


async def test_what_nobody_can_read_is_evidence_all_the_same(memory: Path) -> None:
    """A value that is no JSON, no UTF-8, or of a type to come."""
    values = (b"\xff\xfe", b"{", b'{"type":"MeetingPaused"}', b"[" * 50_000, b"")
    odd = [
        msgspec.structs.replace(one, record=msgspec.structs.replace(one.record, value=value))
        for one, value in zip(RECORDS, values, strict=False)
    ]
    async with running(settings(memory)) as archive:
        await archive.take([*odd, *RECORDS[len(odd) :]])
        evidence = await contents(archive.archive.store)

    segments = [content for key, content in evidence.items() if key.startswith("evidence/") and key.endswith(".jsonl")]
    lines = [line for content in segments for line in content.splitlines()]
    kept = {placed.offset for placed in map(_placed.decode, lines) if placed.offset <= len(values)}
    assert kept == set(range(1, len(values) + 1))


async def test_a_partition_that_went_to_another_is_let_go(memory: Path) -> None:
    """What is not committed of it is read by whoever has it now; the rest goes on."""
    mine = {(LIFECYCLE, 0), (CAPTIONS, 0)}
    async with running(settings(memory), has=lambda topic, partition: (topic, partition) in mine) as archive:
        await archive.handler.handle(received(RECORDS))
        before = set(archive.handler.held())
        mine.remove((CAPTIONS, 0))
        await archive.handler.handle(received(RECORDS[-1:]))

        assert (before, set(archive.handler.held())) == ({(LIFECYCLE, 0), (CAPTIONS, 0)}, {(LIFECYCLE, 0)})


async def test_a_full_spool_waits_for_the_store(memory: Path) -> None:
    """Nothing more is read while closed segments wait; it goes on by itself, and what is open holds up nothing."""
    options = msgspec.structs.replace(settings(memory), spool_bytes=1)
    async with running(options) as archive:
        await archive.handler.handle(received(RECORDS[:3]))
        handling = asyncio.create_task(archive.handler.handle(received(RECORDS[3:])))
        done, _ = await asyncio.wait((handling,), timeout=0.5)
        await archive.work.store()
        await handling

        assert done == set()
        assert archive.keeping.size > options.spool_bytes


async def test_a_disk_that_does_not_take_it_ends_the_consumer(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is committed, and nothing half-written goes to the store."""

    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async with running(settings(memory)) as archive:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fdatasync", refuse)
            with pytest.raises(SinkUnavailable, match=r"captions\.spool_folder: No space left on device"):
                await archive.handler.handle(received(RECORDS))
        await archive.work.store()

        assert [key for key in await contents(archive.archive.store) if key.endswith(".jsonl")] == []


async def test_what_ended_the_work_ends_the_handler(memory: Path) -> None:
    """A consumer that only spools would not be one."""

    def fail() -> None:
        raise StoreUnavailable("file:archive: gone")

    async with running(settings(memory)) as archive:
        archive.handler._failed = fail
        with pytest.raises(SinkUnavailable, match="file:archive: gone"):
            await archive.handler.handle(received(RECORDS[:1]))


async def test_a_store_that_is_away_is_said_once_and_tried_again(memory: Path) -> None:
    """The work goes on by itself when it is back."""
    plan = Plan(6, away=True)
    with capture_logs() as lines:
        async with running(settings(memory), wrapped=lambda store: Failing(store, plan)) as archive:
            working = asyncio.create_task(archive.work.run())
            await archive.handler.handle(received(RECORDS))
            archive.handler.looked(Lag(0, 0.0))
            await _until_closed(archive.work, lines)
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    said = [line["event"] for line in lines if str(line["event"]).startswith(("store.", "meeting."))]
    assert said == ["store.failed", "store.recovered", "meeting.archived"] or said == [
        "store.failed",
        "meeting.archived",
        "store.recovered",
    ]


async def _until_closed(work: Work, lines: Sequence[object]) -> None:
    async with asyncio.timeout(60):
        while "store.recovered" not in str(lines) or "meeting.archived" not in str(lines):  # noqa: ASYNC110 -- no event
            await asyncio.sleep(0.02)


class _Placed(msgspec.Struct):
    offset: int


_placed = msgspec.json.Decoder(_Placed)
