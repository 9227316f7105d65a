"""What the settings of the captions archive refuse, whatever machine they are for."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.settings import Captions


@pytest.mark.parametrize(
    ("given", "name"),
    [
        pytest.param({"keys_store": "file:/srv/archive"}, "keys_store", id="keys in the archive itself"),
        pytest.param({"keys_store": "file:/srv/spool/../archive/keys"}, "keys_store", id="or below it, by a detour"),
        pytest.param({"spool_folder": "/srv/archive/spool"}, "spool_folder", id="the spool"),
        pytest.param({"index_file": "/srv/archive/index.sqlite"}, "index_file", id="the words of all meetings"),
        pytest.param({"signing_key_file": "/srv/archive/ledger/key"}, "signing_key_file", id="the signing key"),
        pytest.param({"encryption_key_file": "/srv/archive/master"}, "encryption_key_file", id="the master key"),
        pytest.param({"witness": ("file:/srv/archive",)}, "witness", id="a witness that is the archive"),
    ],
)
def test_what_must_not_come_with_a_copy_of_the_archive(given: dict[str, Any], name: str) -> None:
    """The folder is what is copied, backed up and handed to an auditor; a witness in it is none."""
    with pytest.raises(
        ValueError, match=f"^{name} must not be within the store file:/srv/archive: whoever gets a copy"
    ):
        Captions(store="file:/srv/archive", **given)


def test_places_beside_the_archive_are_fine() -> None:
    """A name that only begins as the archive's does, another store of keys, and a bucket, which is no folder."""
    Captions(store="file:/srv/archive", keys_store="file:/srv/archive-keys", witness=("file:/srv/a",))
    Captions(store="file:/srv/archive", keys_store="s3://elsewhere/keys", witness=("https://witness.example.com",))
    Captions(store="s3://archive/p", keys_store="file:data/archive-keys", spool_folder="archive/p/spool")


@pytest.mark.parametrize(
    "witness", ["http://127.0.0.1.example.com/", "http://witness.example.com/", "file:", "ftp://x"]
)
def test_a_witness_is_asked_in_the_clear_on_this_machine_alone(witness: str) -> None:
    """A host whose name begins as this machine's address does is another one."""
    with pytest.raises(ValueError, match="witness: each must be"):
        Captions(witness=(witness,))


@pytest.mark.parametrize("witness", ["http://127.0.0.1:8080/notes", "http://127.0.0.1", "s3://bucket/notes"])
def test_other_witnesses_are_taken(witness: str) -> None:
    """As they are written."""
    assert Captions(witness=(witness,)).witness == (witness,)


def test_a_list_of_nothing_to_keep_is_no_policy() -> None:
    """Whoever means it says so: an archive that keeps nothing would show in years."""
    with pytest.raises(ValueError, match='say keep = "none" if that is meant'):
        Captions(keep=())
    assert Captions(keep="none").keep == "none"
