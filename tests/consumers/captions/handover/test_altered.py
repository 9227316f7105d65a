"""Every alteration of a package is found and named."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

import msgspec
import pytest

from consumers.captions.archive import Archive
from consumers.captions.errors import Misconfigured
from consumers.captions.handover import shapes
from consumers.captions.handover.checking import check
from consumers.captions.proof.checkpoint import Checkpoint, signed_checkpoint
from consumers.captions.proof.entries import entry
from consumers.captions.proof.merkle import leaf_hash
from schemas.archive.statements import HoldAdded

from ..meetings import MORNING, NAME
from .altering import (
    checkpoint_forged,
    cue_changed,
    cues_are_none,
    end_cut,
    entry_changed,
    entry_is_none,
    entry_removed,
    head_is_none,
    hidden_is_shown,
    leaves_are_no_hashes,
    line_added,
    line_and_leaves_changed,
    line_erased,
    line_flipped,
    line_removed,
    lines_swapped,
    manifest_changed,
    manifest_removed,
    page_removed,
    path_is_none,
    version_changed,
)
from .packages import CUES, Package, found, package

EVIDENCE: Final = shapes.EVIDENCE


@pytest.mark.parametrize(
    ("alter", "told"),
    [
        (line_flipped, [("line_changed", EVIDENCE, 2), ("file_differs", CUES, 3)]),
        (line_removed, [("line_removed", EVIDENCE, 11)]),
        (line_added, [("line_added", EVIDENCE, 12)]),
        (lines_swapped, [("line_changed", EVIDENCE, 0), ("line_changed", EVIDENCE, 1)]),
        (end_cut, [("segment_cut", EVIDENCE, 11), ("line_removed", EVIDENCE, 11)]),
        (line_and_leaves_changed, [("tree_differs", EVIDENCE, None), ("file_differs", CUES, 3)]),
        (leaves_are_no_hashes, [("tree_differs", EVIDENCE, None), ("file_differs", CUES, 3)]),
        (line_erased, [("erased_unlawfully", EVIDENCE, 0)]),
        (manifest_changed, [("manifest_differs", shapes.MANIFEST, None), ("file_differs", shapes.TEXT, None)]),
        (version_changed, [("manifest_differs", shapes.MANIFEST, None)]),
        (
            entry_changed,
            [("entry_changed", f"{shapes.ENTRIES}{1:012d}", None), ("manifest_differs", shapes.MANIFEST, None)],
        ),
        (
            entry_removed,
            [("entry_missing", f"{shapes.ENTRIES}{1:012d}", None), ("manifest_differs", shapes.MANIFEST, None)],
        ),
        (entry_is_none, [("entry_unreadable", shapes.PROOFS, None), ("manifest_differs", shapes.MANIFEST, None)]),
        (
            path_is_none,
            [("entry_changed", f"{shapes.ENTRIES}{1:012d}", None), ("manifest_differs", shapes.MANIFEST, None)],
        ),
        (
            checkpoint_forged,
            [
                ("checkpoint_forged", shapes.CHECKPOINT, None),
                ("entry_changed", f"{shapes.ENTRIES}{1:012d}", None),
                ("manifest_differs", shapes.MANIFEST, None),
            ],
        ),
        (
            cue_changed,
            [("file_differs", shapes.TEXT, None), ("file_differs", CUES, None), ("file_differs", CUES, 3)],
        ),
        (cues_are_none, [("file_differs", CUES, None), ("file_differs", CUES, None)]),
        (page_removed, [("file_missing", "transcript/captions.html", None)]),
        (head_is_none, [("manifest_unsound", shapes.HEAD, None)]),
        (
            hidden_is_shown,
            [
                ("manifest_unsound", shapes.HEAD, 0),
                ("manifest_unsound", shapes.HEAD, 99),
                ("file_differs", shapes.README, None),
            ],
        ),
        (manifest_removed, [("file_missing", shapes.MANIFEST, None)]),
    ],
)
def test_each_alteration_is_named(
    packed: tuple[Package, str], alter: Callable[[Package], None], told: list[tuple[str, str, int | None]]
) -> None:
    """By file and line, and the package is not good."""
    files, public_key = dict(packed[0]), packed[1]

    alter(files)

    checked = check(files, public_key)
    assert [one for one in found(checked) if one[0] != "line_unreadable"] == told
    assert not checked.good


# These a stranger could change without anybody seeing: they are read by people, and prove nothing.
TOLD_ONLY: Final = {shapes.FORMAT_TEXT}


def test_whatever_byte_is_changed_is_seen(packed: tuple[Package, str]) -> None:
    """In any file, at any of many places; and no package, however spoilt, ends the check."""
    files, public_key = packed
    seen = {name: set[bool]() for name in files}
    draw = random.Random(7)  # noqa: S311 -- nothing secret

    for name, content in files.items():
        for place in draw.sample(range(len(content)), 12):
            altered = content[:place] + bytes([content[place] ^ 1 << draw.randrange(8)]) + content[place + 1 :]
            seen[name].add(check({**files, name: altered}, public_key).good)

    unseen = {name for name, good in seen.items() if True in good}
    # Of package.json the program's name alone may be another one.
    assert unseen - {shapes.HEAD} == TOLD_ONLY


def test_whatever_file_is_missing_is_seen(packed: tuple[Package, str]) -> None:
    """All but what is only told."""
    files, public_key = packed

    found = {name for name in files if check({one: files[one] for one in files if one != name}, public_key).good}

    assert found == TOLD_ONLY


def test_another_programs_words_are_not_compared(packed: tuple[Package, str]) -> None:
    """A later version explains a package otherwise: that is no alteration."""
    files, public_key = dict(packed[0]), packed[1]
    files[shapes.HEAD] = files[shapes.HEAD].replace(b'"meetwire ', b'"meetwire 99.')
    files[shapes.README] = b"otherwise"

    assert check(files, public_key).good


async def test_a_text_that_is_not_the_transcripts_is_seen(archive: Archive, public_key: str) -> None:
    """Also of a part, whose files have no hash in the manifest."""
    files = await package(archive, cues=(2, 3))
    files[shapes.TEXT] += b"    4  09:30:40  Bob  [English]  I agree\n"

    assert found(check(files, public_key)) == [("file_differs", shapes.TEXT, None)]


def test_what_cannot_be_read_is_told(packed: tuple[Package, str]) -> None:
    """Openings, leaves and an entry that are none."""
    files, public_key = packed
    entry = f"{shapes.ENTRIES}{1:012d}"

    assert found(check({**files, shapes.OPENINGS: b"\xff"}, public_key)) == [("file_differs", shapes.OPENINGS, None)]
    assert found(check({**files, shapes.LEAVES: b"00"}, public_key)) == [("file_differs", shapes.LEAVES, None)]
    assert ("entry_changed", entry, None) in found(check({**files, entry: b"\xff"}, public_key))


async def test_an_erased_line_without_a_leaf_is_seen(archive: Archive, public_key: str) -> None:
    """It stands for nothing."""
    files = await package(archive)
    first, *rest = files[shapes.EVIDENCE].splitlines(keepends=True)
    place = msgspec.json.decode(first)
    bad = {"line": "erased", **{name: place[name] for name in ("topic", "partition", "offset", "time_ms")}, "leaf": "x"}
    files[shapes.EVIDENCE] = b"".join([msgspec.json.encode(bad) + b"\n", *rest])

    assert ("line_changed", shapes.EVIDENCE, 0) in found(check(files, public_key))


def entered(files: Package, archive: Archive, entry: bytes) -> Package:
    """Return the package as of a ledger that has this entry alone."""
    checkpoint = Checkpoint(origin=NAME, size=1, root=leaf_hash(entry))
    return {
        **files,
        shapes.CHECKPOINT: signed_checkpoint(checkpoint, archive.key.verifier(NAME), archive.key.sign),
        shapes.PROOFS: b'[{"index":0,"size":1,"path":[]}]',
        f"{shapes.ENTRIES}{0:012d}": entry,
    }


async def test_an_entry_that_says_nothing_of_the_meeting_proves_nothing(archive: Archive, public_key: str) -> None:
    """One that cannot be read is told; one of a hold is another matter."""
    files = await package(archive)
    held = HoldAdded(at=MORNING, hold="h", occurrences=[], meeting_id="1", who="ann", why="x")
    note = entry(held, 0, archive.key.verifier(NAME), archive.key.sign)
    missing = ("manifest_differs", shapes.MANIFEST, None)

    assert found(check(entered(files, archive, note), public_key)) == [missing]
    assert found(check(entered(files, archive, b"junk"), public_key)) == [
        ("entry_unreadable", f"{shapes.ENTRIES}{0:012d}", None),
        missing,
    ]


async def test_another_key_is_seen(archive: Archive, public_key: str) -> None:
    """Whoever signs with a key of one's own has no package of this archive; and no key is none."""
    files = await package(archive)
    other = "archive.example.com/other+" + public_key.partition("+")[2]

    with pytest.raises(Misconfigured):
        check(files, other)
    files[shapes.PUBLIC_KEY] = b"none"
    assert found(check(files, public_key)) == [("other_key", shapes.PUBLIC_KEY, None)]
    assert found(check(files))[0] == ("checkpoint_forged", shapes.CHECKPOINT, None)


async def test_without_a_key_it_says_so(archive: Archive) -> None:
    """Then it shows damage, and nothing of who signed."""
    checked = check(await package(archive))

    assert (checked.good, checked.key_given) == (True, False)
