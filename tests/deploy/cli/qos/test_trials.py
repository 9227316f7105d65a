"""`meetwire qos test`: rules are tested by a file, as promtool does it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.cli import main

ROOT = Path(__file__).parents[4]

RULES = """\
[no_data]
participant_after_s = 600

[[rules]]
name = "slow"
metric = "round_trip_ms"
above = 500.0
for_s = 0
severity = "critical"
where = { departments = ["R*"], subjects = ["Board*"] }

[[rules]]
name = "flagged"
metric = "alarm"
modality = "audio"
for_s = 0

[[rules]]
name = "hot"
metric = "alarm"
modality = "client"
for_s = 0

[[rules]]
name = "rated"
metric = "rating"
for_s = 0
"""

TRIALS = """\
rules_file = "rules.toml"

[[trials]]
name = "a slow line of research in a meeting of the board"
series = [
  { participant = "p-1", metric = "round_trip_ms", values = "900x3", department = "R&D", subject = "Board, May" },
  { participant = "p-2", metric = "round_trip_ms", values = "900x3", department = "Sales", subject = "Board, May" },
  { participant = "p-3", metric = "alarm", modality = "audio", values = "0 1 1" },
  { participant = "p-4", metric = "alarm", modality = "client", values = "_ 1 1" },
  { participant = "p-5", metric = "rating", values = "1 0 0" },
]
expect = [
  { at_s = 3, alerts = [{ level = "participant", place = "acme/m-1/p-1", severity = "critical", people = 1 }] },
  { at_s = 25, alerts = [
    { level = "participant", place = "acme/m-1/p-1" },
    { level = "participant", place = "acme/m-1/p-3" },
    { level = "participant", place = "acme/m-1/p-4" },
    { level = "participant", place = "acme/m-1/p-5" },
  ] },
]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A rule file and its test."""
    (tmp_path / "rules.toml").write_text(RULES)
    (tmp_path / "trials.toml").write_text(TRIALS)
    return tmp_path


def test_the_test_of_the_rules_that_ship_is_good(capsys: pytest.CaptureFixture[str]) -> None:
    """It stands beside them, as a model."""
    assert main(["qos", "test", str(ROOT / "deploy/qos.test.toml")]) == 0
    assert capsys.readouterr().out.count("good    ") == 4


def test_rules_that_do_what_the_test_says_are_good(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Figures, the service's flags and its words, scopes and severities."""
    assert main(["qos", "test", str(folder / "trials.toml")]) == 0
    assert capsys.readouterr().out == "good    a slow line of research in a meeting of the board\n"


def test_what_stands_and_should_not_and_the_other_way_round_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the time, so that one sees at which sample."""
    text = TRIALS.replace('p-1", severity = "critical", people = 1', 'p-9"')
    (folder / "trials.toml").write_text(text)

    assert main(["qos", "test", str(folder / "trials.toml")]) == 1
    assert capsys.readouterr().out == (
        "FAILED  a slow line of research in a meeting of the board\n\n"
        "a slow line of research in a meeting of the board, after 3 s:\n"
        "  should stand, and does not: participant acme/m-1/p-9\n"
        "  stands, and should not:     participant acme/m-1/p-1 critical of 1\n"
    )


def test_failures_are_had_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For whoever runs it in a pipeline; with other rules than the test names."""
    (folder / "none.toml").write_text("[no_data]\nparticipant_after_s = 600\n")

    assert main(["qos", "test", str(folder / "trials.toml"), "--rules", str(folder / "none.toml"), "--json"]) == 1
    failures = json.loads(capsys.readouterr().out)
    assert [(one["at_s"], len(one["missing"]), one["unexpected"]) for one in failures] == [(3.0, 1, []), (25.0, 4, [])]


@pytest.mark.parametrize("values", ["900 often", "1.2.3", ".", "1.x3", "--1", ""])
def test_a_test_that_is_not_good_is_refused_with_line_and_remedy(
    values: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As settings are."""
    (folder / "trials.toml").write_text(
        TRIALS.replace('"900x3", department = "R&D"', f'"{values}", department = "R&D"')
    )

    assert main(["qos", "test", str(folder / "trials.toml")]) == 2
    assert "must be figures one after the other, such as" in capsys.readouterr().err


def test_a_figure_of_half_a_bit_is_a_figure(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A test that means a bit rate of nearly nothing may say so."""
    (folder / "rules.toml").write_text('[[rules]]\nname = "thin"\nmetric = "bitrate_bps"\nbelow = 10.0\nfor_s = 0\n')
    series = '{ participant = "p-1", metric = "bitrate_bps", values = "0.5x3" }'
    stands = '{ at_s = 25, alerts = [{ level = "participant", place = "acme/m-1/p-1" }] }'
    text = f'rules_file = "rules.toml"\n[[trials]]\nname = "thin"\nseries = [{series}]\nexpect = [{stands}]\n'
    (folder / "trials.toml").write_text(text)

    assert main(["qos", "test", str(folder / "trials.toml")]) == 0
    assert capsys.readouterr().out == "good    thin\n"
