"""`meetwire consume dashboard`, as an operator starts and stops it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from ...consumers.writing import LogWriter
from .running import Running, meetwire, running

SETTINGS = """
[log]
folder = "log"

[dashboard]
listen = "127.0.0.1:0"
users_file = "users.json"
"""


def settled(folder: Path, text: str = SETTINGS) -> Path:
    """Write the settings, and an empty log; return the folder."""
    (folder / "meetwire.toml").write_text(text)
    LogWriter(folder / "log").close()
    return folder


async def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    """It prints the link with which the first administrator is made, and never logs it."""
    settled(tmp_path)
    async with running("consume", "dashboard", "--admin", "127.0.0.1:0", folder=tmp_path) as process:
        page = (await process.said("listener.opened"))["address"]
        admin = (await process.said("listener.opened"))["address"]
        link = await asyncio.wait_for(_link(process), 60)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
            async with client.get(f"http://{page}/first") as answer:
                first = answer.status, answer.content_type
            async with client.post(
                f"http://{page}/api/v1/first",
                json={"link": link.partition("link=")[2], "user": "ann", "password": "correct horse battery"},
            ) as answer:
                entered = answer.status
            ready = 503
            async with asyncio.timeout(60):
                while ready == 503:
                    async with client.get(f"http://{admin}/readyz") as answer:
                        ready = answer.status
        ended = await process.stopped()

    assert (first, entered, ready, ended.status) == ((200, "text/html"), 204, 200, 0)
    assert link.startswith(f"http://{page}/first?link=")
    assert link.partition("link=")[2] not in str(ended.lines)


async def _link(process: Running) -> str:
    """Return the link, from among what is said to a person."""
    assert process.process.stderr is not None
    while not (found := [line.strip() for line in process.told if "/first?link=" in line]):
        process.told.append((await process.process.stderr.readline()).decode().rstrip("\n"))
    return found[0]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('[log]\nfolder = "log"\n', "no table [dashboard] in the settings"),
        (SETTINGS.replace('"users.json"', '"damaged.json"'), "dashboard.users_file damaged.json: is no users file"),
    ],
)
async def test_what_it_cannot_do_is_said(tmp_path: Path, settings: str, words: str) -> None:
    """Before it serves anybody."""
    settled(tmp_path, settings)
    (tmp_path / "damaged.json").write_text("{")

    ended = await meetwire("consume", "dashboard", folder=tmp_path)

    assert ended.status == 2
    assert words in "\n".join(ended.err)


async def test_without_a_log_it_ends(tmp_path: Path) -> None:
    """Its supervisor starts it again."""
    (tmp_path / "meetwire.toml").write_text(SETTINGS)

    ended = await meetwire("consume", "dashboard", folder=tmp_path)

    assert ended.status == 1
    assert "no log in log: start the receiver first" in "\n".join(ended.err)
