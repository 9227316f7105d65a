"""An archive whose words are sealed is verified like any other; only to find a cue in it takes what opens it."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumers.captions.proof.verify import verify
from schemas.archive.statements import MeetingKept

from ..life.building import alive, meeting
from ..running import MASTER, Running, running, settings, stored
from .altering import flipped, relined
from .building import NAME
from .telling import told

WORDS = [("p-1", "预算还没有批准。"), ("p-2", "the budget")]


@pytest.fixture
def sealed(tmp_path: Path) -> dict[str, str]:
    """Return the settings that seal."""
    master = tmp_path / "master"
    master.touch(mode=0o600)
    master.write_text(MASTER)
    return {"encryption_key_file": str(master), "name": NAME}


async def take(archive: Running) -> tuple[str, MeetingKept]:
    """Keep one meeting; return the archive's public key, and what the ledger says of the meeting."""
    await archive.take(stored([*meeting("m-1", WORDS), *alive(minutes=45)]))
    said = await archive.archive.ledger.statements()
    (kept,) = [one for one in said if isinstance(one, MeetingKept)]
    return str(archive.archive.key.verifier(NAME)), kept


async def test_sealed_archive_needs_no_key_to_be_verified(tmp_path: Path, sealed: dict[str, str]) -> None:
    """All of it, with the public key alone; and no word is there to be read."""
    async with running(settings(tmp_path, segment_s=600.0, **sealed)) as archive:
        public_key, kept = await take(archive)
        report = await verify(archive.archive.store, public_key)
        narrowed = await verify(archive.archive.store, public_key, occurrence=kept.occurrence, cue=1)

    assert (report.findings, report.meetings) == ([], 1)
    assert told(narrowed) == [("wrong", "cue_unknown", kept.manifest.replace("manifest.json", "captions.jsonl"))]
    assert "the key that opens it is needed" in narrowed.findings[0].says


async def test_cue_of_a_sealed_meeting_is_proven_with_its_keys(tmp_path: Path, sealed: dict[str, str]) -> None:
    """The line that is proven is the sealed one; after it was altered nothing is."""
    async with running(settings(tmp_path, segment_s=600.0, **sealed)) as archive:
        public_key, kept = await take(archive)
        store, seals = archive.archive.store, archive.archive.seals
        good = await verify(store, public_key, occurrence=kept.occurrence, cue=2, seals=seals)
        missing = await verify(store, public_key, occurrence=kept.occurrence, cue=3, seals=seals)
        (proof,) = good.proofs
        flipped(transcript := kept.manifest.replace("manifest", "captions").replace("json", "jsonl"), 40)(
            tmp_path / "archive"
        )
        shut = await verify(store, public_key, occurrence=kept.occurrence, cue=2, seals=seals)
        flipped(transcript, 40)(tmp_path / "archive")
        relined(proof.segment, lambda lines: [line.replace(b"A", b"B") for line in lines])(tmp_path / "archive")
        altered = await verify(store, public_key, occurrence=kept.occurrence, cue=2, seals=seals)

    assert (good.findings, proof.segment.split("/")[2]) == ([], "meeting.captions.v1")
    assert [one.what for one in missing.findings] == ["cue_unknown"]
    assert [one.what for one in shut.findings] == ["file_differs", "cue_unknown"]
    assert altered.proofs == []
    assert {one.what for one in altered.findings} == {"line_changed", "cue_unknown"}
