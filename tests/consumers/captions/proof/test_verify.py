"""What verification says of an archive that is as it should be, of one meeting of it, and of one cue."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from consumers.captions.errors import Misconfigured
from consumers.captions.evidence.line import leaf
from consumers.captions.proof.key import SigningKey
from consumers.captions.proof.merkle import leaf_hash
from consumers.captions.proof.note import VerifierKey
from consumers.captions.proof.verify import Finding, files, ledgers, manifests, tombs, verify
from consumers.captions.proof.verify.proving import checks
from consumers.captions.stores.folder import FolderStore
from schemas.archive import checkpoint_key, entry_key, segment_key
from schemas.topics import CAPTIONS

from .altering import both, flipped, relined, removed
from .building import (
    CLUSTER,
    NAME,
    event_id,
    folder,
    line,
    occurrence,
    segments,
)
from .telling import told

FIRST = segment_key(CLUSTER, CAPTIONS, 0, 0)
B = occurrence(1)


async def test_good_archive_is_good(built: FolderStore, public_key: str) -> None:
    """Everything was looked at, and nothing is said against it."""
    report = await verify(built, public_key)

    assert report.good
    assert report.findings == []
    assert (report.archive, report.entries, report.signed, report.versions, report.meetings) == (NAME, 4, 4, 3, 3)
    assert (report.records, report.segments, report.unbound, report.files, report.accesses) == (30, 3, 0, 6, 2)


async def test_empty_store_is_no_archive(store: FolderStore, public_key: str) -> None:
    """To verify nothing is not to find nothing wrong."""
    report = await verify(store, public_key)

    assert told(report) == [
        ("wrong", "other_key", "ledger/public.key"),
        ("wrong", "checkpoint_missing", "ledger/checkpoints/"),
    ]
    assert not report.good


async def test_key_of_another_archive_fits_nothing(built: FolderStore, key: SigningKey) -> None:
    """Who was given another key is told so, of every note."""
    report = await verify(built, str(VerifierKey(name=NAME, public=bytes(32))))

    assert {what for _, what, _ in told(report)} >= {"other_key", "checkpoint_forged", "checkpoint_missing"}
    assert not report.good


async def test_what_is_no_key_is_refused(built: FolderStore) -> None:
    """Before anything is read."""
    with pytest.raises(Misconfigured):
        await verify(built, "archive.key")


async def test_one_meeting_is_verified_alone(built: FolderStore, public_key: str, tmp_path: Path) -> None:
    """What is wrong with others is not its business, unless it lies in a segment that they share."""
    both(removed(folder(0)), flipped(entry_key(0), 9))(tmp_path / "archive")

    report = await verify(built, public_key, occurrence=B)

    assert told(report) == [("wrong", "entry_changed", entry_key(0))]
    assert (report.versions, report.files, report.segments) == (1, 2, 3)


async def test_meeting_that_is_not_there_is_said(built: FolderStore, public_key: str) -> None:
    """Asked for by name: the ledger would know of it."""
    report = await verify(built, public_key, occurrence=occurrence(9))

    assert told(report) == [("wrong", "meeting_unknown", "ledger/")]


async def test_cue_is_proven(built: FolderStore, public_key: str) -> None:
    """From its frame's line to the meeting's root, and from there to a checkpoint that was signed."""
    report = await verify(built, public_key, occurrence=B, cue=2)

    (proof,) = report.proofs
    segment = segments(3, 8)[0]
    assert report.findings == []
    assert (proof.segment, proof.line, proof.leaf) == (FIRST, 4, leaf(segment.lines[4]).hex())
    assert (proof.event_id, proof.index, proof.records) == (event_id(CAPTIONS, 4), 1, 10)
    assert (proof.entry, proof.checkpoint, proof.ledger_size) == (1, checkpoint_key(4), 4)
    assert proof.entry_leaf == leaf_hash(await built.get(entry_key(1))).hex()
    assert proof.manifest_sha256 == sha256(await built.get(folder(1) + "manifest.json")).hexdigest()
    assert checks(proof)
    assert not checks(msgspec.structs.replace(proof, index=2))
    assert not checks(msgspec.structs.replace(proof, entry=2))


async def test_cue_whose_line_was_cut_off_is_not_proven(built: FolderStore, public_key: str, tmp_path: Path) -> None:
    """It is not there; and the frames of others that are left are not taken for it."""
    relined(FIRST, lambda lines: lines[:4])(tmp_path / "archive")

    report = await verify(built, public_key, occurrence=B, cue=2)

    assert report.proofs == []
    assert {what for _, what, _ in told(report)} == {"line_removed", "cue_unknown"}


async def test_meeting_without_its_manifest_is_not_looked_at(
    built: FolderStore, public_key: str, tmp_path: Path
) -> None:
    """Nobody can say what it was."""
    removed(folder(1))(tmp_path / "archive")

    report = await verify(built, public_key, occurrence=B, cue=2)

    assert told(report) == [("wrong", "manifest_missing", folder(1) + "manifest.json")]


async def test_however_little_is_read_at_once(
    built: FolderStore, public_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long ledger and large files are read part by part."""
    for module in (files, ledgers, manifests, tombs):
        monkeypatch.setattr(module, "_AT_ONCE", 2)
    monkeypatch.setattr(files, "_BYTES_AT_ONCE", 10)

    report = await verify(built, public_key)

    assert (report.findings, report.entries, report.files) == ([], 4, 6)


@pytest.mark.parametrize("cue", [-1, 0, 9, 10, 10**9])
async def test_cue_that_is_not_there_is_said(built: FolderStore, public_key: str, cue: int) -> None:
    """Numbers count from 1 to the meeting's last cue."""
    report = await verify(built, public_key, occurrence=B, cue=cue)

    assert told(report) == [("wrong", "cue_unknown", folder(1) + "captions.jsonl")]


async def test_cue_of_an_altered_line_is_not_proven(built: FolderStore, public_key: str, tmp_path: Path) -> None:
    """No proof is made up for what is there now."""
    relined(FIRST, lambda lines: [*lines[:4], line(CAPTIONS, 4, 1, "never said"), *lines[5:]])(tmp_path / "archive")

    report = await verify(built, public_key, occurrence=B, cue=2)

    assert report.proofs == []
    assert told(report) == [
        ("wrong", "line_changed", FIRST),
        ("wrong", "cue_unknown", folder(1) + "captions.jsonl"),
    ]


async def test_cue_under_no_checkpoint_yet_is_not_proven(built: FolderStore, public_key: str, tmp_path: Path) -> None:
    """It is proven once a checkpoint is signed over its meeting's statement."""
    for size in (2, 3, 4):
        removed(checkpoint_key(size))(tmp_path / "archive")

    report = await verify(built, public_key, occurrence=B, cue=2)

    assert report.proofs == []
    assert not report.good


def test_finding_knows_how_bad_it_is() -> None:
    """What is open is no alarm."""
    levels = [Finding(what=what, file="", says="").level for what in ("line_changed", "unbound")]

    assert levels == ["wrong", "open"]
