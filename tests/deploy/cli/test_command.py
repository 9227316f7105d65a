"""The command line as a whole: what it is called with, and what it says where that does not fit."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

import pytest

from deploy.cli import COMMANDS, main, parser

from .pushes import post, push, settled
from .running import MEETWIRE, environment, serving


def test_it_says_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    """The version of the installed package, and no other."""
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert (ended.value.code, capsys.readouterr().out) == (0, f"meetwire {version('meetwire')}\n")


def test_its_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """One line each, and status 0."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    shown = [line.split(maxsplit=1)[0] for line in capsys.readouterr().out.splitlines() if line.startswith("    ")]
    assert ended.value.code == 0
    assert [command.name for command in COMMANDS if command.name not in shown] == []


@pytest.mark.parametrize("words", [[], ["standalon"], ["tail", "--log", "--kafka"], ["send"]])
def test_arguments_that_do_not_fit_are_status_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The usage and one line on standard error; nothing is begun."""
    with pytest.raises(SystemExit) as ended:
        main(words)

    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (2, "")
    assert err.splitlines()[-1].startswith("meetwire")
    assert ": error: " in err.splitlines()[-1]


def test_settings_are_named_before_or_after_the_command(tmp_path: Path) -> None:
    """People write both."""
    path = str(settled(tmp_path) / "meetwire.toml")

    before = parser().parse_args(["--config", path, "tail"])
    after = parser().parse_args(["tail", "--config", path])

    assert before.config == after.config == Path(path)
    assert parser().parse_args(["tail"]).config is None


def test_settings_are_named_after_a_command_within_a_command_too() -> None:
    """Each takes them; where it names none, those that were named before it stay."""
    within = list(_within(parser()))

    named = [
        parser().parse_args(words).config
        for words in (
            ["users", "list", "--config", "x"],
            ["users", "--config", "x", "list"],
            ["--config", "x", "users", "list"],
        )
    ]

    assert [name for name, one in within if "[--config FILE]" not in one.format_usage()] == []
    assert "users token" in dict(within)
    assert named == [Path("x")] * 3


def test_what_other_commands_need_is_not_waited_for() -> None:
    """No broker's client and no web server is imported for help; nor what is a command's name and an option's value."""
    program = (
        "import sys; from deploy.cli import parser; parser(['--help']); parser(['--config', 'qos', 'archive', 'show']);"
        " print(sorted({'aiohttp', 'aiokafka', 'receiver', 'consumers'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout == "[]\n"


def test_each_command_alone_takes_what_it_takes_among_all() -> None:
    """Whichever arguments are read, they are the same as in the whole command line."""
    wholes = _subparsers(parser())

    alone = {command.name: _subparsers(parser([command.name]))[command.name] for command in COMMANDS}

    assert {name: one.format_help() for name, one in alone.items()} == {
        name: one.format_help() for name, one in wholes.items()
    }


def _within(one: ArgumentParser, name: str = "") -> Iterator[tuple[str, ArgumentParser]]:
    for action in one._actions:
        if isinstance(action, _SubParsersAction):
            for word, sub in action.choices.items():
                yield f"{name}{word}", sub
                yield from _within(sub, f"{name}{word} ")


def _subparsers(whole: ArgumentParser) -> Mapping[str, ArgumentParser]:
    (found,) = (action.choices for action in whole._actions if isinstance(action, _SubParsersAction))
    return found


@pytest.mark.parametrize(
    "words", [("tail", "--no-follow"), ("schemas",), ("schemas", "print", "asyncapi.json"), ("config", "show")]
)
async def test_a_reader_that_goes_away_is_no_failure(tmp_path: Path, words: tuple[str, ...]) -> None:
    """`meetwire … | head -1` says nothing of a broken pipe, and ends with status 0."""
    folder = settled(tmp_path)
    async with serving(folder=folder) as service:
        await post(service, push())

    # A reader that has gone already; what is written has nowhere to go.
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = await asyncio.to_thread(
            lambda: subprocess.run(
                [*MEETWIRE, *words],
                cwd=folder,
                env=environment({}),
                stdout=writing,
                stderr=subprocess.PIPE,
                timeout=200,
                check=False,
            )
        )
    finally:
        os.close(writing)

    assert (ended.returncode, ended.stderr) == (0, b"")
