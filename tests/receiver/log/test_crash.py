"""What a crash leaves: whole commits, up to the last one that was told of, and none of the next."""

from __future__ import annotations

import itertools
import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.log import Chunk, LogFile, LogReader
from schemas.ids import Position
from schemas.locallog import FILE_NAME

from .appending import numbered, pushes_before
from .entries import PARTITIONS

WAL_NAME = f"{FILE_NAME}-wal"


def opened(folder: Path) -> LogFile:
    """Return the log in `folder`."""
    return LogFile(folder, partitions=PARTITIONS, min_free_bytes=0)


def everything(folder: Path) -> Chunk | None:
    """Return all that is in the log."""
    with closing(LogReader(folder)) as reader:
        return reader.read(Position(1), 10**6)


def integrity(folder: Path) -> str:
    """Return what SQLite finds wrong with the file, or "ok"."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as database:
        return str(database.execute("PRAGMA integrity_check").fetchone()[0])


def killed_after(commits: int, folder: Path, seed: int) -> int:
    """Append in another process, kill it with -9 after so many commits, and return what it said last."""
    command = [sys.executable, "-m", "tests.receiver.log.appending", str(folder), str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = list(itertools.islice(process.stdout, commits))
        process.kill()
        # What it said between the last line that was read and its end counts as well.
        told += process.stdout.readlines()
    return int([line for line in told if line.endswith("\n")][-1])


def test_a_killed_writer_leaves_whole_commits(tmp_path: Path) -> None:
    """Killed with -9 again and again, amid its commits, a log has all it told of, whole pushes, and no gap."""
    rng = random.Random(7)  # noqa: S311 -- moments, no secrets
    ends = []
    for seed in range(6):
        told = killed_after(rng.randint(1, 40), tmp_path, seed)
        assert integrity(tmp_path) == "ok"
        with closing(opened(tmp_path)) as file:
            ends.append((told, file.next - 1))
        pushes = [numbered(number) for number in range(pushes_before(file.next))]
        assert everything(tmp_path) == Chunk(Position(1), [record for push in pushes for record in push.records])

    assert all(told <= there for told, there in ends)
    assert [there for _, there in ends] == sorted({there for _, there in ends})


def test_a_killed_writer_leaves_the_ids_with_the_records(tmp_path: Path) -> None:
    """After a crash every push that is there is a repeat, and the first that is not there is none."""
    killed_after(20, tmp_path, seed=1)

    with closing(opened(tmp_path)) as file:
        there = pushes_before(file.next)
        again = file.write([numbered(number) for number in range(there + 1)], 2_000)

    assert there > 20
    assert [one.repeated for one in again.appended] == [True] * there + [False]


@pytest.fixture(scope="module")
def torn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log as a machine that lost power leaves it: its commits in the WAL alone."""
    live, left = tmp_path_factory.mktemp("live"), tmp_path_factory.mktemp("left")
    pushes = map(numbered, itertools.count())
    with closing(opened(live)) as file:
        for size in (1, 3, 2, 8, 1, 1, 20, 4):
            file.write([next(pushes) for _ in range(size)], 1_000)
        for name in (FILE_NAME, WAL_NAME):
            shutil.copy(live / name, left / name)
    return left


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_torn_wal_leaves_whole_commits(torn: Path, data: st.DataObject) -> None:
    """Wherever the WAL ends, with garbage behind or without, what is read is a beginning of whole pushes."""
    wal = (torn / WAL_NAME).read_bytes()
    kept = data.draw(st.integers(0, len(wal)), label="bytes kept")
    garbage = data.draw(st.binary(max_size=64), label="garbage behind") * 100
    with TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(torn / FILE_NAME, folder / FILE_NAME)
        (folder / WAL_NAME).write_bytes(wal[:kept] + garbage)

        with closing(opened(folder)) as file:
            end = file.next
            appended = file.write([numbered(10**6)], 2_000).appended

        assert integrity(folder) == "ok"
        pushes = [numbered(number) for number in [*range(pushes_before(end)), 10**6]]
        assert everything(folder) == Chunk(Position(1), [record for push in pushes for record in push.records])
        assert [(one.position, one.repeated) for one in appended] == [(end, False)]


def test_a_whole_wal_has_every_commit(torn: Path, tmp_path: Path) -> None:
    """The log that the cuts are made of ends where its last commit did."""
    for name in (FILE_NAME, WAL_NAME):
        shutil.copy(torn / name, tmp_path / name)

    with closing(opened(tmp_path)) as file:
        assert pushes_before(file.next) == 40


def test_another_process_reads_while_we_write(tmp_path: Path) -> None:
    """A reader sees every record once, in order, without a gap, while commits go on."""
    pushes = [numbered(number) for number in range(2_000)]
    records = [record.id for push in pushes for record in push.records]
    with closing(opened(tmp_path)) as file:
        command = [sys.executable, "-m", "tests.receiver.log.following", str(tmp_path), str(len(records))]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "reading\n"
            for start in range(0, len(pushes), 10):
                file.write(pushes[start : start + 10], 1_000)
            seen = process.stdout.read().split()

    assert seen == records
