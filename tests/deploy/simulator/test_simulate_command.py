"""`meetwire simulate`: its arguments, its closing table, its exit status, and Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

import pytest

from deploy.simulator import (
    Kind,
    Retry,
    SimulateOptions,
    Style,
    Subscriber,
    add_simulate_arguments,
    run_simulate,
)
from deploy.simulator.__main__ import main
from deploy.simulator.simulate_command import options_from

from ..cli.running import environment
from .commands import run_command
from .scripted import ScriptedReceiver, receiving
from .signatures import PASSWORD


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEETWIRE_SEND_PASSWORD", PASSWORD)


async def simulated(receiver: ScriptedReceiver, *words: str) -> int:
    """Return the exit status."""
    return await run_command(
        add_simulate_arguments, run_simulate, "--url", receiver.url, "--app-id", "100", "--meetings", "8", *words
    )


async def test_table_closes_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    """Counts by answer, and no password."""
    async with receiving() as receiver:
        status = await simulated(receiver, "--total", "50", "--styles", "all")
    shown = capsys.readouterr()

    assert (status, shown.err) == (0, "")
    assert shown.out.splitlines()[:3] == ["sent                200", "plain                50", ""]
    assert PASSWORD not in shown.out


async def test_wrong_answers_are_an_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    """A receiver that takes forged pushes fails the run, and is told which."""
    async with receiving() as receiver:
        status = await simulated(receiver, "--total", "50", "--faults", "forged=0.5, duplicate=0.2")

    assert status == 1
    assert "forged (wrong password): 200 instead of 401" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("url", "status", "told"),
    [
        pytest.param(
            "http://192.0.2.7/",
            2,
            "192.0.2.7 is not this machine: load goes to loopback addresses only, unless --allow-remote",
            id="another machine",
        ),
        pytest.param("http://127.0.0.1:1/", 3, "http://127.0.0.1:1/: nothing listens there", id="nobody"),
    ],
)
async def test_wrong_address_is_one_line(url: str, status: int, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And the exit status says which sort of wrong."""
    words = ["--url", url, "--app-id", "100"]

    assert await run_command(add_simulate_arguments, run_simulate, *words) == status
    assert capsys.readouterr().err == f"meetwire: {told}\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(["--faults", "forged"], "'forged' is not NAME=SHARE", id="no share"),
        pytest.param(["--faults", "lost=0.1"], "'lost=0.1' is not NAME=SHARE", id="unknown fault"),
        pytest.param(["--faults", "forged=1.1"], "'forged=1.1': a share is 0 to 1", id="share above 1"),
        pytest.param(["--faults", "plain=0.5"], "'plain=0.5': a share is 0 to 1, of one of", id="no fault"),
        pytest.param(["--styles", "compact,fancy"], "styles are: compact, spaced", id="unknown style"),
        pytest.param(["--hours", "25"], "above 24", id="long day"),
        pytest.param(["--rate", "0"], "not above zero", id="no rate"),
        pytest.param(["--total", "0"], "not above zero", id="no total"),
        pytest.param(["--for", "nan"], "not above zero", id="no time"),
        pytest.param(["--rate", "5", "--paced"], "not allowed with", id="two paces"),
    ],
)
def test_wrong_arguments_are_told(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, which argument, and what fits."""
    parser = argparse.ArgumentParser()
    add_simulate_arguments(parser)

    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["--app-id", "100", *words])

    assert ended.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
async def test_ctrl_c_ends_it_cleanly(asked: signal.Signals) -> None:
    """The table comes all the same, and no traceback."""
    words = ["simulate", "--app-id", "100", "--paced"]
    async with receiving() as receiver:
        command = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "deploy.simulator", *words, "--url", receiver.url),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # Without the tests' debugging: on a slow machine it says so.
            env=environment({"MEETWIRE_SEND_PASSWORD": PASSWORD}),
        )
        await receiver.came.wait()
        command.send_signal(asked)
        out, err = await command.communicate()

    assert (command.returncode, err) == (0, b"")
    assert out.startswith(b"sent")


async def test_arguments_become_options(tmp_path: Path) -> None:
    """Each argument is the option of its name."""
    parser = argparse.ArgumentParser()
    add_simulate_arguments(parser)
    words = "--seed 5 --meetings 9 --hours 24 --speed 60 --rate 7 --total 8 --for 9 --once --in-flight 3 --timeout 2"
    more = "--faults duplicate=0.5,forged=1 --styles pretty,ascii --retry resigned --allow-remote"
    where = ["--url", "https://a/", "--app-id", "100", "--ca-file", str(tmp_path)]

    options = options_from(parser.parse_args([*where, *words.split(), *more.split()]))

    assert options == SimulateOptions(
        url="https://a/",
        subscriber=Subscriber(app_id="100", password=PASSWORD),
        seed=5,
        meetings=9,
        hours=24,
        speed=60,
        rate=7,
        total=8,
        for_s=9,
        once=True,
        faults={Kind.DUPLICATE: 0.5, Kind.FORGED: 1.0},
        styles=(Style.PRETTY, Style.ASCII),
        retry=Retry.RESIGNED,
        in_flight=3,
        timeout_s=2,
        ca_file=tmp_path,
        allow_remote=True,
    )


@pytest.mark.parametrize("command", ["send", "simulate", "load"])
async def test_module_runs_its_commands(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The simulator runs without the rest of meetwire."""
    few = ["--total", "9"] if command == "load" else []
    monkeypatch.setattr(sys, "argv", ["simulator", command, "--url", "http://127.0.0.1:1/", "--app-id", "100", *few])

    assert await asyncio.to_thread(main) == 3
    assert capsys.readouterr().err.endswith(": nothing listens there\n")


async def test_help_of_the_module_names_its_commands() -> None:
    """The simulator runs without the rest of meetwire."""
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.simulator", "--help"), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await command.communicate()

    assert command.returncode == 0
    assert [word in out for word in (b"send", b"simulate", b"load")] == [True] * 3
