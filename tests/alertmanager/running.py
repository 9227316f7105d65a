"""A real Alertmanager, alone on loopback, with what it sends taken down by a receiver in the test."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from ..kafka.configuration import free_port

PATIENCE_S = 60.0
# One group for all of a place; quick, since nobody waits for more of it here.
CONFIG = """\
route:
  receiver: test
  group_by: [alertname, level]
  group_wait: 300ms
  group_interval: 300ms
  repeat_interval: 1h
receivers:
  - name: test
    webhook_configs:
      - url: {url}
        send_resolved: true
"""


@dataclass
class Alertmanager:
    """One that runs. `sent` is what its receiver got, in order."""

    url: str
    sent: list[dict[str, Any]] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        """Take a notification."""
        self.sent.append(await request.json())
        self.came.set()
        return web.Response()

    async def told(self, count: int) -> list[dict[str, Any]]:
        """Return the notifications, once there are so many."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.sent) < count:
                self.came.clear()
                await self.came.wait()
        return self.sent

    async def alerts(self) -> list[dict[str, Any]]:
        """Return what stands there."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/api/v2/alerts") as response:
            found: list[dict[str, Any]] = await response.json()
            return found


@contextlib.asynccontextmanager
async def alertmanager(folder: Path) -> AsyncIterator[Alertmanager]:
    """Yield one that takes alerts."""
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if program is None:
        pytest.skip("needs Alertmanager: see requirements/tools.sh")
    port = free_port()
    made = Alertmanager(f"http://127.0.0.1:{port}")
    async with _receiver(made) as url:
        (folder / "alertmanager.yml").write_text(CONFIG.format(url=json.dumps(url)))
        process = await asyncio.create_subprocess_exec(
            program,
            f"--config.file={folder / 'alertmanager.yml'}",
            f"--storage.path={folder / 'alertmanager'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await _ready(made.url)
            yield made
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGKILL)
            await process.wait()


@contextlib.asynccontextmanager
async def _receiver(made: Alertmanager) -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_post("/", made.take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def _ready(url: str) -> None:
    async with asyncio.timeout(PATIENCE_S), aiohttp.ClientSession() as session:
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"{url}/-/ready") as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.05)
