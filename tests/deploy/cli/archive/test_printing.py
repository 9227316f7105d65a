"""What a command prints of strangers' words cannot command the terminal, as a table or as JSON; nobody need read it."""

from __future__ import annotations

import json

import pytest

from deploy.cli.archive import printing
from tests.deploy.cli.running import read_by_nobody

from .conftest import Desk


def test_json_holds_what_was_said_and_no_control(capsys: pytest.CaptureFixture[str]) -> None:
    """C1 controls (CSI is one character of them), DEL, and marks that turn the direction come as escapes."""
    said = {"text": "\x1b[31m \x9b31m \x7f \u202eabc\u2066 会议 🏳️‍🌈"}

    printing.as_json(said)

    printed = capsys.readouterr().out
    assert json.loads(printed) == said
    assert not {"\x1b", "\x9b", "\x7f", "\u202e", "\u2066"} & set(printed)
    assert "会议 🏳️‍🌈" in printed


@pytest.mark.parametrize("words", [("show",), ("report", "--json"), ("verify",), ("public-key",)], ids=" ".join)
def test_a_reader_that_goes_away_is_no_failure(desk: Desk, words: tuple[str, ...]) -> None:
    """`meetwire archive … | head -1` says nothing of a broken pipe, as every other command."""
    ended = read_by_nobody("archive", *words, folder=desk.folder, buffered=False)

    assert (ended.returncode, ended.stderr.decode()) == (0, "")
