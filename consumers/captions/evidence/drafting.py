"""Files on the spool's disk that go into the store, or aside. Blocking."""

import itertools
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from .piece import Piece


def draft(folder: Path, piece: Piece, parts: Iterable[bytes]) -> Path:
    """Return a file with these parts of a segment, in `folder`, which is made where it is missing."""
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    path = folder / f"{piece.topic}.{piece.partition}.{piece.first}"
    # Never written to again: the store may keep this very file under another name.
    path.unlink(missing_ok=True)
    with open(path, "xb", opener=_own) as file:
        file.writelines(parts)
    return path


def aside(spool: Path, piece: Piece, parts: Iterable[bytes]) -> Path:
    """Keep what does not go into the store, for somebody to look at."""
    return draft(spool / "conflicts", piece, parts)


def cut(path: Path, records: int) -> Path:
    """Return a file with the first lines of another one. Neither is written to again."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with path.open("rb") as file, open(part, "xb", opener=_own) as first:
        first.writelines(itertools.islice(file, records))
    return part


def lines_of(path: Path) -> Iterator[bytes]:
    """Yield a file's lines, without their newlines."""
    with path.open("rb") as file:
        for line in file:
            yield line[:-1]


def _own(path: str, flags: int) -> int:
    # Words, sealed or not: not for everybody on the machine.
    return os.open(path, flags, 0o640)
