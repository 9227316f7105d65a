"""What stands against a start is said in one line that names the setting, and the exit status is 2."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from tests.encrypted import ENCRYPTED

from .pushes import SETTINGS, settled
from .running import meetwire, serving

KAFKA = '[kafka]\nservers = ["127.0.0.1:1"]\n'


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


async def refusal(folder: Path, **environ: str) -> list[str]:
    """Return what `meetwire standalone` says to a person, having ended with status 2 and printed nothing else."""
    ended = await meetwire("standalone", folder=folder, environ=environ)
    assert (ended.status, ended.out) == (2, "")
    return ended.err


@pytest.mark.parametrize("table", ["webhook", "admin"])
async def test_a_taken_port_is_said(tmp_path: Path, taken: int, table: str) -> None:
    """Which setting, which address, and that another program has it."""
    told = await refusal(settled(tmp_path), **{f"MEETWIRE_{table.upper()}_LISTEN": f"127.0.0.1:{taken}"})

    assert told == [f"meetwire: {table}.listen 127.0.0.1:{taken}: Address already in use"]


async def test_a_host_that_is_not_known_is_said(tmp_path: Path) -> None:
    """A name that nobody can look up is told with its setting."""
    told = await refusal(settled(tmp_path), MEETWIRE_WEBHOOK_LISTEN="nowhere.invalid:8080")

    assert [line.rpartition(": ")[0] for line in told] == ["meetwire: webhook.listen nowhere.invalid:8080"]


async def test_settings_without_an_enterprise_are_refused(tmp_path: Path) -> None:
    """Without a password nothing could be verified, and a receiver that verifies nothing does not start."""
    assert await refusal(tmp_path) == [
        "meetwire: no [[enterprises]] in the settings: whose pushes are these? See deploy/meetwire.toml"
    ]


async def test_bad_settings_are_refused_with_all_their_faults(tmp_path: Path) -> None:
    """A line for each fault: where, which, and what fits."""
    (tmp_path / "meetwire.toml").write_text("[log]\nfoldr = 1\n" + SETTINGS)

    assert await refusal(tmp_path, MEETWIRE_KAFKA_SERVERS="nowhere") == [
        "meetwire.toml:2: log.foldr: no such setting; did you mean folder?",
        "MEETWIRE_KAFKA_SERVERS: must be host:port, IPv6 as [::1]:port",
    ]


async def test_a_settings_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The defaults are not what was asked for."""
    ended = await meetwire("--config", "elsewhere.toml", "standalone", folder=tmp_path)

    assert (ended.status, ended.err) == (2, ["elsewhere.toml: cannot be read: No such file or directory"])


async def test_a_log_of_another_form_is_refused(tmp_path: Path) -> None:
    """The number of partitions is fixed when the log is made, and a change is no silent new beginning."""
    async with serving(folder=settled(tmp_path)) as service:
        await service.stopped()

    told = await refusal(settled(tmp_path, KAFKA + "partitions = 3\n"))

    assert told == ["meetwire: the log in data/log has partitions 12, here it would be 3"]


async def test_a_damaged_log_is_refused(tmp_path: Path) -> None:
    """Bytes that are no log are left as they are, for whoever can mend them."""
    folder, damaged = settled(tmp_path), b"no database, however long one reads in it. " * 100
    (folder / "data/log").mkdir(parents=True)
    (folder / "data/log/log.sqlite").write_bytes(damaged)

    told = await refusal(folder)

    assert told == ["meetwire: data/log/log.sqlite is damaged, or no log of ours: file is not a database"]
    assert (folder / "data/log/log.sqlite").read_bytes() == damaged


async def test_a_log_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """What the database complains of is told with the setting."""
    (tmp_path / "data/log/log.sqlite-wal").mkdir(parents=True)

    told = await refusal(settled(tmp_path))

    assert told == ["meetwire: log.folder data/log: disk I/O error"]


async def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """A file stands where the log's folder should be."""
    (tmp_path / "data").write_text("")

    assert await refusal(settled(tmp_path)) == ["meetwire: log.folder data/log: Not a directory"]


def _missing(_: Path) -> str:
    return "webhook.tls_certificate_file server.pem: No such file or directory"


def _of_another_key(folder: Path) -> str:
    authority = trustme.CA()
    authority.issue_cert("localhost").cert_chain_pems[0].write_to_path(str(folder / "server.pem"))
    authority.issue_cert("localhost").private_key_pem.write_to_path(str(folder / "server.key"))
    return "webhook.tls_certificate_file server.pem: key values mismatch"


def _no_certificate(folder: Path) -> str:
    for name in ("server.pem", "server.key"):
        (folder / name).write_text("not PEM")
    return "webhook.tls_certificate_file server.pem: no certificate"


def _no_key(folder: Path) -> str:
    certificate = trustme.CA().issue_cert("localhost").cert_chain_pems[0]
    for name in ("server.pem", "server.key"):
        certificate.write_to_path(str(folder / name))
    return "webhook.tls_key_file server.key: no private key"


def _encrypted(folder: Path) -> str:
    authority = trustme.CA()
    authority.issue_cert("localhost").cert_chain_pems[0].write_to_path(str(folder / "server.pem"))
    (folder / "server.key").write_text(ENCRYPTED)
    return "webhook.tls_key_file: is encrypted; give one without a password"


@pytest.mark.parametrize("make", [_missing, _of_another_key, _no_certificate, _no_key, _encrypted])
async def test_a_certificate_that_does_not_fit_is_refused(tmp_path: Path, make: Callable[[Path], str]) -> None:
    """Before a single connection fails for it."""
    folder = settled(tmp_path, webhook='tls_certificate_file = "server.pem"\ntls_key_file = "server.key"\n')

    told = make(folder)

    assert await refusal(folder) == [f"meetwire: {told}"]


async def test_kafka_settings_whose_files_cannot_be_read_are_refused(tmp_path: Path) -> None:
    """At the start, not by a forwarder that tries again for ever."""
    folder = settled(tmp_path, KAFKA + 'security = "SSL"\nca_file = "authority.pem"\n')

    assert await refusal(folder) == ["meetwire: kafka.ca_file authority.pem: No such file or directory"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(None, "No such file or directory", id="not there"),
        pytest.param("not PEM", "no certificate or crl found", id="no certificate"),
    ],
)
async def test_authorities_of_the_service_that_cannot_be_read_are_refused(
    tmp_path: Path, content: str | None, told: str
) -> None:
    """At the start, and with the name of the setting: not by a client that is refused by everybody."""
    app = '[enterprises.app]\nid = "an-app"\nkeys = ["marker"]\nca_file = "authority.pem"\n'
    (tmp_path / "meetwire.toml").write_text(SETTINGS + app)
    if content is not None:
        (tmp_path / "authority.pem").write_text(content)

    assert await refusal(tmp_path) == [f"meetwire: enterprises.app.ca_file authority.pem: {told}"]


async def test_a_password_file_that_others_can_read_is_warned_of(tmp_path: Path) -> None:
    """It starts all the same, as containers mount secrets so; and says what to do about it."""
    folder = settled(tmp_path)
    settings = SETTINGS.partition("callback_passwords")[0] + 'callback_passwords_file = "acme"\n'
    (folder / "meetwire.toml").write_text(settings)
    (folder / "acme").write_text("a password\n")
    (folder / "acme").chmod(0o644)

    told = await refusal(folder, MEETWIRE_ADMIN_LISTEN="nowhere.invalid:1")

    assert told[:1] == ["warning: acme: everybody on this machine can read it (chmod o= acme)"]
