"""Run a real Apache Kafka broker that a test may kill, freeze and start again.

One node, KRaft, loopback only, in a folder of its own. Its address and its data outlive every kill, so that a
client meets the same broker again. A `Broker` belongs to no event loop: a fixture of the session and a test of
another loop can share it.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
import signal
import struct
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import pytest

from .certificates import issue_certificate
from .configuration import Listeners, Security, properties
from .java import archived, java, run_tool

# Any 16 bytes in URL-safe Base64; the same for all, since no two brokers ever meet.
CLUSTER_ID = "bWVldHdpcmUtdGVzdHMtMQ"

# Up in 3 s when the machine is quiet; a broker that needs this long will not come any more.
START_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 60.0

# Metadata, version 4, correlation id 1, no client id, of no topic (Kafka protocol guide). A broker that has just begun
# answers with no brokers, itself not among them, for a moment in which no client can do anything with it.
METADATA_REQUEST = struct.pack(">ihhihib", 15, 3, 4, 1, -1, 0, 0)


@dataclass
class Broker:
    """A broker in `folder`; `async with` formats it, starts it and stops it.

    `settings` are properties of the broker that win over ours. `users` (name to password) asks for a second,
    secured listener at `secure_bootstrap`: SASL_SSL, SCRAM-SHA-512, certificate in `ca_file`, everything denied
    that `allow` did not allow. Whoever comes in at `bootstrap` may do everything. `detour`, the port of a proxy, asks
    for a plain listener at `detour_port`, whose clients the broker sends to that proxy. `options` are Java's.
    """

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)
    detour: int | None = None
    options: Sequence[str] = field(default_factory=archived)

    def __post_init__(self) -> None:
        """Choose the ports, and make the certificates where there are users."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ca_file = self.folder / "ca.pem"
        self.log_file = self.folder / "broker.log"
        self._properties_file = self.folder / "server.properties"
        self._listeners = Listeners(self._secure() if self.users else None, self.detour)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """The plain listener, `host:port`."""
        return f"127.0.0.1:{self._listeners.port}"

    @property
    def secure_bootstrap(self) -> str:
        """The listener for `users`, `host:port`; only where there are users."""
        assert self._listeners.security is not None
        return f"127.0.0.1:{self._listeners.security.port}"

    @property
    def detour_port(self) -> int:
        """Where a proxy at `detour` leads to."""
        return self._listeners.detour_port

    @property
    def controller_port(self) -> int:
        """Where the brokers of a cluster agree among each other."""
        return self._listeners.controller_port

    @property
    def running(self) -> bool:
        """Whether it was started and not ended since, frozen or not."""
        return self._process is not None

    async def start(self) -> None:
        """Return once the broker answers; on a folder that was used before, with what is in it."""
        assert self._process is None, "the broker is running"
        if not self._properties_file.exists():
            await asyncio.to_thread(self._format)
        self._spawn()  # not in a thread: with the thread, the broker would end
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                while not await self._answers():  # noqa: ASYNC110 -- nothing tells when a foreign process listens
                    await asyncio.sleep(0.05)
        except TimeoutError:
            await self.kill()
            pytest.fail(f"no broker after {START_TIMEOUT_S} s\n{self._complaint()}")

    async def stop(self) -> None:
        """Let the broker end in its own time, as an operator would; kill it where it does not."""
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(self._wait, STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            await self.kill()
            pytest.fail(f"the broker did not stop in {STOP_TIMEOUT_S} s\n{self._complaint()}")

    async def kill(self) -> None:
        """End the broker with no chance to tidy up, frozen or not."""
        self._signal(signal.SIGKILL)
        await asyncio.to_thread(self._wait, STOP_TIMEOUT_S)

    def freeze(self) -> None:
        """Leave the broker's connections open and answer nothing any more, from the return of this call on."""
        self._signal(signal.SIGSTOP)
        if self._process is not None and self._process.returncode is None:
            # The signal is on its way: a thread of the broker may answer one more request until all of them stand.
            os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def thaw(self) -> None:
        """Go on as if nothing had been."""
        self._signal(signal.SIGCONT)

    async def allow(
        self, user: str, *operations: str, on: Literal["topic", "group"], name: str, more: Sequence[str] = ()
    ) -> None:
        """Let `user` do `operations` (`Read`, `Write`, `Create` …) on topics or groups; `*` is all of them."""
        rule = [f"--operation={operation}" for operation in operations]
        await asyncio.to_thread(
            run_tool,
            "org.apache.kafka.tools.AclCommand",
            *("--bootstrap-server", self.bootstrap, "--add", "--allow-principal", f"User:{user}"),
            *(f"--{on}={one}" for one in (name, *more)),
            *rule,
        )

    async def __aenter__(self) -> Self:
        """Start the broker."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop the broker, where a test did not do so itself."""
        await self.stop()

    def _spawn(self) -> None:
        with self.log_file.open("ab") as log:
            # A session of its own: Ctrl-C at the terminal is for pytest, which then stops the broker itself.
            self._process = subprocess.Popen(
                [*ends_with_us(), *java("kafka.Kafka", self._properties_file, heap="512m", options=self.options)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _format(self) -> None:
        self._properties_file.write_text(self._properties())
        if not self.users:
            shutil.copytree(_formatted(), self.folder / "data")
            return
        # Their passwords are written when the folder is formatted.
        scram = [f"SCRAM-SHA-512=[name={name},password={password}]" for name, password in self.users.items()]
        run_format(self._properties_file, *(word for one in scram for word in ("--add-scram", one)))

    def _properties(self) -> str:
        return properties(self.folder, self._listeners, self.settings)

    def _secure(self) -> Security:
        keystore_file = self.folder / "keystore.pem"
        issue_certificate(ca_file=self.ca_file, keystore_file=keystore_file)
        return Security(keystore_file)

    async def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            self._process = None
            pytest.fail(f"the broker ended while it started\n{self._complaint()}")
        try:
            # A broker opens its listeners one after another.
            for port in self._listeners.others:
                await _knock(port)
            reader, writer = await asyncio.open_connection("127.0.0.1", self._listeners.port)
        except OSError:
            return False
        try:
            writer.write(METADATA_REQUEST)
            _size, correlation_id, _throttle_ms, brokers = struct.unpack(">iiii", await reader.readexactly(16))
            return bool(correlation_id == 1 and brokers > 0)
        except (OSError, asyncio.IncompleteReadError):
            return False
        finally:
            writer.close()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, number)

    def _wait(self, timeout_s: float) -> None:
        if self._process is not None:
            self._process.wait(timeout_s)
            self._process = None

    def _complaint(self) -> str:
        log = self.log_file.read_text(errors="replace").splitlines()
        errors = [line for line in log if " ERROR " in line or line.startswith("Caused by")]
        return "\n".join([f"{self.log_file} says:", *(errors or log)[-20:]])


async def _knock(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


@cache
def _formatted() -> Path:
    """Return a folder that is formatted, for every broker without users to begin with a copy of it.

    What is in it depends on no port and no setting that a test changes.
    """
    folder = Path(tempfile.mkdtemp(prefix="kafka-formatted-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / "server.properties"
    file.write_text(properties(folder, Listeners(), {}))
    run_format(file)
    return folder / "data"


def run_format(properties_file: Path, *users: str) -> None:
    """Make the folder that the properties name one that a broker begins with."""
    run_tool("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", properties_file, *users)


def ends_with_us() -> list[str]:
    """Return the words before a command that end it when the thread that started it ends, even with -9.

    Where there is no setpriv (util-linux), nothing: a broker may then outlive a test run that was killed.
    """
    executable = shutil.which("setpriv")
    return [executable, "--pdeathsig", "KILL"] if executable else []
