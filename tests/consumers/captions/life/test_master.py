"""The master key's file is refused where it is not one, and never shown."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from consumers.captions.errors import Altered, Misconfigured
from consumers.captions.life.held_keys import Rest, Whole
from consumers.captions.life.master import MasterKeys
from schemas.archive.keys import WrappedKey

from .conftest import write_master

ONE, OTHER = b"1" * 32, b"2" * 32


def test_wrapped_key_comes_back() -> None:
    """What is wrapped is unwrapped, whole or what is left of it."""
    master = MasterKeys([ONE])
    rest = Rest({"t/0/1/5": b"r" * 32})

    assert master.unwrapped("id", master.wrapped("id", Whole(b"d" * 32))) == Whole(b"d" * 32)
    assert master.unwrapped("id", master.wrapped("id", rest)) == rest
    assert master.unwrapped("id", master.wrapped("id", Rest({}))) == Rest({})


def test_old_master_key_still_unwraps() -> None:
    """After a rotation what the old key wrapped opens, and the new one wraps."""
    stored = MasterKeys([ONE]).wrapped("id", Whole(b"d" * 32))
    both = MasterKeys([OTHER, ONE])

    assert both.unwrapped("id", stored) == Whole(b"d" * 32)
    assert not both.is_current(stored)
    assert both.is_current(both.wrapped("id", Whole(b"d" * 32)))


def test_missing_master_key_is_named() -> None:
    """Without the master key that wraps a data key, who reads is told which one is missing."""
    stored = MasterKeys([ONE]).wrapped("id", Whole(b"d" * 32))

    with pytest.raises(Misconfigured, match=f"data key id is wrapped by {stored.master}, not in the file"):
        MasterKeys([OTHER]).unwrapped("id", stored)


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param(lambda key: ("other", key), id="under another ID"),
        pytest.param(lambda key: ("id", WrappedKey(kind="rest", master=key.master, wrapped=key.wrapped)), id="kind"),
        pytest.param(lambda key: ("id", WrappedKey(kind="whole", master=key.master, wrapped="AAAA")), id="short"),
        pytest.param(lambda key: ("id", WrappedKey(kind="whole", master=key.master, wrapped="§")), id="not base64"),
    ],
)
def test_altered_wrapped_key_does_not_open(spoilt) -> None:  # type: ignore[no-untyped-def]  # a lambda of the cases
    """A wrapped key that was moved or changed is called altered."""
    master = MasterKeys([ONE])
    key_id, stored = spoilt(master.wrapped("id", Whole(b"d" * 32)))

    with pytest.raises(Altered, match=f"data key {key_id} does not open under master key {stored.master}"):
        master.unwrapped(key_id, stored)


def test_file_holds_several_keys(tmp_path: Path) -> None:
    """One key a line, blank lines ignored; the first wraps."""
    path = write_master(tmp_path / "master", OTHER, ONE)
    path.write_bytes(path.read_bytes() + b"\n\n")
    master = MasterKeys.load(path)

    assert master.is_current(MasterKeys([OTHER]).wrapped("id", Whole(b"d" * 32)))
    assert master.unwrapped("id", MasterKeys([ONE]).wrapped("id", Whole(b"d" * 32))) == Whole(b"d" * 32)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "holds no key; make one: (umask 077; openssl rand -base64 32 > FILE)", id="empty"),
        pytest.param(base64.b64encode(b"k" * 16), "a line is not 32 bytes in base64; make one", id="too short"),
        pytest.param(b"not base64 at all!", "a line is not 32 bytes in base64; make one", id="not base64"),
        pytest.param("密钥".encode(), "cannot be read; UnicodeDecodeError", id="not ASCII"),
    ],
)
def test_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    """The refusal names the file, what is wrong with it and the remedy, and nothing that is in it."""
    path = tmp_path / "master"
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(Misconfigured, match=re.escape(f"encryption_key_file {path}: {says}")) as refused:
        MasterKeys.load(path)
    assert base64.b64encode(b"k" * 16).decode() not in str(refused.value)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A file that is not there is not made: whoever lost it must know."""
    with pytest.raises(Misconfigured, match="there is none; make one"):
        MasterKeys.load(tmp_path / "master")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """A master key that others can read or write is none any more."""
    path = write_master(tmp_path / "master", ONE)
    path.chmod(mode)

    with pytest.raises(Misconfigured, match="others can read or write it; chmod 600 it, and ask who had it"):
        MasterKeys.load(path)


def test_keys_are_never_shown() -> None:
    """No `repr` holds a key."""
    shown = [repr(one) for one in (MasterKeys([ONE]), Whole(ONE), Rest({"t/0/1/5": ONE}))]

    assert shown == ["<MasterKeys 1>", "<Whole>", "<Rest 1>"]
