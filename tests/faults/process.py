"""The receiver as an operator runs it, in a process that a test may kill."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from tests.kafka.configuration import free_port

SUBSCRIBER, PASSWORD = "123456789", "password-of-acme"
MEETWIRE = str(Path(sys.executable).with_name("meetwire"))
START_TIMEOUT_S = 60.0


class ReceiverProcess:
    """`meetwire receive` on a port of its own, over one folder; `start` again and again. `async with` ends it."""

    def __init__(
        self,
        folder: Path,
        bootstrap: str | None = None,
        prefix: str = "",
        *,
        command: tuple[str, ...] = (MEETWIRE,),
        deadline_s: float = 2.0,
    ) -> None:
        self._folder = folder
        self._bootstrap = bootstrap
        self._prefix = prefix
        self._command = command
        self._deadline_s = deadline_s
        self.port = free_port()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Where pushes go."""
        return f"http://127.0.0.1:{self.port}/openapi/meetingevent"

    async def __aenter__(self) -> Self:
        """Start nothing yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the process, in order where all went well."""
        await (self.stop() if error is None else self.kill())

    async def start(self, answer_after: Literal["disk", "kafka"]) -> None:
        """Return once it listens."""
        settings = self._folder / "meetwire.toml"
        settings.write_text(self._settings(answer_after))
        with (self._folder / "receiver.log").open("ab") as lines:
            self._process = await asyncio.create_subprocess_exec(
                *(*self._command, "--config", str(settings), "receive"),
                stdout=lines,
                stderr=lines,
            )
        async with asyncio.timeout(START_TIMEOUT_S):
            while not await self._listens():  # noqa: ASYNC110 -- the event is another process's
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """End it as an operator would."""
        await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.send_signal(number)
            await process.wait()

    async def _listens(self) -> bool:
        if self._process is None or self._process.returncode is not None:
            raise RuntimeError((self._folder / "receiver.log").read_text()[-2_000:])
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True

    def _settings(self, answer_after: str) -> str:
        kafka = f"""
[kafka]
servers = ["{self._bootstrap}"]
topic_prefix = "{self._prefix}"
request_timeout_s = 2.0
"""
        return f"""
[webhook]
listen = "127.0.0.1:{self.port}"
answer_after = "{answer_after}"
deadline_s = {self._deadline_s}
[log]
folder = "{self._folder}/log"
[admin]
listen = "127.0.0.1:0"
{kafka if self._bootstrap else ""}
[[enterprises]]
name = "acme"
subscriber_id = "{SUBSCRIBER}"
callback_passwords = ["{PASSWORD}"]
"""
