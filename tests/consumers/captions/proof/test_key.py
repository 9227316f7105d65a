"""The signing key is made once, is one that openssl made too, and is refused where others can read it."""

from __future__ import annotations

import os
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from consumers.captions.errors import Misconfigured
from consumers.captions.proof.key import SigningKey

from .building import NAME


def test_key_is_made_once(tmp_path: Path) -> None:
    """The first start makes it, for its owner alone; the second reads it; nothing else is left there."""
    path = tmp_path / "keys" / "archive.key"

    first, second = SigningKey.load_or_make(path), SigningKey.load_or_make(path)

    assert first.verifier(NAME) == second.verifier(NAME)
    assert first.salt_secret == second.salt_secret
    assert len(first.salt_secret) == 32
    assert [(one.name, stat.S_IMODE(one.stat().st_mode)) for one in path.parent.iterdir()] == [("archive.key", 0o600)]


def test_key_that_is_not_there_is_not_made_for_who_reads(tmp_path: Path) -> None:
    """It says where it looked."""
    with pytest.raises(Misconfigured, match=f"signing_key_file {tmp_path}/archive.key: there is none here"):
        SigningKey.load(tmp_path / "archive.key")

    assert list(tmp_path.iterdir()) == []


def test_several_starts_at_once_have_one_key(tmp_path: Path) -> None:
    """Who comes second takes the first one's."""
    path = tmp_path / "archive.key"
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: SigningKey.load_or_make(path), range(8)))

    assert {str(key.verifier(NAME)) for key in keys} == {str(SigningKey.load_or_make(path).verifier(NAME))}
    assert os.listdir(tmp_path) == ["archive.key"]


def test_key_that_openssl_made_is_read(tmp_path: Path) -> None:
    """An operator may make it with what he trusts; and openssl sees the public key that we see."""
    path = tmp_path / "archive.key"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", path], check=True, timeout=200)
    path.chmod(0o600)
    asked = ["openssl", "pkey", "-in", str(path), "-pubout", "-outform", "DER"]
    public = subprocess.run(asked, check=True, capture_output=True, timeout=200).stdout[-32:]

    assert SigningKey.load_or_make(path).verifier(NAME).public == public


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o620])
def test_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """With the remedy."""
    path = tmp_path / "archive.key"
    SigningKey.load_or_make(path)
    path.chmod(mode)

    with pytest.raises(Misconfigured, match="chmod 600"):
        SigningKey.load_or_make(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        # An X25519 key: of the right length, and for something else.
        b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VuBCIEIAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\n"
        b"-----END PRIVATE KEY-----\n",
    ],
)
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    """And is not written over."""
    path = tmp_path / "archive.key"
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(Misconfigured, match="signing_key_file"):
        SigningKey.load_or_make(path)
    assert path.read_bytes() == content


def test_key_in_a_place_that_is_none_is_refused(tmp_path: Path) -> None:
    """Said in one line, with the file."""
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(Misconfigured, match="signing_key_file"):
        SigningKey.load_or_make(tmp_path / "file" / "archive.key")
