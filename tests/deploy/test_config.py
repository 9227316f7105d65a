"""`meetwire config` says whether settings are good, and what they are in effect."""

import base64
import sys
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
        (ENTERPRISE, "meetwire.toml: good; 1 enterprise; no Kafka, the local log alone\n"),
        (
            '[kafka]\nservers = ["a:1", "b:2"]\n' + ENTERPRISE + ENTERPRISE.replace("acme", "b").replace('"1"', '"2"'),
            "meetwire.toml: good; 2 enterprises; Kafka at a:1, b:2\n",
        ),
        (
            '[kafka]\nservers = ["a:1"]\n[qos]\n',
            "meetwire.toml: good; no enterprises: consumers would start, the receiver would not; Kafka at a:1\n",
        ),
    ],
    ids=["one enterprise", "Kafka", "a host for consumers"],
)
def test_good_settings_are_called_good(folder: Path, capsys: pytest.CaptureFixture[str], text: str, told: str) -> None:
    """Good settings: one line, and the exit status 0."""
    (folder / "meetwire.toml").write_text(text)

    assert run("check") == 0
    assert capsys.readouterr() == (told, "")


@pytest.mark.parametrize("text", [None, "", '[kafka]\nservers = ["a:1"]\n'], ids=["no file", "empty", "Kafka alone"])
def test_settings_that_start_nothing_are_not_good(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str | None
) -> None:
    """They can be shown; what standalone and receive refuse, and every consumer, is not called good."""
    if text is not None:
        (folder / "meetwire.toml").write_text(text)

    assert run("check") == 1
    assert capsys.readouterr() == (
        "",
        "no [[enterprises]] in the settings: the receiver would not start; nor would a consumer, with none of "
        "[captions], [qos] and [dashboard]\n",
    )
    assert run("show") == 0


def test_settings_of_the_environment_are_good_without_a_file(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line says so."""
    monkeypatch.setenv("MEETWIRE_QOS_STATE_FOLDER", str(folder))

    assert run("check") == 0
    assert capsys.readouterr().out.startswith("no settings file: good; no enterprises: consumers would start")


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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(
            '[qos]\nrules_file = "gone.toml"\n',
            "qos.rules_file: gone.toml: cannot be read: No such file or directory",
            id="rules that are not there",
        ),
        pytest.param(
            '[qos]\nrules_file = "meetwire.toml"\n',
            "qos.rules_file: meetwire.toml:1: qos: no such table",
            id="rules that are none",
        ),
        pytest.param(
            '[[qos.notify]]\nname = "ops"\nkind = "alertmanager"\nurls = ["https://a"]\nca_file = "gone.pem"\n',
            "qos.notify.ca_file of ops gone.pem: No such file or directory",
            id="a channel's authorities",
        ),
        pytest.param(
            '[captions]\nencryption_key_file = "gone"\n',
            "captions.encryption_key_file gone: there is none; make one: (umask 077; openssl rand -base64 32 > FILE)",
            id="the archive's key",
        ),
        pytest.param(
            '[captions]\nstore = "s3://bucket"\ncredentials_file = "gone"\n',
            "captions.credentials_file gone: No such file or directory",
            id="the store's credentials",
        ),
        pytest.param(
            '[captions]\nca_file = "meetwire.toml"\n',
            "captions.ca_file meetwire.toml: no certificate or crl found",
            id="the store's authorities",
        ),
    ],
)
def test_what_a_consumer_would_refuse_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    """What runs beside the receiver reads files of its own at its start: settings are not good without them."""
    (folder / "meetwire.toml").write_text(text)

    assert run("check") == 1
    assert capsys.readouterr() == ("", f"{told}\n")


@pytest.mark.parametrize(
    ("package", "text", "table"),
    [
        ("argon2", "[dashboard]\n", "[dashboard]"),
        ("pyarrow", "[captions]\n", "[captions]"),
        ("boto3", '[captions]\nwitness = ["s3://somebody-elses"]\n', "[captions]"),
    ],
)
def test_packages_that_are_not_installed_are_told(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    package: str,
    text: str,
    table: str,
) -> None:
    """A table asks for packages that not every installation has, and only that table does."""
    monkeypatch.setitem(sys.modules, package, None)
    (folder / "meetwire.toml").write_text(text)

    assert run("check") == 1
    assert capsys.readouterr().err == (
        f"{table}: {package} is missing: install what requirements/extras.txt lists (README, Installing)\n"
    )
    (folder / "meetwire.toml").write_text(ENTERPRISE)
    assert run("check") == 0


def test_settings_with_everything_are_good(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Archive, alerts and dashboard, with the files that they name."""
    key = folder / "key"
    key.touch(0o600)
    key.write_text(base64.b64encode(bytes(32)).decode())
    (folder / "meetwire.toml").write_text('[captions]\nencryption_key_file = "key"\n[qos]\n[dashboard]\n' + ENTERPRISE)

    assert run("check") == 0
    assert capsys.readouterr() == ("meetwire.toml: good; 1 enterprise; no Kafka, the local log alone\n", "")


def test_a_channel_is_good_with_its_kind_and_address_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As one writes it who has one Alertmanager, and no other channel of its kind."""
    channel = '[[qos.notify]]\nkind = "alertmanager"\nurl = "http://127.0.0.1:9093"\n'
    (folder / "meetwire.toml").write_text(ENTERPRISE + "[qos]\n" + channel)
    (folder / "two.toml").write_text(ENTERPRISE + "[qos]\n" + channel * 2)

    assert (run("check"), run("check", folder / "two.toml"), run("show")) == (0, 1, 0)
    out, err = capsys.readouterr()
    assert err == f"{folder}/two.toml:5: qos: notify: two are called alertmanager: give each a name of its own\n"
    assert 'name = "alertmanager"\nkind = "alertmanager"  # meetwire.toml:7\n' in out
    assert "9093" not in out


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
