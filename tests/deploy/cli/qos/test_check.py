"""`meetwire qos check`: every fault of a rule file with its line and its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.cli import main
from deploy.qos_rules import load_rules

BAD = """\
latenes_s = 5

[[rules]]
name = "Audio Loss"
metric = "packet_loss_ratio"
above = 10

[[rules]]
name = "jitter"
metric = "jitter_ms"

[[rules]]
name = "share"
metric = "packet_loss_ratio"
above = 10.0

[[rules]]
name = "alarm"
metric = "alarm"
above = 1.0

[[rules]]
name = "often"
metric = "rating"
bad = 4
of = 3

[[rules]]
name = "trembling"
metric = "jitter_ms"
below = 30.0
clear = 20.0

[[rules]]
name = "whose"
metric = "round_trip_ms"
modality = "audio"
above = 1.0

[[rules]]
name = "asleep"
metric = "rating"
[rules.quiet]
since = "22:00"
until = "07:00"
time_zone = "Mars/Olympus"

[[rules]]
name = "never"
metric = "rating"
quiet = { since = "07:00", until = "07:00" }

[[roll_ups]]
share = 2.0
level = "site"
"""

SAID = """\
qos.toml:1: latenes_s: no such setting; did you mean lateness_s?
qos.toml:4: rules[0].name: must be up to 63 lower-case letters, digits, _ and -
qos.toml:8: rules[1]: needs above or below, one of them
qos.toml:12: rules[2]: packet_loss_ratio is a share, from 0 to 1: 10 per cent is 0.1
qos.toml:17: rules[3]: alarm has no threshold: leave out above, below and clear
qos.toml:22: rules[4]: bad = 4 of = 3: no more can be bad than are looked at
qos.toml:28: rules[5]: clear must be on the good side of the threshold
qos.toml:34: rules[6]: round_trip_ms is of a participant, not of a flow: leave out modality and direction
qos.toml:43: rules[7].quiet: time_zone must be a name such as Asia/Shanghai
qos.toml:51: rules[8].quiet: since and until must differ; all day is since = "00:00", until = "24:00"
qos.toml:54: roll_ups[0].share: must be a number, above 0, 1 at most
"""


def test_the_rules_that_ship_are_good(capsys: pytest.CaptureFixture[str]) -> None:
    """An operator can leave them as they are; each says where its threshold comes from."""
    assert main(["qos", "check"]) == 0
    assert capsys.readouterr().out == "the rules that ship: good; 8 rules, 5 roll-ups\n"
    assert [rule.name for rule in load_rules().rules if not rule.source] == []


def test_every_fault_is_said_with_its_line_and_what_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All at once, so that nobody has to come back for each."""
    monkeypatch.chdir(tmp_path)
    Path("qos.toml").write_text(BAD)

    assert main(["qos", "check", "qos.toml"]) == 1
    assert capsys.readouterr().err == SAID


def test_two_rules_of_one_name_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The name is what alerts and silences go by."""
    rule = '[[rules]]\nname = "loss"\nmetric = "rating"\n'
    (tmp_path / "qos.toml").write_text(rule * 2)

    assert main(["qos", "check", str(tmp_path / "qos.toml")]) == 1
    assert capsys.readouterr().err.endswith("qos.toml: two rules have the name loss\n")


def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its name."""
    assert main(["qos", "check", str(tmp_path / "none.toml")]) == 1
    assert capsys.readouterr().err.endswith("none.toml: cannot be read: No such file or directory\n")


def test_a_file_of_ones_own_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With what it holds."""
    (tmp_path / "mine.toml").write_text('[[rules]]\nname = "loss"\nmetric = "rating"\n')

    assert main(["qos", "check", str(tmp_path / "mine.toml")]) == 0
    assert capsys.readouterr().out.endswith("mine.toml: good; 1 rule, no roll-ups\n")
