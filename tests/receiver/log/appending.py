"""A process that appends to a log until it is killed, and says after each commit up to where: `-m … FOLDER SEED`."""

from __future__ import annotations

import itertools
import random
import sys
from pathlib import Path

from receiver.entry import Entry
from receiver.log import LogFile

from .entries import PARTITIONS, entry


def numbered(number: int) -> Entry:
    """Return the entry of push `number`, of one to four records."""
    return entry(number, records=1 + number % 4)


def append_for_ever(folder: Path, seed: int) -> None:
    """Append pushes 0, 1, 2 … from where the log ends, in commits of random size."""
    file = LogFile(folder, partitions=PARTITIONS, min_free_bytes=0)
    rng = random.Random(seed)  # noqa: S311 -- sizes, no secrets
    pushes = map(numbered, itertools.count(pushes_before(file.next)))
    while True:
        file.write([next(pushes) for _ in range(rng.randint(1, 20))], 1_000)
        print(file.next - 1, flush=True)


def pushes_before(position: int) -> int:
    """Return how many whole pushes take the positions before this one; raise ValueError where one is cut."""
    end = 1
    for number in itertools.count():
        if end == position:
            return number
        if end > position:
            raise ValueError(f"push {number - 1} ends at {end}, not at {position}")
        end += len(numbered(number).records)
    raise AssertionError("counting has no end")


if __name__ == "__main__":
    append_for_ever(Path(sys.argv[1]), int(sys.argv[2]))
