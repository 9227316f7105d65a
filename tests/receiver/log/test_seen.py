"""The ids' table stays quick however full it is, since what comes together lies together."""

from __future__ import annotations

import random
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Final

from receiver.entry import Entry, SeenId
from receiver.log import LogFile
from schemas.locallog import FILE_NAME, INSERT_SEEN

from .entries import AT_MS, PARTITIONS, entry

# SQLite's file format, "The Write-Ahead Log": a head with the page size in its third word, frames of a head and a page.
_HEAD_BYTES: Final = 32
_FRAME_HEAD_BYTES: Final = 24
_CROWD: Final = 100_000


def wal_frames(file: LogFile) -> int:
    """Return how many pages the WAL holds."""
    wal = (file.folder / f"{FILE_NAME}-wal").read_bytes()
    page_bytes = int.from_bytes(wal[8:12])
    return (len(wal) - _HEAD_BYTES) // (_FRAME_HEAD_BYTES + page_bytes)


def pages_of_a_commit(folder: Path, crowd: Iterable[SeenId], seen: Iterable[SeenId]) -> int:
    """Return how many pages a commit of `seen` writes where the `crowd` is there already."""
    with closing(LogFile(folder, partitions=PARTITIONS, min_free_bytes=0)) as file:
        # Not through `write`: that would be their records above all.
        file._database.execute("BEGIN")
        file._database.executemany(INSERT_SEEN, ((one.key, 1, 1) for one in crowd))
        file._database.execute("COMMIT")
        file.checkpoint()
        file.write([Entry(entry(1).records, one) for one in seen], AT_MS)
        return wal_frames(file)


def ids(count: int, rng: random.Random, *, step_ms: float, start_ms: int = AT_MS) -> list[SeenId]:
    """Return ids of pushes that follow each other by `step_ms`."""
    return [SeenId(start_ms + int(number * step_ms), rng.randbytes(16)) for number in range(count)]


def test_a_commit_touches_few_pages_of_a_large_table(tmp_path: Path) -> None:
    """A hundred ids of one instant next to 100,000 others are a handful of pages, not one each."""
    rng = random.Random(1)  # noqa: S311 -- ids, no secrets
    crowd = ids(_CROWD, rng, step_ms=0.1)
    now = ids(100, rng, step_ms=0.1, start_ms=crowd[-1].at_ms)

    assert pages_of_a_commit(tmp_path, crowd, now) < 15


def test_ids_in_no_order_would_touch_many(tmp_path: Path) -> None:
    """The measure tells the difference: the same hundred spread over the whole table cost a page each."""
    rng = random.Random(1)  # noqa: S311 -- ids, no secrets
    crowd = ids(_CROWD, rng, step_ms=0.1)
    spread = ids(100, rng, step_ms=_CROWD * 0.1 / 100)

    assert pages_of_a_commit(tmp_path, crowd, spread) >= 90
