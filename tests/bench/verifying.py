"""Verifying an archive of a million captions, on one core: everything in it is read and hashed."""

import asyncio
import os
import time
from pathlib import Path
from typing import Final

from consumers.captions.proof.key import SigningKey
from consumers.captions.proof.verify import Report, verify
from consumers.captions.stores.folder import open_folder
from tests.consumers.captions.proof.building import NAME

from .archived import archive
from .parts import RECEIVER_CORE, folder
from .table import Row

MEETINGS: Final = 10_000
CAPTIONS: Final = 100


async def measure() -> list[Row]:
    """Return the row."""
    with folder() as place:
        key = await asyncio.to_thread(SigningKey.load_or_make, place / "archive.key")
        await asyncio.to_thread(archive, place / "archive", key, MEETINGS, CAPTIONS)
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {RECEIVER_CORE})
        try:
            took, report = await _verify(place / "archive", key)
        finally:
            os.sched_setaffinity(0, before)
    if report.findings:
        raise RuntimeError(f"a good archive is not good: {report.findings[0]}")
    figure = f"{took:.1f} s ({report.records:,} lines, {report.files:,} files, {report.size / 1e9:.1f} GB hashed)"
    return [Row(f"verify {MEETINGS * CAPTIONS:,} captions ({MEETINGS:,} meetings), one core", figure, "< 15 s")]


async def _verify(place: Path, key: SigningKey) -> tuple[float, Report]:
    async with open_folder(f"file:{place}") as store:
        begun = time.perf_counter()
        report = await verify(store, str(key.verifier(NAME)))
        return time.perf_counter() - begun, report
