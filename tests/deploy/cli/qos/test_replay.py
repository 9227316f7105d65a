"""`meetwire qos replay`: what rules would have done on a log, in a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from deploy.cli import main
from tests.consumers.qos.engine.told import loss, sample
from tests.consumers.qos.replay.stored import at, published, record, stored
from tests.consumers.qos.replay.test_replaying import HOUR, OLD, WORLD, live
from tests.consumers.writing import LogWriter

OLD_FILE = """\
[no_data]
participant_after_s = 3600.0
meeting_after_s = 3600.0
all_after_s = 3600.0

[[rules]]
name = "loss"
metric = "packet_loss_ratio"
above = 0.1
for_s = 0.0
keep_firing_for_s = 10.0
"""
STRICT_FILE = OLD_FILE.replace('"loss"', '"strict"').replace("above = 0.1", "above = 0.01")
Replayed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def replayed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Replayed:
    """Replay a log with an alert of an hour, in a time zone that is told; return status, output and errors."""
    monkeypatch.setenv("TZ", "UTC")
    records = stored(WORLD, HOUR)
    writer = LogWriter(tmp_path / "log")
    writer.append(*records, *published(live(OLD, records), OLD))
    writer.close()
    (tmp_path / "old.toml").write_text(OLD_FILE)
    (tmp_path / "strict.toml").write_text(STRICT_FILE)
    (tmp_path / "bad.toml").write_text("watch = true\n")
    (tmp_path / "meetwire.toml").write_text('[log]\nfolder = "log"\n[qos]\nrules_file = "old.toml"\n')
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(["qos", "replay", "--from", at(0).isoformat(), "--to", at(HOUR).isoformat(), *arguments])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


def test_both_sides_are_in_a_table_and_what_is_otherwise_below(replayed: Replayed) -> None:
    """For a person who thinks of stricter rules."""
    status, out, err = replayed("--rules", "strict.toml", "--warm-up", "5m", "--noise", "1m")

    began = at(0).astimezone()
    assert (status, err) == (0, "")
    assert (
        out
        == f"""\
{began:%Y-%m-%d %H:%M:%S} to {at(HOUR).astimezone():%Y-%m-%d %H:%M:%S}: 24 samples in 1,121 records

                these rules  as published
alerts told     2            1
  warning       2            1
minutes told    1.5          1.1
noise: alerts   1            0
noise: minutes  0.4          0.0
by loss         0            1
by strict       2            0

the same 1, more 1, fewer 0, earlier 0, later 0

      by    since                severity  level        place         rules
more  25 s  {at(605).astimezone():%Y-%m-%d %H:%M:%S}  warning   participant  acme/m-1/p-2  strict
"""
    )


def test_without_rules_it_is_those_of_the_settings(replayed: Replayed) -> None:
    """Which tell what was told."""
    status, out, _ = replayed("--log")

    assert (status, out.splitlines()[-1]) == (0, "the same 1, more 0, fewer 0, earlier 0, later 0")


def test_json_has_all_of_it(replayed: Replayed) -> None:
    """For programs."""
    status, out, _ = replayed("--rules", "strict.toml", "--against", "old.toml", "--json")

    came = json.loads(out)
    assert (status, came["against"], came["samples"], came["comparison"]["more"]) == (0, "rules", 24, 1)
    assert came["comparison"]["differences"][0]["rules"] == ["strict"]


def test_the_first_twenty_are_shown_unless_all_are_wanted(replayed: Replayed, monkeypatch: pytest.MonkeyPatch) -> None:
    """And how many are left."""
    monkeypatch.setattr("deploy.cli.qos.replayed.FIRST", 1)
    other = ("--rules", "strict.toml", "--against", "bad.toml")
    Path("bad.toml").write_text("watchdog = true\n" + OLD_FILE.partition("[[rules]]")[0])

    _, some, _ = replayed(*other)
    _, everything, _ = replayed(*other, "--all")

    assert some.splitlines()[-1] == "and 1 more: --all shows them"
    assert [line.split()[0] for line in everything.splitlines()[-2:]] == ["more", "more"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["--rules", "bad.toml"], "bad.toml:1: watch", id="rules"),
        pytest.param(["--against", "bad.toml"], "bad.toml:1: watch", id="the other rules"),
        pytest.param(["--kafka"], "meetwire: --kafka needs a table [kafka] in the settings", id="no kafka"),
        pytest.param(["--to", at(-1).isoformat()], "meetwire: --from must be before --to", id="the wrong way round"),
    ],
)
def test_what_is_wrong_is_said(replayed: Replayed, arguments: list[str], words: str) -> None:
    """With exit status 2."""
    status, out, err = replayed(*arguments)

    assert (status, out) == (2, "")
    assert words in err


def test_a_log_that_is_not_there_is_said(replayed: Replayed) -> None:
    """With exit status 1."""
    Path("meetwire.toml").write_text('[log]\nfolder = "nowhere"\n')

    assert replayed() == (1, "", "meetwire: no log in nowhere: start the receiver first, or name its log.folder\n")


def test_a_broker_that_is_not_there_is_said(replayed: Replayed) -> None:
    """With a table [kafka] the topics are read, unless the log is asked for."""
    with Path("meetwire.toml").open("a") as file:
        file.write('[kafka]\nservers = ["127.0.0.1:1"]\n')

    status, out, err = replayed()

    assert (status, out, err.startswith("meetwire: Kafka at 127.0.0.1:1: ")) == (1, "", True)
    assert replayed("--log")[0] == 0


def test_what_was_not_used_is_said(replayed: Replayed) -> None:
    """What came too late, and what nobody can read."""
    writer = LogWriter(Path("more"))
    records = stored(WORLD, HOUR)
    late = [record(sample("p-1", 5, loss(0.9))), msgspec.structs.replace(records[0], value=b"[", id="broken")]
    writer.append(*records, *late)
    writer.close()
    Path("meetwire.toml").write_text('[log]\nfolder = "more"\n')

    status, out, _ = replayed("--rules", "old.toml")

    assert status == 0
    assert out.splitlines()[1] == "not used: 1 records that came too late, 1 that could not be read"


@pytest.mark.parametrize(
    ("option", "text", "words"),
    [
        ("--from", "yesterday", "no time such as 2026-07-01T14:00, nor 90m, 24h, 7d ago"),
        ("--noise", "soon", "no span of time such as 30s, 5m, 2h or 1d"),
    ],
)
def test_a_time_that_is_none_is_refused(
    replayed: Replayed, capsys: pytest.CaptureFixture[str], option: str, text: str, words: str
) -> None:
    """By the command line, with what would fit."""
    with pytest.raises(SystemExit, match="2"):
        replayed(option, text)

    assert f"{text!r} is {words}" in capsys.readouterr().err


def test_a_time_can_be_so_long_ago(replayed: Replayed) -> None:
    """The world of these tests lies in the future: nothing of it is that long ago."""
    status, out, _ = replayed("--from", "2h", "--to", "1h")

    hours = timedelta(hours=1)
    assert (status, hours.total_seconds(), ": 0 samples in 0 records" in out) == (0, 3_600.0, True)
