"""Alter an archive in every way that somebody might, and have each found: what it is, in which file and line, whose."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from consumers.captions.evidence.index import encode_index, packed
from consumers.captions.evidence.line import leaf
from consumers.captions.proof.merkle import root as tree_root
from consumers.captions.proof.verify import locating, verify
from consumers.captions.proof.verify import segments as verify_segments
from consumers.captions.stores.folder import FolderStore
from schemas.archive import access_key, checkpoint_key, entry_key, index_key, segment_key
from schemas.archive.lines import ErasedLine
from schemas.topics import CAPTIONS, LIFECYCLE

from .altering import Alter, added, both, changed, copied, flipped, relined, removed, swapped
from .building import CLUSTER, folder, index, line, occurrence, segments

FIRST = segment_key(CLUSTER, CAPTIONS, 0, 0)
SECOND = segment_key(CLUSTER, CAPTIONS, 0, 12)
OTHER = segment_key(CLUSTER, LIFECYCLE, 0, 0)
LENGTH = len(line(CAPTIONS, 0, 0, "words 0 会议")) + 1
A, B, C = occurrence(0), occurrence(1), occurrence(2)
ALL = (A, B, C)

Told = tuple[str, str, int | None, tuple[str, ...]]


def in_line(number: int) -> int:
    """Return a byte of a word that was spoken, in a line of the first segment."""
    before = b"".join(one + b"\n" for one in segments(3, 8)[0].lines[:number])
    return len(before) + segments(3, 8)[0].lines[number].index(b"words") + 1


def reindexed(root: Path) -> None:
    """Make the index anew from what lies there, as who alters a segment would."""
    lines = (root / FIRST).read_bytes().split(b"\n")[:-1]
    leaves = [leaf(one) for one in lines]
    told = msgspec.structs.replace(
        index(segments(3, 8)[0]), records=len(lines), root=tree_root(leaves).hex(), leaves=packed(leaves)
    )
    added(index_key(FIRST), encode_index(told))(root)


def erased(lines: list[bytes]) -> list[bytes]:
    """Erase line 4, with its leaf."""
    gone = ErasedLine(topic=CAPTIONS, partition=0, offset=4, time_ms=1, leaf=leaf(lines[4]).hex())
    return [*lines[:4], msgspec.json.encode(gone), *lines[5:]]


EVIDENCE: dict[str, tuple[Alter, list[Told]]] = {
    "a bit of a word": (flipped(FIRST, in_line(4)), [("line_changed", FIRST, 4, (B,))]),
    "a bit that makes it no UTF-8": (flipped(FIRST, in_line(5), 7), [("line_changed", FIRST, 5, (C,))]),
    "a bit of a line's end": (
        flipped(FIRST, len(segments(3, 8)[0].lines[0]), 6),
        [("line_changed", FIRST, 0, (A,)), ("line_removed", FIRST, 1, (B,))],
    ),
    "two words": (
        both(flipped(FIRST, in_line(0)), flipped(FIRST, in_line(11))),
        [("line_changed", FIRST, 0, (A,)), ("line_changed", FIRST, 11, (C,))],
    ),
    "a word, and the index is gone": (
        both(flipped(FIRST, in_line(4)), removed(index_key(FIRST))),
        [
            ("index_missing", index_key(FIRST), None, ()),
            ("segment_differs", FIRST, None, ALL),
            ("tree_differs", folder(1) + "manifest.json", None, (B,)),
        ],
    ),
    "a word, and the index with it": (
        both(flipped(FIRST, in_line(4)), reindexed),
        [("segment_differs", FIRST, None, ALL), ("tree_differs", folder(1) + "manifest.json", None, (B,))],
    ),
    "a brace, and the index is gone": (
        both(relined(FIRST, lambda lines: [b"[", *lines[1:]]), removed(index_key(FIRST))),
        [
            ("index_missing", index_key(FIRST), None, ()),
            ("segment_differs", FIRST, None, ALL),
            ("line_unreadable", FIRST, 0, ()),
            ("tree_differs", folder(0) + "manifest.json", None, (A,)),
        ],
    ),
    "cut in a line": (
        changed(FIRST, lambda content: content[:-9]),
        [("segment_cut", FIRST, 11, ()), ("line_changed", FIRST, 11, (C,))],
    ),
    "cut by its last byte": (changed(FIRST, lambda content: content[:-1]), [("segment_cut", FIRST, 11, ())]),
    "cut at a line": (relined(FIRST, lambda lines: lines[:-1]), [("line_removed", FIRST, 11, (C,))]),
    "emptied": (
        relined(FIRST, lambda lines: []),
        [("line_removed", FIRST, number, (occurrence(number % 3),)) for number in range(12)],
    ),
    "a record added at the end": (
        relined(FIRST, lambda lines: [*lines, line(CAPTIONS, 12, 0, "never said")]),
        [("line_added", FIRST, 12, ())],
    ),
    "a record added": (
        relined(FIRST, lambda lines: [*lines[:4], line(CAPTIONS, 4, 0, "never said"), *lines[4:]]),
        [("line_added", FIRST, 4, (B,))],
    ),
    "an empty line added": (
        relined(FIRST, lambda lines: [*lines[:4], b"", *lines[4:]]),
        [("line_added", FIRST, 4, (B,))],
    ),
    "a record removed": (
        relined(FIRST, lambda lines: lines[:4] + lines[5:]),
        [("line_removed", FIRST, 4, (B,))],
    ),
    "a record removed, another added": (
        relined(FIRST, lambda lines: [*lines[:4], *lines[5:9], line(CAPTIONS, 8, 0, "never said"), *lines[9:]]),
        [("line_removed", FIRST, 4, (B,)), ("line_added", FIRST, 8, (C,))],
    ),
    "two records swapped": (
        relined(FIRST, lambda lines: [*lines[:4], lines[7], *lines[5:7], lines[4], *lines[8:]]),
        [("lines_swapped", FIRST, 4, (B,))],
    ),
    "a record written twice over another": (
        relined(FIRST, lambda lines: [*lines[:4], lines[7], *lines[5:]]),
        [("line_changed", FIRST, 4, (B,))],
    ),
    "two segments swapped": (
        swapped(FIRST, SECOND),
        [
            *(("line_changed", FIRST, number, (occurrence(number % 3),)) for number in range(12)),
            *(("line_changed", SECOND, number, (occurrence(number % 3),)) for number in range(12)),
        ],
    ),
    "a segment removed": (removed(OTHER), [("segment_missing", OTHER, None, ALL)]),
    "a segment of the same records added": (
        copied(FIRST, segment_key(CLUSTER, CAPTIONS, 0, 24)),
        [
            ("index_missing", index_key(segment_key(CLUSTER, CAPTIONS, 0, 24)), None, ()),
            *(("line_misplaced", segment_key(CLUSTER, CAPTIONS, 0, 24), number, ()) for number in range(12)),
        ],
    ),
    "a segment of another topic added": (
        copied(FIRST, segment_key(CLUSTER, LIFECYCLE, 1, 0)),
        [
            ("index_missing", index_key(segment_key(CLUSTER, LIFECYCLE, 1, 0)), None, ()),
            *(("line_misplaced", segment_key(CLUSTER, LIFECYCLE, 1, 0), number, ()) for number in range(12)),
        ],
    ),
    "a segment that is none": (added("evidence/notes.txt", b""), [("unbound", "evidence/notes.txt", None, ())]),
    "a line erased, and nobody said so": (relined(FIRST, erased), [("erased_unlawfully", FIRST, 4, (B,))]),
    "an index": (flipped(index_key(FIRST), 12), [("index_differs", index_key(FIRST), None, ())]),
    "an index of another segment": (
        copied(index_key(SECOND), index_key(FIRST)),
        [("index_differs", index_key(FIRST), None, ())],
    ),
    "an index that is none": (
        added(index_key(FIRST), b"\xff"),
        [("index_differs", index_key(FIRST), None, ())],
    ),
}

FILES: dict[str, tuple[Alter, list[Told]]] = {
    "a file": (
        flipped(folder(1) + "captions.jsonl", 30),
        [("file_differs", folder(1) + "captions.jsonl", None, (B,))],
    ),
    "a file cut": (
        changed(folder(1) + "captions.zh-CN.vtt", lambda content: content[:-1]),
        [("file_differs", folder(1) + "captions.zh-CN.vtt", None, (B,))],
    ),
    "a file removed": (
        removed(folder(2) + "captions.zh-CN.vtt"),
        [("file_missing", folder(2) + "captions.zh-CN.vtt", None, (C,))],
    ),
    "a file added": (
        added(folder(0) + "captions.en-US.vtt", b"WEBVTT\n"),
        [("file_added", folder(0) + "captions.en-US.vtt", None, (A,))],
    ),
    "a manifest": (
        flipped(folder(1) + "manifest.json", 30),
        [("manifest_differs", folder(1) + "manifest.json", None, (B,))],
    ),
    "another meeting's manifest": (
        copied(folder(0) + "manifest.json", folder(1) + "manifest.json"),
        [("manifest_differs", folder(1) + "manifest.json", None, (B,))],
    ),
    "a manifest removed": (
        removed(folder(1) + "manifest.json"),
        [("manifest_missing", folder(1) + "manifest.json", None, (B,))],
    ),
    "a meeting removed": (removed(folder(1)), [("manifest_missing", folder(1) + "manifest.json", None, (B,))]),
    "a meeting added": (
        both(
            copied(folder(1) + "manifest.json", folder(9) + "manifest.json"),
            copied(folder(1) + "captions.jsonl", folder(9) + "captions.jsonl"),
        ),
        [("unbound", folder(9), None, ())],
    ),
    "a version added": (
        copied(folder(1) + "manifest.json", folder(1, 2) + "manifest.json"),
        [("unbound", folder(1, 2), None, ())],
    ),
}

LEDGER: dict[str, tuple[Alter, list[Told]]] = {
    "an entry": (
        flipped(entry_key(1), 9),
        [("entry_changed", entry_key(1), None, ()), ("unbound", folder(1), None, ())],
    ),
    "an entry's time": (
        changed(entry_key(1), lambda note: note.replace(b"2026-05-01T09", b"2026-05-01T08")),
        [("entry_changed", entry_key(1), None, ()), ("unbound", folder(1), None, ())],
    ),
    "the first entry removed": (
        removed(entry_key(0)),
        [("entry_missing", entry_key(0), None, ()), ("unbound", folder(0), None, ())],
    ),
    "two entries removed": (
        both(removed(entry_key(1)), removed(entry_key(2))),
        [
            ("entry_missing", entry_key(1), None, ()),
            ("unbound", folder(1), None, ()),
            ("unbound", folder(2), None, ()),
        ],
    ),
    "the last entry removed": (
        removed(entry_key(3)),
        [("ledger_shorter", checkpoint_key(4), None, ()), ("access_unsealed", access_key(0), None, ())],
    ),
    "an entry removed, and the rest moved up": (
        both(
            copied(entry_key(2), entry_key(1)),
            copied(entry_key(3), entry_key(2)),
            removed(entry_key(3)),
            removed(folder(1)),
        ),
        [
            ("entry_changed", entry_key(1), None, ()),
            ("entry_changed", entry_key(2), None, ()),
            ("ledger_shorter", checkpoint_key(4), None, ()),
            ("unbound", folder(2), None, ()),
            ("access_unsealed", access_key(0), None, ()),
        ],
    ),
    "entries in another order": (
        swapped(entry_key(0), entry_key(1)),
        [
            ("entry_changed", entry_key(0), None, ()),
            ("entry_changed", entry_key(1), None, ()),
            ("unbound", folder(0), None, ()),
            ("unbound", folder(1), None, ()),
        ],
    ),
    "an entry said again": (copied(entry_key(1), entry_key(4)), [("entry_changed", entry_key(4), None, ())]),
    "an entry that is none": (
        added(entry_key(4), b"\xff"),
        [("entry_changed", entry_key(4), None, ())],
    ),
    "an entry far away": (
        copied(entry_key(3), entry_key(10**11)),
        [("entry_missing", entry_key(4), None, ())],
    ),
    "a file among the entries": (
        added("ledger/entries/readme", b""),
        [("file_added", "ledger/entries/readme", None, ())],
    ),
    "a checkpoint": (
        flipped(checkpoint_key(4), 40),
        [("checkpoint_forged", checkpoint_key(4), None, ()), ("entries_unsigned", entry_key(3), None, ())],
    ),
    "a checkpoint's signature": (
        flipped(checkpoint_key(2), -10, 1),
        [("checkpoint_forged", checkpoint_key(2), None, ())],
    ),
    "an older checkpoint in a newer one's place": (
        copied(checkpoint_key(2), checkpoint_key(4)),
        [("checkpoint_forged", checkpoint_key(4), None, ()), ("entries_unsigned", entry_key(3), None, ())],
    ),
    "the newest checkpoint removed": (removed(checkpoint_key(4)), [("entries_unsigned", entry_key(3), None, ())]),
    "all checkpoints removed": (
        removed("ledger/checkpoints"),
        [("checkpoint_missing", "ledger/checkpoints/", None, ()), ("entries_unsigned", entry_key(0), None, ())],
    ),
    "the ledger removed": (
        removed("ledger"),
        [
            ("other_key", "ledger/public.key", None, ()),
            ("checkpoint_missing", "ledger/checkpoints/", None, ()),
            *(("unbound", folder(meeting), None, ()) for meeting in range(3)),
            ("access_unsealed", access_key(0), None, ()),
        ],
    ),
    "the public key": (flipped("ledger/public.key", 50), [("other_key", "ledger/public.key", None, ())]),
}

ACCESSES: dict[str, tuple[Alter, list[Told]]] = {
    "an access": (flipped(access_key(0), 1), [("access_broken", access_key(0), None, ())]),
    "a word of an access": (
        changed(access_key(0), lambda content: content.replace(b"ann", b"bob")),
        [("access_broken", access_key(1), None, ())],
    ),
    "the first access removed": (removed(access_key(0)), [("access_broken", access_key(1), None, ())]),
    "the last access removed": (removed(access_key(1)), [("access_broken", "access/", None, ())]),
    "the last access": (flipped(access_key(1), 60), [("access_broken", "access/", None, ())]),
    "an access added": (
        changed(access_key(1), lambda content: content.replace(b"search", b"report")),
        [("access_broken", "access/", None, ())],
    ),
}

CASES = {
    f"{part}: {name}": case
    for part, cases in {"evidence": EVIDENCE, "files": FILES, "ledger": LEDGER, "access": ACCESSES}.items()
    for name, case in cases.items()
}


@pytest.mark.parametrize("name", CASES)
async def test_alteration_is_found(name: str, built: FolderStore, public_key: str, tmp_path: Path) -> None:
    """What was altered is named, with its file, its line and its meeting, and nothing else is."""
    alter, expected = CASES[name]
    alter(tmp_path / "archive")

    report = await verify(built, public_key)

    assert [(one.what, one.file, one.line, one.occurrences) for one in report.findings] == expected


async def test_many_alterations_are_counted(
    built: FolderStore, public_key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody reads thousands of lines: the first are named, the rest is a number, and every meeting is."""
    monkeypatch.setattr(verify_segments, "_MOST", 2)
    relined(FIRST, lambda lines: [line.replace(b"words", b"other") for line in lines])(tmp_path / "archive")

    report = await verify(built, public_key)

    assert [(one.what, one.line, one.occurrences) for one in report.findings] == [
        ("line_changed", 0, (A,)),
        ("line_changed", 1, (B,)),
        ("segment_differs", None, ALL),
    ]
    assert report.findings[-1].says == "And 10 more lines differ."


async def test_segment_that_is_all_others_is_told_as_such(
    built: FolderStore, public_key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where too much differs to be told line by line."""
    monkeypatch.setattr(locating, "_MOST", 5)
    relined(FIRST, lambda lines: [*lines[6:], *lines[:5]])(tmp_path / "archive")

    report = await verify(built, public_key)

    assert next((one.what, one.file) for one in report.findings) == ("segment_differs", FIRST)
    assert {occurrence for one in report.findings for occurrence in one.occurrences} == set(ALL)
