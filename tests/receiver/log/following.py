"""A process that reads a log as it grows, up to so many records, and prints their ids: `-m … FOLDER COUNT`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from receiver.log import LogReader
from schemas.ids import Position


def follow(folder: Path, count: int) -> list[str]:
    """Return the ids of the first `count` records; raise ValueError for a position that is not the next one."""
    reader = LogReader(folder)
    ids: list[str] = []
    while len(ids) < count:
        chunk = reader.read(Position(len(ids) + 1), 100)
        if chunk is None:
            time.sleep(0.001)  # nothing tells one process of another's commits
            continue
        if chunk.first != len(ids) + 1:
            raise ValueError(f"position {chunk.first} after {len(ids)}")
        ids += [record.id for record in chunk.records]
    return ids


if __name__ == "__main__":
    print("reading", flush=True)
    print(*follow(Path(sys.argv[1]), int(sys.argv[2])), sep="\n")
