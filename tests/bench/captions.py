"""The captions archive, in a process and on a core of its own: how much it takes, how soon that is durable, in how
much memory, and how long a long meeting takes to close.
"""

import asyncio
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Final

import msgspec

from .archive import Figures
from .closing import Closed
from .parts import LOAD_CORE, RECEIVER_CORE, ROOT, folder
from .spoken import Log, fill, now
from .table import Row

CAPTIONS: Final = int(os.environ.get("MEETWIRE_TEST_BENCH_CAPTIONS", "600000"))
MEETINGS: Final = 1_000
RATE: Final = 1_000
SECONDS: Final = 30
FRAMES: Final = 20_000
HOURS: Final = 4
CLOSES: Final = 7


async def measure() -> list[Row]:
    """Return the rows."""
    return await asyncio.to_thread(lambda: [*_many(), _soon(), _long()])


def _many() -> list[Row]:
    """Archive what a thousand meetings said."""
    with folder() as place:
        start = now() - timedelta(seconds=CAPTIONS / RATE + 30)
        total = fill(place / "log", CAPTIONS, meetings=MEETINGS, rate=RATE, start=start)
        figures = _archive(place, total)
    memory = f"{figures.early_mib:.0f} MiB after a fifth, {figures.rss_mib:.0f} MiB at the end"
    return [
        Row(
            f"captions/s archived to a local folder, evidence durable, {CAPTIONS:,}",
            f"{CAPTIONS / figures.seconds:,.0f}",
            "≥ 30,000",
        ),
        Row(
            f"memory while {MEETINGS:,} meetings are open",
            f"{memory}, peak {figures.peak_mib:.0f} MiB",
            "≤ 200 MiB, flat",
        ),
    ]


def _soon() -> Row:
    """Archive what is said now."""
    with folder() as place:
        Log(place / "log").close()
        command = [sys.executable, "-m", "tests.bench.spoken", str(place / "log"), "--core", str(LOAD_CORE)]
        command += ["--meetings", "50", "--rate", str(RATE), "--seconds", str(SECONDS)]
        speaking = subprocess.Popen(command, cwd=ROOT)
        try:
            figures = _archive(place, RATE * SECONDS + 50)
        finally:
            speaking.wait(60)
    said = f"p50 {figures.p50_ms:.0f} ms, p99 {figures.p99_ms:.0f} ms"
    return Row(f"frame on the topic → durable in the archive, {RATE:,}/s", said, "p99 < 500 ms")


def _long() -> Row:
    """Close a long meeting some times: the machine may be another's too, so the processor's time is said as well."""
    command = [sys.executable, "-m", "tests.bench.closing", "--core", str(RECEIVER_CORE), "--times", str(CLOSES)]
    command += ["--frames", str(FRAMES), "--hours", str(HOURS)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=600)
    closes = msgspec.json.decode(said.stdout, type=list[Closed])
    wall, cpu = ([getattr(one, name) for one in closes] for name in ("wall_s", "cpu_s"))
    return Row(
        f"close of a {HOURS}-hour meeting ({FRAMES:,} frames): all formats written",
        f"{median(wall):.2f} s, at most {max(wall):.2f} s of {CLOSES}; {median(cpu):.2f} s of processor time, "
        "with the catalogue's part",
        "< 1 s",
    )


def _archive(place: Path, total: int) -> Figures:
    command = [sys.executable, "-m", "tests.bench.archive", str(place), "--core", str(RECEIVER_CORE)]
    command += ["--total", str(total)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=600)
    return msgspec.json.decode(said.stdout, type=Figures)
