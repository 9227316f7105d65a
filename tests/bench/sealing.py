"""What encryption costs a line, and what it takes to erase a meeting of four hours out of an archive."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec

from consumers.captions.life.covers import Place
from consumers.captions.life.erasure import Request, erase
from consumers.captions.life.sealing import Sealing, load_sealing
from consumers.captions.stores.folder import open_folder
from schemas.archive.lines import SealedLine
from schemas.topics import CAPTIONS
from tests.consumers.captions.life.building import MORNING, Happened, alive, build, meeting
from tests.consumers.captions.life.conftest import write_master
from tests.consumers.captions.life.looking import LATER
from tests.consumers.captions.meetings import archive_of

from .parts import folder
from .table import Row

LINES: Final = 50_000
LINE: Final = b"x" * 1_200
"""As long as a caption's line is, with the push in it."""
FRAMES: Final = 10_000
"""A caption and who speaks make two."""


async def measure() -> list[Row]:
    """Return the rows."""
    rows = []
    with folder() as place:
        rows += await _lines(place)
        for name in ("plain", "sealed"):
            (place / name).mkdir()
            rows.append(await _erasing(place / name, name))
    return rows


async def _lines(place: Path) -> list[Row]:
    master = write_master(place / "master", b"m" * 32)
    async with open_folder(f"file:{place / 'keys'}") as store:
        sealing = await asyncio.to_thread(load_sealing, store, master, "bench")
        await sealing.ready("acme", "m-1", [0])
        sealed, seal_s = await asyncio.to_thread(_seal, sealing)
        lines = [msgspec.json.decode(line, type=SealedLine) for line in sealed]
        await sealing.fetch({line.seal for line in lines})
        open_s = await asyncio.to_thread(_open, sealing, lines)
    return [
        Row("lines sealed, one core (processor time)", f"{LINES / seal_s:,.0f}/s", ""),
        Row("sealed lines opened, one core (processor time)", f"{LINES / open_s:,.0f}/s", ""),
    ]


def _seal(sealing: Sealing) -> tuple[list[bytes], float]:
    begun = time.thread_time()
    sealed = [sealing.seal(LINE, Place(CAPTIONS, 0, offset, 1), "acme", "m-1") for offset in range(LINES)]
    return sealed, time.thread_time() - begun


def _open(sealing: Sealing, lines: list[SealedLine]) -> float:
    begun = time.thread_time()
    if any(sealing.opened(line) != LINE for line in lines):
        raise RuntimeError("a line opens as another")
    return time.thread_time() - begun


async def _erasing(place: Path, name: str) -> Row:
    words = [(f"p-{number % 7}", f"sentence number {number} of it") for number in range(FRAMES)]
    long = [_within_four_hours(one, number) for number, one in enumerate(meeting("m-1", words))]
    others = [one for number in range(10) for one in meeting(f"o-{number}", words[:200])]
    more = {"encryption_key_file": str(write_master(place / "master", b"m" * 32))} if name == "sealed" else {}
    async with archive_of(place, **more) as archive:
        versions = await build(archive, [*long, *others, *alive(minutes=240)], a_segment=1_000)
        (version,) = [one for one in versions if one.manifest.meeting_id == "m-1"]
        begun = time.perf_counter()
        request = Request(occurrence=version.manifest.occurrence, who="bench", why="request")
        records = await erase(archive, request, now=lambda: LATER)
        took = time.perf_counter() - begun
    return Row(f"a meeting of four hours erased ({records:,} records, {name})", f"{took:.1f} s", "")


def _within_four_hours(one: Happened, number: int) -> Happened:
    # What is said goes on for more than a day at ten seconds a sentence: it is received faster here.
    return one._replace(at=min(one.at, MORNING + timedelta(seconds=number / 2)))
