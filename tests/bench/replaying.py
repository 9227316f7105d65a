"""`meetwire qos replay` over a log that is full of samples, in a process and on a core of its own."""

import asyncio
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from .parts import RECEIVER_CORE, ROOT, folder
from .sampled import fill
from .table import Row

SAMPLES: Final = int(os.environ.get("MEETWIRE_TEST_BENCH_REPLAYED", "1000000"))
MEETINGS: Final = 1_000
_COMMAND: Final = (
    "import os, sys; os.sched_setaffinity(0, {int(sys.argv[1])});"
    "from deploy.cli import main; status = main(sys.argv[2:]);"
    "import resource; used = resource.getrusage(resource.RUSAGE_SELF);"
    "print(used.ru_maxrss / 1024, used.ru_utime + used.ru_stime, file=sys.stderr); sys.exit(status)"
)
# The rules that ship and so many more that one core has twenty to ask.
_MORE: Final = (
    ("packet_loss_ratio", "audio", 0.3),
    ("packet_loss_ratio", "video", 0.3),
    ("packet_loss_ratio", "screen", 0.3),
    ("jitter_ms", "audio", 60.0),
    ("jitter_ms", "video", 60.0),
    ("jitter_ms", "screen", 60.0),
    ("latency_ms", "audio", 600.0),
    ("latency_ms", "video", 600.0),
    ("latency_ms", "screen", 600.0),
    ("round_trip_ms", None, 900.0),
    ("client_cpu_ratio", None, 0.9),
    ("system_cpu_ratio", None, 0.95),
)


async def measure() -> list[Row]:
    """Return the rows."""
    return await asyncio.to_thread(_measure)


def _measure() -> list[Row]:
    with folder() as place:
        start = datetime.now(UTC) - timedelta(hours=30)
        until = fill(place / "log", SAMPLES, meetings=MEETINGS, start=start)
        (place / "meetwire.toml").write_text(f'[log]\nfolder = "{place / "log"}"\n')
        rules = (ROOT / "deploy" / "qos.toml").read_text() + "".join(_rules())
        (place / "new.toml").write_text(rules)
        used, came = _replayed(place, start, until)
    if came["samples"] != SAMPLES:
        raise ValueError(f"{came['samples']:,} samples of {SAMPLES:,} were read")
    alerts = came["comparison"]["new"]["alerts"]
    what = f"samples/s replayed, {SAMPLES:,} of {MEETINGS:,} meetings, 20 rules, {alerts:,} alerts"
    rate, in_cpu = SAMPLES / used.seconds, SAMPLES / used.cpu_s
    return [Row(what, f"{rate:,.0f}; {in_cpu:,.0f} in a second of CPU; {used.mib:.0f} MiB", "≥ 50,000")]


def _rules() -> list[str]:
    return [
        f'\n[[rules]]\nname = "more-{number}"\nmetric = "{metric}"\nabove = {above}\n'
        + (f'modality = "{modality}"\n' if modality else "")
        for number, (metric, modality, above) in enumerate(_MORE)
    ]


class Used(NamedTuple):
    """What a replay cost, its start included."""

    seconds: float
    cpu_s: float
    mib: float


def _replayed(place: Path, start: datetime, until: datetime) -> tuple[Used, Any]:
    """Return what it cost, and what came of it."""
    command = [sys.executable, "-c", _COMMAND, str(RECEIVER_CORE), "--config", str(place / "meetwire.toml")]
    command += ["qos", "replay", "--rules", str(place / "new.toml"), "--json"]
    command += ["--from", start.isoformat(), "--to", until.isoformat()]
    began = time.monotonic()
    ended = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    seconds = time.monotonic() - began
    mib, cpu_s = map(float, ended.stderr.split()[-2:])
    return Used(seconds, cpu_s, mib), msgspec.json.decode(ended.stdout)
