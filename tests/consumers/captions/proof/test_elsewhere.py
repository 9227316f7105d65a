"""Who holds the signing key can rewrite the past; a checkpoint that was held elsewhere shows it."""

from __future__ import annotations

from pathlib import Path

from consumers.captions.proof.entries import entry
from consumers.captions.proof.key import SigningKey
from consumers.captions.proof.ledger import Ledger
from consumers.captions.proof.verify import verify
from consumers.captions.stores.folder import FolderStore, open_folder
from schemas.archive import checkpoint_key, entry_key, segment_key
from schemas.archive.statements import MeetingKept
from schemas.topics import CAPTIONS

from .altering import added, removed
from .building import (
    AT,
    CLUSTER,
    NAME,
    build,
    cues,
    folder,
    manifest,
    occurrence,
    put_version,
    segments,
)
from .telling import told

FIRST = segment_key(CLUSTER, CAPTIONS, 0, 0)
B = occurrence(1)


async def test_older_checkpoint_that_was_held_elsewhere_is_continued(built: FolderStore, public_key: str) -> None:
    """Today's ledger begins with what was signed then."""
    reports = [await verify(built, public_key, against=await built.get(checkpoint_key(size))) for size in (1, 2, 3, 4)]

    assert [(report.findings, report.compared) for report in reports] == [([], 1), ([], 2), ([], 3), ([], 4)]


async def test_past_that_was_rewritten_with_the_key_shows_elsewhere_only(
    built: FolderStore, key: SigningKey, public_key: str, tmp_path: Path
) -> None:
    """Whoever holds the signing key can sign a ledger without a meeting; a checkpoint that he cannot reach finds it."""
    held = await built.get(checkpoint_key(3))
    root = tmp_path / "archive"
    for gone in ("ledger", "access", folder(1)):
        removed(gone)(root)
    ledger = await Ledger.open(built, key, NAME)
    for meeting in (0, 2):
        files = {
            "captions.jsonl": cues(meeting, segments(3, 8)),
            "captions.zh-CN.vtt": f"WEBVTT\n\n{meeting}\n".encode(),
        }
        await put_version(built, ledger, manifest(meeting, segments(3, 8), files), files)
    await ledger.checkpoint()

    alone, compared = await verify(built, public_key), await verify(built, public_key, against=held)

    assert alone.findings == []
    assert told(compared) == [("wrong", "ledger_shorter", "(the checkpoint that was held elsewhere)")]


async def test_past_that_was_exchanged_with_the_key_shows_elsewhere_only(
    built: FolderStore, key: SigningKey, public_key: str, tmp_path: Path
) -> None:
    """As many entries as before, each well signed, and the first of them another."""
    held = await built.get(checkpoint_key(3))
    removed("ledger")(tmp_path / "archive")
    removed("access")(tmp_path / "archive")
    ledger = await Ledger.open(built, key, NAME)
    for meeting in (1, 0, 2):
        files = {
            "captions.jsonl": cues(meeting, segments(3, 8)),
            "captions.zh-CN.vtt": f"WEBVTT\n\n{meeting}\n".encode(),
        }
        await put_version(built, ledger, manifest(meeting, segments(3, 8), files), files)
    await ledger.checkpoint()

    alone, compared = await verify(built, public_key), await verify(built, public_key, against=held)

    assert alone.findings == []
    assert told(compared) == [("wrong", "ledger_rewritten", "(the checkpoint that was held elsewhere)")]
    assert compared.compared == 3


async def test_ledger_that_was_cut_shows_elsewhere(built: FolderStore, public_key: str, tmp_path: Path) -> None:
    """The end of the ledger and its checkpoints are gone: what is left fits together."""
    held = await built.get(checkpoint_key(4))
    root = tmp_path / "archive"
    for gone in (entry_key(3), checkpoint_key(4), "access"):
        removed(gone)(root)

    alone, compared = await verify(built, public_key), await verify(built, public_key, against=held)

    assert alone.findings == []
    assert told(compared) == [("wrong", "ledger_shorter", "(the checkpoint that was held elsewhere)")]


async def test_what_is_no_checkpoint_is_not_compared(built: FolderStore, public_key: str) -> None:
    """It is said, and is not taken for a good comparison."""
    report = await verify(built, public_key, against=b"no note")

    assert told(report) == [("wrong", "checkpoint_forged", "(the checkpoint that was held elsewhere)")]
    assert report.compared is None


async def test_entry_that_the_key_exchanged_shows_in_the_checkpoint(
    built: FolderStore, key: SigningKey, public_key: str, tmp_path: Path
) -> None:
    """Signed anew under its own index, but the checkpoints stay: they name it."""
    said = MeetingKept(at=AT, occurrence=B, version=1, manifest="m", sha256="", records=0, root="")
    note = entry(said, 1, key.verifier(NAME), key.sign)
    added(entry_key(1), note)(tmp_path / "archive")

    report = await verify(built, public_key)

    assert told(report)[:2] == [
        ("wrong", "checkpoint_differs", checkpoint_key(2)),
        ("wrong", "manifest_missing", "m"),
    ]


async def test_checkpoint_over_another_ledger_shows(
    built: FolderStore, key: SigningKey, public_key: str, tmp_path: Path
) -> None:
    """One that was signed over other entries, while later ones are good: two ledgers were told to two readers."""
    async with open_folder(f"file:{tmp_path / 'other'}") as store:
        await build(store, key, meetings=4)
        other = await store.get(checkpoint_key(2))
    added(checkpoint_key(2), other)(tmp_path / "archive")

    assert told(await verify(built, public_key)) == [("wrong", "checkpoint_differs", checkpoint_key(2))]
