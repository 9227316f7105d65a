"""The processes that a benchmark starts and ends: a receiver, a load, a broker."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import msgspec

from deploy.simulator.load import LoadReport
from tests.kafka.broker import Broker
from tests.kafka.configuration import PATIENT
from tests.kafka.java import archived

from .piped import Piped
from .receiver import Figures, Listened

RECEIVER_CORE: Final = 0
LOAD_CORE: Final = 1
ROOT: Final = Path(__file__).parents[2]


class ReceiverProcess(Piped[Figures]):
    """One receiver; ended by `stop`."""

    def __init__(
        self, mode: str, folder: Path, kafka: str | None = None, *, listened: Listened | None = None, port: int = 0
    ) -> None:
        command = [sys.executable, "-m", "tests.bench.receiver", mode, str(folder), "--core", str(RECEIVER_CORE)]
        command += ["--port", str(port)]
        if kafka is not None:
            command += ["--kafka", kafka]
        if listened is not None:
            command += ["--listened", msgspec.json.encode(listened).decode()]
        super().__init__(command, Figures, ROOT)
        self.port = self.first.address[1]

    def figures(self) -> Figures:
        """Ask it."""
        return self.ask()


@contextlib.contextmanager
def receiver(mode: str, kafka: str | None = None) -> Iterator[ReceiverProcess]:
    """Yield a receiver with a log of its own."""
    with folder() as place:
        process = ReceiverProcess(mode, place, kafka)
        try:
            yield process
        finally:
            process.stop()


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Yield a folder on the project's disk: /tmp may be memory, where an fdatasync costs nothing."""
    build = ROOT / ".parts"
    build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=build, prefix="bench-") as name:
        yield Path(name)


@contextlib.asynccontextmanager
async def broker(*options: str) -> AsyncIterator[Broker]:
    """Yield a broker on the load's core. `options` are Java's; with THOROUGH it is quicker, once it is warm."""
    with folder() as place:
        async with Broker(place / "kafka", settings=PATIENT, options=(*archived(), *options)) as running:
            _pin(running)
            yield running


def load(port: int, *, total: int, first: int = 0, connections: int = 64, rate: float | None = None) -> LoadReport:
    """Run one load and return what it says."""
    command = [sys.executable, "-m", "tests.bench.load", str(port), "--core", str(LOAD_CORE)]
    command += ["--total", str(total), "--first", str(first), "--connections", str(connections)]
    if rate is not None:
        command += ["--rate", str(rate)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return msgspec.json.decode(said.stdout, type=LoadReport)


def cpu_s(running: Broker) -> float:
    """Return the processor time that the broker has taken so far."""
    process = running._process
    if process is None:
        raise RuntimeError("the broker does not run")
    # man 5 proc: the name in brackets is the second field, utime and stime are the fourteenth and fifteenth.
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _pin(running: Broker) -> None:
    process = running._process
    if process is not None:
        subprocess.run(["taskset", "-a", "-p", "-c", str(LOAD_CORE), str(process.pid)], capture_output=True, check=True)
