"""Lawful states are no alarm, and an erasure excuses what it lists and nothing else."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from consumers.captions.proof.entries import entry
from consumers.captions.proof.key import SigningKey
from consumers.captions.proof.ledger import Ledger
from consumers.captions.proof.verify import verify
from consumers.captions.stores.folder import FolderStore
from schemas.archive import entry_key, index_key, segment_key
from schemas.archive.lines import LeftLine, SealedLine
from schemas.archive.statements import Erased, HoldAdded, HoldRemoved
from schemas.topics import CAPTIONS

from .altering import Alter, added, flipped, relined, removed
from .building import (
    AT,
    CLUSTER,
    NAME,
    cues,
    folder,
    line,
    manifest,
    occurrence,
    put_version,
    segments,
)
from .erasing import erase, erasure, gone
from .telling import told

FIRST = segment_key(CLUSTER, CAPTIONS, 0, 0)
B = occurrence(1)


async def test_what_no_meeting_binds_is_no_alarm(built: FolderStore, public_key: str) -> None:
    """Segments of meetings that are on, sealed lines, lines of meetings that are left: counted, not doubted."""
    lines = [
        msgspec.json.encode(LeftLine(topic=CAPTIONS, partition=3, offset=7, time_ms=1)),
        msgspec.json.encode(SealedLine(topic=CAPTIONS, partition=3, offset=8, time_ms=1, seal="k", sealed="AAAA")),
        line(CAPTIONS, 9, 0, "words").replace(b'"partition":0', b'"partition":3'),
    ]
    segment = segment_key(CLUSTER, CAPTIONS, 3, 7)
    await built.put(segment, b"".join(one + b"\n" for one in lines))
    await built.put(f"evidence/{CLUSTER}/00003.standing", b"{}")

    report = await verify(built, public_key)

    assert told(report) == [("open", "index_missing", index_key(segment))]
    assert (report.good, report.unbound, report.segments) == (True, 1, 4)


async def test_interrupted_close_is_no_alarm(built: FolderStore, ledger: Ledger, public_key: str) -> None:
    """Files that the ledger does not know of yet, an entry that no checkpoint is over yet, an access since."""
    files = {"captions.jsonl": cues(0, segments(3, 8))}
    await put_version(built, ledger, manifest(0, segments(3, 8), files, 2, "late"), files)
    await built.put(folder(1, 2) + "captions.jsonl", b"")

    report = await verify(built, public_key)

    assert told(report) == [("open", "entries_unsigned", entry_key(4)), ("open", "unbound", folder(1, 2))]
    assert (report.good, report.versions, report.meetings) == (True, 4, 3)


@pytest.mark.parametrize("whole", [False, True])
async def test_lawful_erasure_is_no_alarm(built: FolderStore, ledger: Ledger, public_key: str, whole: bool) -> None:
    """Every proof of what stays holds, and what is gone is counted."""
    await erase(built, ledger, whole=whole)

    report = await verify(built, public_key)

    assert (report.findings, report.erased, report.files) == ([], 2, 4)


async def test_erasure_that_is_not_finished_is_said(built: FolderStore, ledger: Ledger, public_key: str) -> None:
    """The ledger says erased, the words are still there: no alteration, and not what was promised."""
    tombstone = await erase(built, ledger, done=False)

    report = await verify(built, public_key)

    assert told(report) == [
        ("open", "erasure_unfinished", tombstone),
        ("open", "erasure_unfinished", FIRST),
        ("open", "erasure_unfinished", FIRST),
    ]
    assert report.good


async def test_version_without_the_erased_words_may_stand_alone(
    built: FolderStore, ledger: Ledger, public_key: str
) -> None:
    """A version that came in between may lack its files too: the one that was written for the erasure stands."""
    await erase(built, ledger)
    files = {"captions.vtt": b"WEBVTT\n"}
    await put_version(built, ledger, manifest(1, segments(3, 8), files, 2, "late"), files)
    await put_version(built, ledger, manifest(1, segments(3, 8), files, 3, "erased"), files)
    await ledger.checkpoint()
    await built.delete(folder(1, 2) + "captions.vtt")

    assert (await verify(built, public_key)).findings == []


async def test_words_that_come_back_are_said(
    built: FolderStore, ledger: Ledger, public_key: str, tmp_path: Path
) -> None:
    """A segment from a backup, after an erasure: its proofs hold, and it holds what should be gone."""
    await erase(built, ledger)
    added(FIRST, segments(3, 8)[0].content)(tmp_path / "archive")

    report = await verify(built, public_key)

    assert told(report) == [("open", "erasure_unfinished", FIRST), ("open", "erasure_unfinished", FIRST)]


TOMB = erasure([1, 4], whole=False)[2]


@pytest.mark.parametrize(
    ("alter", "expected"),
    [
        pytest.param(
            flipped(TOMB, 20),
            [("tombstone_differs", TOMB), ("erased_unlawfully", FIRST), ("erased_unlawfully", FIRST)],
            id="the tombstone",
        ),
        pytest.param(
            removed(TOMB),
            [("tombstone_missing", TOMB), ("erased_unlawfully", FIRST), ("erased_unlawfully", FIRST)],
            id="the tombstone removed",
        ),
        pytest.param(
            relined(FIRST, lambda lines: gone(lines, [1, 2, 4])), [("erased_unlawfully", FIRST)], id="one line more"
        ),
        pytest.param(
            relined(FIRST, lambda lines: [lines[0], lines[1].replace(b'"leaf":"', b'"leaf":"0'), *lines[2:]]),
            [("line_changed", FIRST), ("tombstone_differs", FIRST)],
            id="a leaf that is none",
        ),
        pytest.param(
            relined(FIRST, lambda lines: [lines[0], lines[4], *lines[2:]]),
            [("line_changed", FIRST), ("tombstone_differs", FIRST)],
            id="another line's leaf",
        ),
        pytest.param(
            relined(FIRST, lambda lines: [lines[0], lines[1].replace(b'"offset"', b' "offset"'), *lines[2:]]),
            [("line_changed", FIRST), ("tombstone_differs", FIRST)],
            id="an erased line in another spelling",
        ),
        pytest.param(
            removed(folder(1) + "manifest.json"), [("manifest_missing", folder(1) + "manifest.json")], id="the manifest"
        ),
        pytest.param(
            removed(folder(0) + "captions.jsonl"), [("file_missing", folder(0) + "captions.jsonl")], id="others' files"
        ),
        pytest.param(added("tombstones/x/y.json", b"{}"), [("unbound", "tombstones/x/y.json")], id="a stray tombstone"),
    ],
)
async def test_alteration_after_an_erasure_is_found(
    built: FolderStore,
    ledger: Ledger,
    public_key: str,
    tmp_path: Path,
    alter: Alter,
    expected: list[tuple[str, str]],
) -> None:
    """An erasure excuses what its tombstone lists, and nothing else."""
    await erase(built, ledger)
    alter(tmp_path / "archive")

    report = await verify(built, public_key)

    assert [(one.what, one.file) for one in report.findings] == expected


async def test_erasure_that_nobody_signed_excuses_nothing(
    built: FolderStore, key: SigningKey, public_key: str, tmp_path: Path
) -> None:
    """Beyond the last checkpoint a statement counts if the key signed it: who can only write to the built has none."""
    _, content, tombstone = erasure([1, 4], whole=False)
    said = Erased(
        at=AT,
        occurrence=B,
        tombstone=tombstone,
        sha256=sha256(content).hexdigest(),
        records=2,
        who="ann",
        why="request",
        reference=None,
    )
    other = await asyncio.to_thread(SigningKey.load_or_make, tmp_path / "other.key")
    await built.put(tombstone, content)
    await built.put(entry_key(4), entry(said, 4, other.verifier(NAME), other.sign))
    relined(FIRST, lambda lines: gone(lines, [1, 4]))(tmp_path / "archive")

    assert [(one.what, one.file) for one in (await verify(built, public_key)).findings] == [
        ("entry_changed", entry_key(4)),
        ("erased_unlawfully", FIRST),
        ("erased_unlawfully", FIRST),
        ("unbound", tombstone),
    ]


@pytest.mark.parametrize(
    ("hold", "released", "expected"),
    [
        pytest.param([B], False, [entry_key(5)], id="held"),
        pytest.param([occurrence(2)], False, [], id="another meeting held"),
        pytest.param([], False, [entry_key(5)], id="held by its meeting ID"),
        pytest.param([B], True, [], id="released before"),
    ],
)
async def test_erasure_under_a_hold_is_found(
    built: FolderStore, ledger: Ledger, public_key: str, hold: list[str], released: bool, expected: list[str]
) -> None:
    """The ledger convicts itself: the statements are in an order that should not be."""
    meeting_id = None if hold else "m-1"
    await ledger.append([HoldAdded(at=AT, hold="h", occurrences=hold, meeting_id=meeting_id, who="ann", why="case")])
    if released:
        await ledger.append([HoldRemoved(at=AT, hold="h", who="ann", why="over")])
    await erase(built, ledger)

    report = await verify(built, public_key)

    assert [one.file for one in report.findings if one.what == "erased_while_held"] == expected
    assert {one.what for one in report.findings} <= {"erased_while_held"}
