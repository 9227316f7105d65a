"""The demo's archive: the meetings of the demo are short, and so is everything that waits for their end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from schemas.settings import Captions

_LOOK_EVERY_S: Final = 0.5
_KEPT: Final = b'\n{"says":"kept",'


def archive_settings(folder: Path) -> Captions | None:
    """Return settings for an archive in the demo's folder; None where its packages are not installed."""
    if find_spec("cryptography") is None or find_spec("pyarrow") is None:  # pragma: no cover -- the tests have both
        return None
    return Captions(
        store=f"file:{folder / 'archive'}",
        name="demo.example.com/captions",
        spool_folder=str(folder / "archive-spool"),
        index_file=str(folder / "archive-index.sqlite"),
        signing_key_file=str(folder / "archive.key"),
        segment_s=2.0,
        close_after_s=1.0,
        silent_after_h=0.05,
    )


@contextlib.asynccontextmanager
async def until_kept(folder: Path, meetings: int | None, stop: asyncio.Event) -> AsyncIterator[None]:
    """Set `stop` once so many meetings are in the archive; None: never."""
    if meetings is None:
        yield
        return
    watching = asyncio.create_task(_watch(folder / "archive", meetings, stop))
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _watch(folder: Path, meetings: int, stop: asyncio.Event) -> None:
    while not stop.is_set():
        if await asyncio.to_thread(_count, folder) >= meetings:
            stop.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_EVERY_S):
                await stop.wait()


def _count(folder: Path) -> int:
    """Return how many meetings are in the archive; none while one is just being written: it would be left half done."""
    versions = list(folder.glob("meetings/*/*/*/*"))
    # What the ledger says is written last.
    said = sum(_KEPT in entry.read_bytes() for entry in folder.glob("ledger/entries/*"))
    return sum(version.name == "001" for version in versions) if said >= len(versions) else 0
