"""A signal ends a reader that still waits for its Kafka: nobody has to wait along."""

from __future__ import annotations

import asyncio
import signal
import socket
from pathlib import Path

import pytest

from .pushes import settled
from .running import running

TABLES = """\
[captions]
store = "file:archive"
[dashboard]
listen = "127.0.0.1:0"
users_file = "users.json"
"""


@pytest.mark.parametrize("command", [("tail",), ("consume", "captions"), ("consume", "dashboard")], ids=" ".join)
async def test_a_signal_ends_who_waits_for_kafka(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Here one that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.setblocking(False)
        kafka = f'[kafka]\nservers = ["127.0.0.1:{silent.getsockname()[1]}"]\n'
        async with running(*command, folder=settled(tmp_path, kafka + TABLES)) as reader:
            async with asyncio.timeout(60):
                taken, _ = await asyncio.get_running_loop().sock_accept(silent)
            with taken:
                async with asyncio.timeout(20):
                    ended = await reader.stopped(signal.SIGINT)

    assert (ended.status, ended.out) == (0, "")
