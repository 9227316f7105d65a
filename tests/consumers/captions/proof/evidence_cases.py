"""Every way that somebody might alter the evidence, and what is to be found: what, file, line, meetings."""

from __future__ import annotations

from pathlib import Path

import msgspec

from consumers.captions.evidence.index import encode_index, packed
from consumers.captions.evidence.line import leaf
from consumers.captions.proof.merkle import root as tree_root
from schemas.archive import index_key, segment_key
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
    "records of three meetings in another order": (
        relined(FIRST, lambda lines: [*lines[:4], lines[6], *lines[4:6], *lines[7:]]),
        [("lines_swapped", FIRST, 4, ALL)],
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
    "a segment of brackets added": (
        added(
            segment_key(CLUSTER, CAPTIONS, 0, 24),
            line(CAPTIONS, 24, 0, "").replace(b'{"type"', b"[" * 100_000 + b'{"type"') + b"\n",
        ),
        [
            ("index_missing", index_key(segment_key(CLUSTER, CAPTIONS, 0, 24)), None, ()),
            ("line_unreadable", segment_key(CLUSTER, CAPTIONS, 0, 24), 0, ()),
        ],
    ),
    "a segment of nothing but ends of lines": (
        added(segment_key(CLUSTER, CAPTIONS, 0, 24), b"\n" * 1_000),
        [
            ("index_missing", index_key(segment_key(CLUSTER, CAPTIONS, 0, 24)), None, ()),
            *(("line_unreadable", segment_key(CLUSTER, CAPTIONS, 0, 24), number, ()) for number in range(50)),
            ("line_misplaced", segment_key(CLUSTER, CAPTIONS, 0, 24), None, ()),
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
