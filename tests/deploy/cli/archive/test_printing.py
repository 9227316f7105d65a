"""What a command prints of strangers' words cannot command the terminal, as a table or as JSON."""

from __future__ import annotations

import json

import pytest

from deploy.cli.archive import printing


def test_json_holds_what_was_said_and_no_control(capsys: pytest.CaptureFixture[str]) -> None:
    """C1 controls (CSI is one character of them), DEL, and marks that turn the direction come as escapes."""
    said = {"text": "\x1b[31m \x9b31m \x7f \u202eabc\u2066 会议 🏳️‍🌈"}

    printing.as_json(said)

    printed = capsys.readouterr().out
    assert json.loads(printed) == said
    assert not {"\x1b", "\x9b", "\x7f", "\u202e", "\u2066"} & set(printed)
    assert "会议 🏳️‍🌈" in printed
