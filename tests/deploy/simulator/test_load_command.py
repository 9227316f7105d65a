"""The load in a process of its own, as a bench starts it."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest

from deploy.simulator.load_command import add_load_arguments, run_load_command

from .commands import run_command
from .scripted import receiving
from .signatures import PASSWORD, is_signed


async def load(*words: str) -> int:
    """Return the exit status."""
    return await run_command(add_load_arguments, run_load_command, "--app-id", "100", "--password", PASSWORD, *words)


async def test_figures_are_one_line_of_json() -> None:
    """A bench that starts the process reads its figures; all pushes are signed and distinct."""
    words = ["load", "--app-id", "100", "--total", "50", "--first", "7", "--connections", "4"]
    async with receiving() as receiver:
        command = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "deploy.simulator", *words, "--url", receiver.url),
            stdout=asyncio.subprocess.PIPE,
            env={"MEETWIRE_SEND_PASSWORD": PASSWORD},
        )
        out, _ = await command.communicate()

    report = json.loads(out)
    assert (command.returncode, report["answers"], report["lost"], report["unsent"]) == (0, {"200": 50}, 0, 0)
    assert [is_signed(body) for body in receiver.bodies] == [True] * 50
    assert sorted(json.loads(body)["nonce"] for body in receiver.bodies) == [f"{n:08d}" for n in range(7, 57)]


async def test_requests_have_the_headers_of_the_reference() -> None:
    """The load is no easier to read than what the service sends."""
    async with receiving() as receiver:
        await load("--url", receiver.url, "--total", "1")

    assert [name for name, _ in receiver.received[0].headers] == [
        "Host",
        "Date",
        "Content-Type",
        "Content-Length",
        "Connection",
        "Pragma",
        "Cache-Control",
        "X-Request-ID",
        "User-Agent",
    ]


@pytest.mark.parametrize(
    ("url", "status", "told"),
    [
        pytest.param("http://127.0.0.1:1/", 3, "127.0.0.1:1: nothing listens there", id="nobody"),
        pytest.param("https://127.0.0.1:1/", 2, "http alone", id="TLS"),
        pytest.param("http://192.0.2.7/", 2, "--allow-remote", id="another machine"),
    ],
)
async def test_wrong_address_is_one_line(url: str, status: int, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And the exit status says which sort of wrong."""
    assert await load("--url", url, "--total", "1") == status

    error = capsys.readouterr().err
    assert (told in error, error.count("\n")) == (True, 1)
