"""The command line as a whole: what it is called with, and what it says where that does not fit."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from deploy.cli import COMMANDS, main, parser

from .pushes import settled


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
