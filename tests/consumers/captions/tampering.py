"""What somebody does to an archive who can write to its store and has nothing else: no key, no spool, no source."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from consumers.captions.evidence.line import leaf
from schemas.archive import index_key
from schemas.archive.lines import ErasedLine

from .proof.altering import Alter, added, both, changed, copied, relined, removed

Tamper = Callable[[Path, str], Alter]
"""Of the archive's folder and a segment's key."""

_MAC = re.compile(rb',"mac":"[0-9a-f]*"\}')


def word(_: Path, segment: str) -> Alter:
    """Change what was said, and leave the line well-formed."""
    return relined(segment, lambda lines: [_reworded(lines[0]), *lines[1:]])


def word_and_index(_: Path, segment: str) -> Alter:
    """Change what was said, and the leaves and the root of the index with it; the MAC stays."""
    return both(
        word(_, segment), changed(index_key(segment), lambda content: content.replace(b'"leaves":"', b'"leaves":"A'))
    )


def word_and_no_index(_: Path, segment: str) -> Alter:
    """Change what was said, and take the index away."""
    return both(word(_, segment), removed(index_key(segment)))


def line_removed(_: Path, segment: str) -> Alter:
    """Take a line away."""
    return relined(segment, lambda lines: lines[:-1])


def line_erased(_: Path, segment: str) -> Alter:
    """Put the line's own leaf in its place, as a lawful erasure does: the root stays."""
    return relined(segment, lambda lines: [_erased(lines[0]), *lines[1:]])


def line_added(_: Path, segment: str) -> Alter:
    """Say something more."""
    return relined(segment, lambda lines: [*lines, _moved(lines[-1], 1)])


def emptied(_: Path, segment: str) -> Alter:
    """Leave nothing in it."""
    return added(segment, b"")


def garbage(_: Path, segment: str) -> Alter:
    """Put something in its place that is no segment."""
    return added(segment, b"\xff\x00[")


def segment_removed(_: Path, segment: str) -> Alter:
    """Take the segment away."""
    return removed(segment)


def index_removed(_: Path, segment: str) -> Alter:
    """Take the index away."""
    return removed(index_key(segment))


def both_removed(_: Path, segment: str) -> Alter:
    """Take both away: nothing at that place says that there was something."""
    return both(removed(segment), removed(index_key(segment)))


def mac_removed(_: Path, segment: str) -> Alter:
    """Have the index look like one of an older version, of lines that were changed."""
    return both(word(_, segment), changed(index_key(segment), lambda content: _MAC.sub(b"}", content)))


def meeting_hidden(_: Path, segment: str) -> Alter:
    """Have the index say that no line is anybody's."""
    return changed(index_key(segment), lambda content: _with(content, meetings=[], alive=[]))


def garbage_index(_: Path, segment: str) -> Alter:
    """Put something in the index's place."""
    return added(index_key(segment), b"\xff")


def other_in_its_place(root: Path, segment: str) -> Alter:
    """Put another segment of the partition there, index and all."""
    others = [one for one in sorted((root / segment).parent.glob("*.jsonl")) if one.name != segment.rpartition("/")[2]]
    other = str(others[0].relative_to(root))
    return both(copied(other, segment), copied(index_key(other), index_key(segment)))


def forged_beside(_: Path, segment: str) -> Alter:
    """Put a segment of one's own between two of the archive's, with an index."""
    key = f"{segment.rpartition('/')[0]}/{int(segment.rpartition('/')[2].removesuffix('.jsonl')) + 1:020d}.jsonl"
    return both(
        copied(segment, key),
        relined(key, lambda lines: [_reworded(_moved(line, 1)) for line in lines[:1]]),
        copied(index_key(segment), index_key(key)),
        changed(index_key(key), lambda content: _with(content, segment=key)),
    )


def forged_far_behind(_: Path, segment: str) -> Alter:
    """Put a segment of one's own where no record has been read yet."""
    key = f"{segment.rpartition('/')[0]}/{999_999:020d}.jsonl"
    return both(
        copied(segment, key),
        relined(key, lambda lines: [_reworded(_moved(line, 999_999)) for line in lines[:1]]),
    )


TAMPERS: dict[str, Tamper] = {
    one.__name__.replace("_", " "): one
    for one in (
        word,
        word_and_index,
        word_and_no_index,
        line_removed,
        line_erased,
        line_added,
        emptied,
        garbage,
        segment_removed,
        index_removed,
        both_removed,
        mac_removed,
        meeting_hidden,
        garbage_index,
        other_in_its_place,
        forged_beside,
        forged_far_behind,
    )
}


def _with(content: bytes, **more: Any) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(content) | more)


def _reworded(line: bytes) -> bytes:
    found = msgspec.json.decode(line)
    return msgspec.json.encode(found | {"value": {**found["value"], "original": "never said"}})


def _moved(line: bytes, by: int) -> bytes:
    found = msgspec.json.decode(line)
    return msgspec.json.encode(found | {"offset": found["offset"] + by})


def _erased(line: bytes) -> bytes:
    found = msgspec.json.decode(line)
    gone = ErasedLine(
        topic=found["topic"],
        partition=found["partition"],
        offset=found["offset"],
        time_ms=found["time_ms"],
        leaf=leaf(line).hex(),
    )
    return msgspec.json.encode(gone)
