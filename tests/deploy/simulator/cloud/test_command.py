"""The cloud as a command: in a process of its own, and beside the webhook sender."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from deploy.simulator.cloud import CloudOptions, SocketFault
from deploy.simulator.cloud.__main__ import main
from deploy.simulator.cloud.command import add_cloud_arguments
from deploy.simulator.cloud.listen import split_address
from deploy.simulator.errors import BadArguments

from ...cli.running import environment
from ..scripted import receiving
from ..signatures import PASSWORD


@asynccontextmanager
async def cloud_command(*words: str, password: str = PASSWORD) -> AsyncIterator[asyncio.subprocess.Process]:
    """Yield the command, started; it is ended where it still runs."""
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.simulator.cloud", *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # Without the tests' debugging: on a slow machine it says so.
        env=environment({"MEETWIRE_SEND_PASSWORD": password}),
    )
    try:
        yield command
    finally:
        if command.returncode is None:
            command.kill()
            await command.wait()


async def first_line(command: asyncio.subprocess.Process) -> dict[str, str]:
    """Return what the command says of itself."""
    assert command.stdout is not None
    told: dict[str, str] = json.loads(await command.stdout.readline())
    return told


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
async def test_load_runs_in_a_process_of_its_own(asked: signal.Signals, tmp_path: Path) -> None:
    """It says where it is, pushes, and writes down what it pushed when it is ended."""
    ledger = tmp_path / "sent.jsonl"
    words = ["--meetings", "3", "--people", "2", "--rate", "500", "--ledger", str(ledger)]
    async with cloud_command(*words) as command, aiohttp.ClientSession() as session:
        told = await first_line(command)
        async with session.get(f"{told['api']}/simulator/state") as response:
            state = await response.json()
        command.send_signal(asked)
        out, err = await command.communicate()
    unsent = [json.loads(line) for line in ledger.read_bytes().splitlines()]

    assert told.keys() == {"api", "app_id", "app_key"}
    assert (state["meetings"], command.returncode, err) == (3, 0, b"")
    assert json.loads(out) == {"frames": 0, "sockets": 0}
    assert {frame["meeting_id"] for frame in unsent} == {"990000001", "990000002", "990000003"}


async def test_days_pass_by_themselves() -> None:
    """Without a load, meetings begin as if they happened now, and the enterprise push tells of them."""
    async with receiving() as receiver, cloud_command("--speed", "20", "--push-to", receiver.url) as command:
        told = await first_line(command)
        await receiver.came.wait()
        command.send_signal(signal.SIGTERM)
        await command.communicate()

    assert (told["app_id"], command.returncode) == (CloudOptions().app_id, 0)
    assert json.loads(receiver.bodies[0])["eventInfo"]["event"] == "meeting.started"


async def test_command_ends_after_its_time() -> None:
    """By itself."""
    async with cloud_command("--meetings", "1", "--for", "0.1") as command:
        out, err = await command.communicate()

    assert (command.returncode, err, len(out.splitlines())) == (0, b"", 2)


@pytest.mark.parametrize(
    ("words", "password", "told"),
    [
        pytest.param(["--listen", "127.0.0.1"], PASSWORD, "not HOST:PORT: '127.0.0.1'", id="no port"),
        pytest.param(["--listen", "192.0.2.7:0"], PASSWORD, "192.0.2.7 is not this machine", id="another machine"),
        pytest.param(["--push-to", "http://127.0.0.1:1/"], "", "no password: --push-to needs", id="no password"),
        pytest.param(
            ["--meetings", "1", "--for", "0.1", "--ledger", "/nowhere/sent"],
            PASSWORD,
            "/nowhere/sent cannot be",
            id="ledger",
        ),
    ],
)
async def test_wrong_arguments_are_one_line(
    words: list[str],
    password: str,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And an exit status."""
    async with cloud_command(*words, password=password) as command:
        _, err = await command.communicate()

    assert (command.returncode, err.decode().startswith(f"meetwire: {told}"), err.count(b"\n")) == (2, True, 1)


@pytest.mark.parametrize("faults", ["gap", "smell=0.1", "gap=x", "gap=0.1,close=2"])
def test_wrong_share_of_a_fault_is_told(faults: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With what there is."""
    parser = argparse.ArgumentParser()
    add_cloud_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["--faults", faults])

    assert "is not NAME=SHARE, 0 to 1, with one of: close, freeze, gap" in capsys.readouterr().err


def test_shares_of_faults_are_read() -> None:
    """By name."""
    parser = argparse.ArgumentParser()
    add_cloud_arguments(parser)

    wanted = {SocketFault.GAP: 0.1, SocketFault.ODD_KEYS: 1.0}
    assert parser.parse_args(["--faults", "gap=0.1, odd-keys=1"]).faults == wanted


@pytest.mark.parametrize("text", ["", "8080", ":8080", "host:", "host:x", "host:65536"])
def test_address_that_is_none_is_refused(text: str) -> None:
    """Both parts are needed."""
    with pytest.raises(BadArguments):
        split_address(text)


@pytest.mark.parametrize(("text", "address"), [("127.0.0.1:0", ("127.0.0.1", 0)), ("[::1]:8443", ("::1", 8443))])
def test_address_is_split(text: str, address: tuple[str, int]) -> None:
    """IPv6 within brackets."""
    assert split_address(text) == address


def test_command_reads_its_own_words(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m` hands over nothing."""
    monkeypatch.setattr(sys, "argv", ["cloud", "--listen", "nowhere"])

    assert main() == 2
    assert capsys.readouterr().err == "meetwire: not HOST:PORT: 'nowhere'\n"
