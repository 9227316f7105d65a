"""Run a real S3 server with Object Lock that a test may kill, freeze and start again: versitygw on a folder.

Loopback only. Its address and its data outlive every kill, so that a client meets the same server again.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import boto3
import pytest
from botocore.config import Config

from ..kafka.broker import ends_with_us
from ..kafka.configuration import free_port

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

PROGRAM = Path(__file__).parents[2] / ".parts" / "versitygw" / "versitygw"
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0

# The server's own account; it may do everything that a lock does not forbid.
ACCESS, SECRET = "meetwire-test", "not-a-secret"


@dataclass
class Gateway:
    """A server whose data is in `folder`; `async with` starts it and stops it."""

    folder: Path
    port: int = field(default_factory=free_port)
    certificate: tuple[Path, Path] | None = None
    """Files with its certificate and the key to it: it speaks TLS then."""

    def __post_init__(self) -> None:
        """Make the folders."""
        for name in ("data", "versions", "accounts"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.log_file = self.folder / "gateway.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: dict[tuple[str, str], S3Client] = {}

    @property
    def endpoint(self) -> str:
        """Where it listens, http://… or https://…."""
        return f"http{'s' * bool(self.certificate)}://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Return once the server answers; on a folder that was used before, with what is in it."""
        assert self._process is None, "the server is running"
        self._spawn()  # not in a thread: with the thread, the server would end
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                while not await self._answers():  # noqa: ASYNC110 -- nothing tells when a foreign process listens
                    await asyncio.sleep(0.02)
        except TimeoutError:
            await self.kill()
            pytest.fail(f"no S3 server after {START_TIMEOUT_S} s\n{self.log_file.read_text()}")

    async def kill(self) -> None:
        """End the server with no chance to tidy up, frozen or not."""
        if self._process is not None:
            self._process.kill()
            await asyncio.to_thread(self._process.wait, STOP_TIMEOUT_S)
            self._process = None

    def freeze(self) -> None:
        """Leave connections open and answer nothing any more, from the return of this call on."""
        self._signal(signal.SIGSTOP)
        if self._process is not None and self._process.returncode is None:
            # The signal is on its way: a thread of the server may answer once more until all of them stand.
            os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def thaw(self) -> None:
        """Go on as if nothing had been."""
        self._signal(signal.SIGCONT)

    def client(self, access: str = ACCESS, secret: str = SECRET) -> S3Client:
        """Return a client that is not ours, to look from outside and to attack."""
        if (access, secret) not in self._clients:
            self._clients[access, secret] = self._client(access, secret)
        return self._clients[access, secret]

    def _client(self, access: str, secret: str) -> S3Client:
        return boto3.session.Session(access, secret, region_name="us-east-1").client(
            "s3", endpoint_url=self.endpoint, config=Config(retries={"total_max_attempts": 1})
        )

    async def bucket(self, *, lock: bool) -> str:
        """Make a bucket of a new name, with Object Lock or without versions, and return its name."""
        name = f"b-{uuid.uuid4().hex[:12]}"
        await asyncio.to_thread(self.client().create_bucket, Bucket=name, ObjectLockEnabledForBucket=lock)
        return name

    async def user(self, name: str) -> None:
        """Make an account whose secret is its name, and which may do what a bucket's policy says."""
        words = ["admin", "-a", ACCESS, "-s", SECRET, "-er", self.endpoint]
        await self._run(*words, "create-user", "-a", name, "-s", name, "-r", "user")

    async def __aenter__(self) -> Self:
        """Start the server."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Kill the server."""
        await self.kill()

    def _spawn(self) -> None:
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *ends_with_us(),
                    PROGRAM,
                    *("--port", f"127.0.0.1:{self.port}", "--access", ACCESS, "--secret", SECRET),
                    *("--iam-dir", self.folder / "accounts", "--iam-cache-disable", "--health", "/health"),
                    *(("--cert", self.certificate[0], "--key", self.certificate[1]) if self.certificate else ()),
                    *("posix", "--versioning-dir", self.folder / "versions", self.folder / "data"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    async def _run(self, *words: str) -> None:
        process = await asyncio.create_subprocess_exec(
            PROGRAM, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()

    async def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            self._process = None
            pytest.fail(f"the S3 server ended while it started\n{self.log_file.read_text()}")
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        if self.certificate:
            writer.close()
            return True
        try:
            writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return b" 200 " in await reader.readline()
        except OSError:
            return False
        finally:
            writer.close()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, number)
