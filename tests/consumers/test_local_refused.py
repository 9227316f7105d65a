"""What the local source will not read, and what it says then."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from consumers.errors import SourceUnavailable
from consumers.sources import Reading

from .reading_log import local
from .reads import PATIENCE_S, reading
from .records import NOON, numbered
from .writing import LogWriter


async def test_a_missing_log_is_said_with_what_to_do(tmp_path: Path) -> None:
    """Most likely the folder is a wrong one."""
    with pytest.raises(SourceUnavailable, match=r"no log in .*: start the receiver first, or name its log.folder"):
        async with local(tmp_path, reading()):
            pass


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        pytest.param("UPDATE meta SET value = '2' WHERE name = 'form'", "has form 2, this version reads 1", id="newer"),
        pytest.param("DELETE FROM meta", "is no log of ours", id="empty"),
        pytest.param("DROP TABLE meta", "cannot be read: no such table: meta", id="another database"),
    ],
)
async def test_a_log_of_another_form_is_refused(writer: LogWriter, change: str, complaint: str) -> None:
    """Guessing would be worse."""
    writer.database.execute(change)

    with pytest.raises(SourceUnavailable, match=complaint):
        async with local(writer.folder, reading()):
            pass


async def test_what_cannot_be_begun_holds_nothing(writer: LogWriter) -> None:
    """Neither the file nor the group's place, however long somebody keeps the error."""
    writer.database.execute("DROP TABLE commits")
    kept = []

    for _ in range(2):
        with pytest.raises(SourceUnavailable, match="cannot be read: no such table: commits") as raised:
            async with local(writer.folder, reading(group="g")):
                pass
        kept.append(raised.value)

    assert len(kept) == 2


async def test_a_damaged_row_is_said_with_its_place(writer: LogWriter) -> None:
    """It is not skipped in silence."""
    writer.append(*numbered(1))
    writer.database.execute("UPDATE commits SET records = x'ff'")

    async with local(writer.folder, reading()) as source:
        with pytest.raises(SourceUnavailable, match="is damaged at position 1"):
            await source.fetch(10, 0.0)


async def test_a_failing_look_is_not_taken_for_silence(writer: LogWriter) -> None:
    """A reader that waits for news learns that there can be none."""

    async def pause() -> None:
        await asyncio.to_thread(writer.database.execute, "DROP TABLE commits")

    async with local(writer.folder, reading(), pause=pause) as source:
        with pytest.raises(SourceUnavailable, match="cannot be read: no such table: commits"):
            await source.fetch(10, PATIENCE_S)


@pytest.mark.parametrize("group", ["", ".", "../g", "a/b", "g\n", "x" * 101])
def test_a_group_that_is_no_file_name_is_refused(group: str) -> None:
    """It would be one, beside the log."""
    with pytest.raises(ValueError, match="is no name of a group"):
        Reading(consumer="test", group=group)


def test_a_reading_of_no_topic_is_refused() -> None:
    """It would wait for ever."""
    with pytest.raises(ValueError, match="a reading needs a topic"):
        Reading(consumer="test", topics=frozenset())


def test_an_instant_of_nowhere_is_refused() -> None:
    """It would mean another time on another machine."""
    with pytest.raises(ValueError, match="an instant to start from needs a time zone"):
        Reading(consumer="test", start=NOON.replace(tzinfo=None))
