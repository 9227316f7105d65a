"""A shell lets 1,024 files be open, which is no bound for a process whose every connection is one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from .pushes import ACCEPTED, post, push, settled
from .running import MEETWIRE, Service, running

FILES: Final = 200
STRANGERS: Final = 300
LIMITED: Final = ("bash", "-c", f'ulimit -Sn {FILES}; exec "$@"', "bash", *MEETWIRE)


@asynccontextmanager
async def strangers(host: str, port: str) -> AsyncIterator[None]:
    """Hold connections open that say nothing."""
    writers = [(await asyncio.open_connection(host, int(port)))[1] for _ in range(STRANGERS)]
    try:
        yield
    finally:
        for writer in writers:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)


async def test_a_push_is_taken_among_more_strangers_than_a_shell_lets_files_be_open(tmp_path: Path) -> None:
    """The process takes as many files as the system allows it, and not as many as it was started with."""
    async with running("standalone", folder=settled(tmp_path), command=LIMITED) as started:
        address = (await started.said("receiver.started"))["webhook"]
        service = Service(started.process, started.told, webhook=f"http://{address}")
        async with asyncio.timeout(60), strangers(*address.rsplit(":", 1)):
            answer = await post(service, push())
        ended = await service.stopped()

    assert (answer, ended.status, ended.err) == (ACCEPTED, 0, [])
