"""The disk by itself, written as the log writes it: how long what nobody can answer before takes on this machine."""

import os
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Final

from .table import Row

# What a commit of some twenty pushes takes, and a file as long as the log's WAL gets: written over and over, since the
# WAL is, too.
_CHUNK_BYTES: Final = 32_768
_FILE_BYTES: Final = 16_777_216
# As many as there are commits a second at half rate.
_A_SECOND: Final = 900
_SECONDS: Final = 15


def measure_disk(folder: Path) -> Row:
    """Return how long an fdatasync takes there while nothing else is to be done: the median, p99 and the slowest."""
    taken = _synced(folder / "disk")
    return Row(
        f"fdatasync of 32 KiB on that disk alone, {_A_SECOND} a second: median; p99; the slowest of {len(taken):,}",
        f"{median(taken) * 1e3:.2f} ms; {quantiles(taken, n=100)[-1] * 1e3:.1f} ms; {max(taken) * 1e3:.0f} ms",
        "",
    )


def _synced(path: Path) -> list[float]:
    chunk = os.urandom(_CHUNK_BYTES)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        for at in range(0, _FILE_BYTES, _CHUNK_BYTES):
            os.pwrite(file, chunk, at)
        os.fsync(file)
        began = time.perf_counter()
        taken: list[float] = []
        while (now := time.perf_counter()) < began + _SECONDS:
            due = began + len(taken) / _A_SECOND
            if due > now:
                time.sleep(due - now)
            started = time.perf_counter()
            os.pwrite(file, chunk, len(taken) * _CHUNK_BYTES % _FILE_BYTES)
            os.fdatasync(file)
            taken.append(time.perf_counter() - started)
    finally:
        os.close(file)
    return taken
