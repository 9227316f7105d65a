"""A group's place in the local log: where it goes on, and what the writer must keep for it."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from consumers.errors import SourceUnavailable
from schemas import locallog as form
from schemas.ids import Position
from schemas.record import Stored

from .clock import Clock
from .reading_log import local, place
from .reads import read, reading, stored
from .records import LOG, NOON, OTHER_LOG, numbered
from .writing import LogWriter


async def test_a_group_is_known_to_the_writer_from_its_opening(writer: LogWriter) -> None:
    """What it has not read is kept, before it has read anything."""
    async with local(writer.folder, reading(group="g"), now=Clock()):
        assert place(writer) == form.ReaderPlace(group="g", log=LOG, position=Position(1), seen_at=NOON)


async def test_a_commit_moves_the_groups_place(writer: LogWriter) -> None:
    """The writer may prune what lies before it."""
    writer.append(*numbered(3))
    async with local(writer.folder, reading(group="g"), now=Clock()) as source:
        await read(source, 3)
        await source.commit()

    assert place(writer) == form.ReaderPlace(group="g", log=LOG, position=Position(4), seen_at=NOON)


async def test_a_group_is_seen_every_minute_without_progress(writer: LogWriter) -> None:
    """A group with nothing to read, or a handler that is stuck, is not taken for one that is gone."""
    clock = Clock()
    async with local(writer.folder, reading(group="g"), now=clock) as source:
        seen = []
        for _ in range(4):
            await source.fetch(10, 0.0)
            seen.append(place(writer).seen_at - NOON)
            clock.at += timedelta(seconds=20)

    assert seen == [timedelta(0), timedelta(0), timedelta(seconds=40), timedelta(seconds=40)]


async def test_a_reader_without_a_group_writes_nothing(writer: LogWriter) -> None:
    """A tail holds up no pruning."""
    writer.append(*numbered(1))
    async with local(writer.folder, reading()) as source:
        await read(source, 1)
        await source.commit()

    assert not (writer.folder / "readers").exists()


async def test_a_group_has_one_process(writer: LogWriter) -> None:
    """The second is refused: each would read everything and overwrite the other's place."""
    async with local(writer.folder, reading(group="g")):
        with pytest.raises(SourceUnavailable, match="another process reads as group g"):
            async with local(writer.folder, reading(group="g")):
                pass


async def test_a_beginning_that_is_cut_short_keeps_no_place(writer: LogWriter) -> None:
    """Whoever begins next has the group: in this process too."""
    begun, go_on = threading.Event(), threading.Event()

    def now() -> datetime:
        begun.set()
        go_on.wait(60)
        return NOON

    opening = asyncio.create_task(local(writer.folder, reading(group="g"), now=now).__aenter__())
    await asyncio.to_thread(begun.wait)
    opening.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await opening

    async with local(writer.folder, reading(group="g")) as source:
        assert await source.ends() == source.places()


async def test_a_groups_place_in_another_log_is_void(writer: LogWriter, tmp_path: Path) -> None:
    """Where the log was made anew, all that is in it is new to the group; it does not wait for a number to come."""
    writer.append(*numbered(5))
    async with local(writer.folder, reading(group="g")) as source:
        await read(source, 5)
        await source.commit()
    (writer.folder / "readers").rename(tmp_path / "kept")
    other = LogWriter(tmp_path / "other", OTHER_LOG)
    (tmp_path / "kept").rename(other.folder / "readers")
    other.append(*numbered(1))

    async with local(other.folder, reading(group="g", start="latest")) as source:
        assert (await source.fetch(10, 0.0)).records == [Stored(OTHER_LOG, Position(1), numbered(1)[0])]
    other.close()


async def test_a_place_beyond_the_end_is_void(writer: LogWriter) -> None:
    """A log from a backup gives its positions again, to other records."""
    writer.append(*numbered(5))
    async with local(writer.folder, reading(group="g")) as source:
        await read(source, 5)
        await source.commit()
    writer.database.execute("DELETE FROM commits")
    writer.next = Position(1)
    writer.append(*numbered(2))

    async with local(writer.folder, reading(group="g")) as source:
        assert await read(source, 2) == stored(*numbered(2))


async def test_a_damaged_place_is_refused(writer: LogWriter) -> None:
    """Starting over is the operator's decision."""
    (writer.folder / "readers").mkdir()
    (writer.folder / "readers" / "g.json").write_bytes(b"{")

    with pytest.raises(SourceUnavailable, match=r"g\.json is damaged; without it the group starts anew"):
        async with local(writer.folder, reading(group="g")):
            pass


async def test_a_place_that_cannot_be_written_is_said(writer: LogWriter) -> None:
    """Nothing is taken for committed that is not on disk."""
    writer.append(*numbered(1))
    async with local(writer.folder, reading(group="g")) as source:
        await read(source, 1)
        (writer.folder / "readers" / "g.draft").mkdir()

        with pytest.raises(SourceUnavailable, match=r"g\.json cannot be written: Is a directory"):
            await source.commit()
