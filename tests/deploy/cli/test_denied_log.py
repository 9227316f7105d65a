"""A log that this user may not read is one line that names the folder, whichever command wants to read it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ...consumers.writing import LogWriter
from .running import MEETWIRE, Ended, running

# Root enters every folder, unless the command runs without what makes it root.
LIKE_ANYBODY = ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.geteuid() == 0 else ()
SETTINGS = """
[captions]
store = "file:archive"
spool_folder = "spool"
index_file = "index.sqlite"
signing_key_file = "archive.key"

[qos]
state_folder = "qos"

[dashboard]
listen = "127.0.0.1:0"
users_file = "users.json"
"""
CONSUMERS = [("consume", name, "--log") for name in ("captions", "qos", "dashboard")]


def logged(folder: Path) -> Path:
    """Write the settings, and a log; return its folder."""
    (folder / "meetwire.toml").write_text(SETTINGS)
    LogWriter(folder / "data/log").close()
    return folder / "data/log"


@contextmanager
def closed(folder: Path) -> Iterator[None]:
    """Let nobody into the folder within the block."""
    folder.chmod(0)
    try:
        yield
    finally:
        folder.chmod(0o700)


async def by_anybody(*words: str, folder: Path) -> Ended:
    """Run a command to its end, without root's rights."""
    async with running(*words, folder=folder, command=(*LIKE_ANYBODY, *MEETWIRE)) as started:
        return await started.ended()


@pytest.mark.parametrize(
    "words",
    [("tail",), ("tail", "--no-follow"), ("qos", "replay"), ("redrive",), ("redrive", "--dry-run"), *CONSUMERS],
    ids=" ".join,
)
async def test_a_folder_that_may_not_be_entered_is_said(tmp_path: Path, words: tuple[str, ...]) -> None:
    """As the receiver says it; status 2, for to start it again is in vain. No link to a dashboard that ends."""
    log = await asyncio.to_thread(logged, tmp_path)

    with closed(log):
        ended = await by_anybody(*words, folder=tmp_path)

    assert (ended.status, ended.out, ended.err) == (2, "", ["meetwire: log.folder data/log: Permission denied"])


async def test_a_place_that_may_not_be_kept_is_said(tmp_path: Path) -> None:
    """Where a consumer keeps how far it has read."""
    log = await asyncio.to_thread(logged, tmp_path)
    (log / "readers").mkdir()

    with closed(log / "readers"):
        ended = await by_anybody("consume", "captions", folder=tmp_path)

    assert (ended.status, ended.err) == (2, ["meetwire: data/log/readers cannot be written: Permission denied"])


@pytest.mark.parametrize("words", [("qos", "replay"), *CONSUMERS], ids=" ".join)
async def test_a_damaged_log_is_said(tmp_path: Path, words: tuple[str, ...]) -> None:
    """By every reader as by `tail`, and no traceback of a database."""
    log = await asyncio.to_thread(logged, tmp_path)
    (log / "log.sqlite").write_bytes(b"no database, however long one reads in it. " * 100)

    ended = await by_anybody(*words, folder=tmp_path)

    assert (ended.status, ended.err) == (1, ["meetwire: log.folder data/log: file is not a database"])
