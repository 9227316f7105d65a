"""`meetwire config` says whether settings are good, and what they are in effect."""

from argparse import ArgumentParser
from pathlib import Path

import pytest
import trustme

from deploy.cli.config import add_config_arguments, run_config

from .refusal import folder

__all__ = ["folder"]

ENTERPRISE = '[[enterprises]]\nname = "acme"\nsubscriber_id = "1"\ncallback_passwords = ["marker"]\n'


def run(what: str, config: Path | None = None) -> int:
    """Run the command as its parser hands it over."""
    parser = ArgumentParser()
    parser.set_defaults(config=config)
    add_config_arguments(parser)
    return run_config(parser.parse_args([what]))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "meetwire.toml: good; no enterprises; no Kafka, the local log alone\n"),
        (ENTERPRISE, "meetwire.toml: good; 1 enterprise; no Kafka, the local log alone\n"),
        ('[kafka]\nservers = ["a:1", "b:2"]', "meetwire.toml: good; no enterprises; Kafka at a:1, b:2\n"),
    ],
    ids=["empty", "one enterprise", "Kafka"],
)
def test_good_settings_are_called_good(folder: Path, capsys: pytest.CaptureFixture[str], text: str, told: str) -> None:
    """Good settings: one line, and the exit status 0."""
    (folder / "meetwire.toml").write_text(text)

    assert run("check") == 0
    assert capsys.readouterr() == (told, "")


@pytest.mark.usefixtures("folder")
def test_no_settings_are_good_settings(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a file the defaults are checked, and the line says so."""
    assert run("check") == 0
    assert capsys.readouterr() == ("no settings file: good; no enterprises; no Kafka, the local log alone\n", "")


@pytest.mark.parametrize("what", ["check", "show"])
def test_settings_with_faults_are_refused(folder: Path, capsys: pytest.CaptureFixture[str], what: str) -> None:
    """A line for each fault on standard error, and the exit status 1."""
    path = folder / "other.toml"
    path.write_text("[log]\nfoldr = 1\n[admin]\nlisten = 1\n")

    assert run(what, path) == 1
    assert capsys.readouterr() == (
        "",
        f"{path}:2: log.foldr: no such setting; did you mean folder?\n"
        f"{path}:4: admin.listen: must be host:port, IPv6 as [::1]:port\n",
    )


APP = ENTERPRISE + '[enterprises.app]\nid = "a"\nkeys = ["marker-key"]\nca_file = "authority.pem"\n'


def test_files_that_cannot_be_read_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Settings that would not start are not called good; they can be shown all the same, keys masked."""
    (folder / "meetwire.toml").write_text(APP)

    assert (run("check"), run("show")) == (1, 0)
    out, err = capsys.readouterr()
    assert err == "enterprises.app.ca_file authority.pem: No such file or directory\n"
    assert 'keys = ["********"]  # meetwire.toml:' in out
    assert "marker" not in out + err


def test_authorities_that_can_be_read_are_good(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the file there, nothing is wrong with the same settings."""
    (folder / "meetwire.toml").write_text(APP)
    trustme.CA().cert_pem.write_to_path(str(folder / "authority.pem"))

    assert run("check") == 0
    assert capsys.readouterr() == ("meetwire.toml: good; 1 enterprise; no Kafka, the local log alone\n", "")


def test_settings_are_shown_with_secrets_masked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`show` prints the settings in effect; warnings go to standard error."""
    (folder / "password").write_text("marker")
    (folder / "password").chmod(0o644)
    (folder / "meetwire.toml").write_text('[kafka]\nservers = ["k:1"]\npassword_file = "password"\n' + ENTERPRISE)

    assert run("show") == 0
    out, err = capsys.readouterr()
    assert out.endswith(
        "\n[[enterprises]]\n"
        'name = "acme"  # meetwire.toml:5\n'
        'subscriber_id = "1"  # meetwire.toml:6\n'
        'callback_passwords = ["********"]  # meetwire.toml:7\n'
    )
    assert err == "warning: password: everybody on this machine can read it (chmod o= password)\n"
    assert "marker" not in out + err
