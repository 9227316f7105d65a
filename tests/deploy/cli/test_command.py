"""The command line as a whole: what it is called with, and what it says where that does not fit."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import pytest

from deploy.cli import COMMANDS, main, parser
from tests.consumers.records import numbered
from tests.consumers.writing import LogWriter

from .pushes import post, push, settled
from .running import PLAIN, environment, read_by_nobody, serving, written_to


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

    ended = await asyncio.to_thread(read_by_nobody, *words, folder=folder)

    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize("buffered", [True, False])
@pytest.mark.parametrize(
    "words",
    [
        ("tail", "--no-follow"),
        ("schemas", "print", "asyncapi.json"),
        ("config", "show"),
        ("qos", "replay"),
        ("--help",),
    ],
    ids=" ".join,
)
def test_an_output_that_cannot_be_written_is_said(tmp_path: Path, words: tuple[str, ...], buffered: bool) -> None:
    """A full disk: one line, and not status 0. Whether Python writes at once or at the end."""
    folder = logged(tmp_path)

    with open("/dev/full", "wb") as full:
        ended = written_to(full.fileno(), *words, folder=folder, buffered=buffered)

    told = ended.stderr.decode().splitlines()[-1]
    assert (ended.returncode, told) == (1, "meetwire: standard output: No space left on device")
    assert b"Traceback" not in ended.stderr


@pytest.mark.parametrize("words", [("tail", "--no-follow"), ("schemas",), ("--version",)], ids=" ".join)
def test_an_output_that_is_closed_is_said(tmp_path: Path, words: tuple[str, ...]) -> None:
    """`meetwire … >&-`, as a supervisor may start it."""
    ended = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *PLAIN, *words],
        cwd=logged(tmp_path),
        env=environment({}),
        stderr=subprocess.PIPE,
        timeout=200,
        check=False,
    )

    assert (ended.returncode, ended.stderr.decode()) == (1, "meetwire: standard output: Bad file descriptor\n")


def test_what_writes_nothing_needs_no_output(tmp_path: Path) -> None:
    """Closed, it is missed by nobody; nor is a file that is opened then taken for it."""
    out = ["sh", "-c", 'exec "$@" >&-', "sh", *PLAIN, "schemas", "--write", "here"]

    ended = subprocess.run(out, cwd=tmp_path, env=environment({}), stderr=subprocess.PIPE, timeout=200, check=False)

    assert (ended.returncode, ended.stderr) == (0, b"")


def test_another_file_that_fails_is_not_taken_for_the_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a disk is full, which one matters."""

    def full(_: Namespace) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("deploy.cli.schemas.run_schemas", full)

    with pytest.raises(OSError, match="No space left on device"):
        main(["schemas"])

    assert capsys.readouterr().err == ""


def logged(folder: Path) -> Path:
    """Write settings, and a log with a few events; return the folder."""
    writer = LogWriter(settled(folder) / "data/log")
    writer.append(*numbered(3))
    writer.close()
    return folder


# Presses Ctrl-C when a module is first asked for, and goes on.
PRESSING = """\
import os, signal, sys
class Pressing:
    def find_spec(self, name, *_):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Pressing())
from deploy.cli import main
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("words", "module", "status"),
    [
        pytest.param(("demo",), "importlib.metadata", -signal.SIGINT, id="at its first module"),
        pytest.param(("demo",), "aiohttp", -signal.SIGINT, id="as it is loaded"),
        pytest.param(("tail",), "consumers.tail", -signal.SIGINT, id="as a module of ours is loaded"),
        pytest.param(("standalone",), "uvloop", 130, id="as it begins"),
    ],
)
def test_ctrl_c_ends_what_has_not_begun(tmp_path: Path, words: tuple[str, ...], module: str, status: int) -> None:
    """By the signal, or with the status that shells have for it; no traceback."""
    ended = subprocess.run(
        # Whoever runs the tests in the background ignores Ctrl-C, and would hand that down.
        ["env", "--default-signal=INT", sys.executable, "-P", "-c", PRESSING.format(module=module), *words],
        cwd=settled(tmp_path),
        env=environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=200,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (status, b"")


def test_ctrl_c_is_ignored_where_it_was(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A command in the background of a shell does not end by what is pressed for another one."""
    found = []

    def looking(given: Sequence[str]) -> ArgumentParser:
        found.append(signal.getsignal(signal.SIGINT))
        return parser(given)

    monkeypatch.setattr("deploy.cli.parser", looking)
    was = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        main(["schemas"])
        found.append(signal.getsignal(signal.SIGINT))
    finally:
        signal.signal(signal.SIGINT, was)

    assert found == [signal.SIG_IGN, signal.SIG_IGN]
    assert capsys.readouterr().err == ""
