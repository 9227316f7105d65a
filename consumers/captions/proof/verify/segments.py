"""Check one segment of evidence: its lines, its tree, and what it holds of which meeting. Pure.

The lines are hashed once. A root that a signed manifest binds says whether all are as they were; which line is not, the
index beside the segment tells, if its leaves make that root: then it is proven right, though nobody signed it.
"""

import contextlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from schemas.archive import index_key
from schemas.archive.lines import Line, OpenLine
from schemas.archive.manifest import Stretch

from ...errors import Altered
from ...evidence.index import Index, decode_index, packed
from ...evidence.line import leaf, read
from ..merkle import root
from .locating import Difference, located
from .meeting import Meeting
from .report import Report, What

_ERASED: Final = b'{"line":"erased",'
# Of one segment; what is more is counted.
_MOST: Final = 50


class Share(NamedTuple):
    """What one version of a meeting has in a segment."""

    meeting: Meeting
    stretch: Stretch

    def has(self, line: int) -> bool:
        """Return whether a line is this meeting's."""
        return any(first <= line < first + count for first, count in self.stretch.lines)


class Evidence(NamedTuple):
    """A segment as it lies, and what is known of it."""

    key: str
    content: bytes
    beside: bytes | None
    """Its index."""
    shares: Sequence[Share]
    erased: Mapping[int, bytes]
    """The leaves of the lines that tombstones list, by line."""


def examine(evidence: Evidence, report: Report) -> None:
    """Tell the report what is wrong with a segment, and give each meeting its leaves."""
    *lines, rest = evidence.content.split(b"\n")
    lines += [rest] if rest else []
    leaves = _leaves(evidence.content, lines)
    report.segments += 1
    report.unbound += not evidence.shares
    report.records += len(lines)
    report.size += len(evidence.content)
    if rest:
        report.tell("segment_cut", evidence.key, "Its last line has no end.", line=len(lines) - 1)
    had = _check_root(evidence, lines, leaves, report)
    _check_erased(evidence, lines, leaves, report)
    for meeting, stretch in evidence.shares:
        meeting.tree.extend([one for first, count in stretch.lines for one in had[first : first + count]])


def _leaves(content: bytes, lines: Sequence[bytes]) -> list[bytes]:
    """Return the leaf of each line. To look at each for whether it was erased would cost as much as to hash it."""
    leaves = [sha256(b"\x00" + line).digest() for line in lines]
    if _ERASED in content:
        for number, line in enumerate(lines):
            if line.startswith(_ERASED):
                with contextlib.suppress(Altered, UnicodeDecodeError):
                    leaves[number] = leaf(line)
    return leaves


def _check_root(evidence: Evidence, lines: Sequence[bytes], leaves: list[bytes], report: Report) -> list[bytes]:
    """Return the leaves that the segment had, as far as they are proven; else those that it has."""
    here = (len(leaves), root(leaves).hex())
    bound = {(share.stretch.records, share.stretch.root) for share in evidence.shares}
    index = _indexed(evidence, report)
    if not bound:
        _check_lines(evidence.key, lines, report)
    if bound <= {here}:
        _check_index(evidence.key, index, leaves, here, report)
        return leaves
    had = _leaves_in(index) or leaves
    proven = {(len(had), root(had).hex())} == bound - {here}
    # What is proven and was said line by line is not said again of each meeting's tree.
    if proven and _tell_located(evidence, located(had, leaves), report):
        return had
    _tell_different(evidence, lines, report)
    return leaves


def _leaves_in(index: Index | None) -> list[bytes]:
    """Return the leaves that an index tells of; none where these are none."""
    try:
        return [] if index is None else index.leaf_list()
    except Altered:
        return []


def _indexed(evidence: Evidence, report: Report) -> Index | None:
    """Return the index beside it, if it can be read."""
    key = index_key(evidence.key)
    if evidence.beside is None:
        report.tell("index_missing", key, "The segment has no index; it can be made anew.")
        return None
    try:
        return decode_index(evidence.beside)
    except (Altered, UnicodeDecodeError):
        report.tell("index_differs", key, "It cannot be read, and can be made anew.")
        return None


def _check_index(key: str, index: Index | None, leaves: list[bytes], here: tuple[int, str], report: Report) -> None:
    if index is not None and (index.segment, index.leaves, (index.records, index.root)) != (key, packed(leaves), here):
        report.tell("index_differs", index_key(key), "It is not the index of this segment; it can be made anew.")


def _tell_located(evidence: Evidence, differences: Sequence[Difference] | None, report: Report) -> bool:
    """Tell the report of each line that differs; return whether these are known."""
    for one in (differences or ())[:_MOST]:
        touched = list(_touched(evidence.shares, one))
        report.tell(one.what, evidence.key, one.says, line=one.line, leaf=one.leaf, occurrences=touched)
    if more := (differences or ())[_MOST:]:
        touched = [occurrence for one in more for occurrence in _touched(evidence.shares, one)]
        report.tell("segment_differs", evidence.key, f"And {len(more)} more lines differ.", occurrences=touched)
    return differences is not None


def _tell_different(evidence: Evidence, lines: Sequence[bytes], report: Report) -> None:
    touched = [share.meeting.occurrence for share in evidence.shares]
    says = "Its lines are not those that the meetings' manifests bind."
    report.tell("segment_differs", evidence.key, says, occurrences=touched)
    _check_lines(evidence.key, lines, report)


def _touched(shares: Sequence[Share], one: Difference) -> Iterator[str]:
    return (share.meeting.occurrence for share in shares if any(map(share.has, (one.line, *one.also))))


def _check_lines(key: str, lines: Sequence[bytes], report: Report) -> None:
    """Look at what each line says of itself, where nothing else tells whether it is right."""
    found = _misfits(key, lines)
    for what, number, says in itertools.islice(found, _MOST):
        report.tell(what, key, says, line=number)
    if more := sum(1 for _ in found):
        report.tell("line_misplaced", key, f"And {more} more lines do not belong there, or cannot be read.")


def _misfits(key: str, lines: Sequence[bytes]) -> Iterator[tuple[What, int, str]]:
    *_, topic, partition, name = key.removesuffix(".jsonl").split("/")
    before = int(name) - 1 if name.isdecimal() else -1
    for number, line in enumerate(lines):
        if (found := _read(line)) is None:
            yield "line_unreadable", number, f"Line {number} cannot be read."
            continue
        right = (found.topic, f"{found.partition:05d}") == (topic, partition) and found.offset > before
        if not right or (number == 0 and name != f"{found.offset:020d}"):
            says = f"Line {number} is of {found.topic}/{found.partition}/{found.offset}: it does not belong there."
            yield "line_misplaced", number, says
        before = max(before, found.offset)


def _check_erased(evidence: Evidence, lines: Sequence[bytes], leaves: Sequence[bytes], report: Report) -> None:
    erased = _ERASED in evidence.content
    for number, line in enumerate(lines if erased else ()):
        if line.startswith(_ERASED):
            report.erased += 1
            if number not in evidence.erased:
                touched = [share.meeting.occurrence for share in evidence.shares if share.has(number)]
                says = f"Line {number} was erased, and no statement in the ledger says so."
                report.tell(
                    "erased_unlawfully", evidence.key, says, line=number, leaf=leaves[number], occurrences=touched
                )
    for number, expected in evidence.erased.items():
        if number >= len(lines) or leaves[number] != expected:
            says = f"The leaf of line {number} is not the one that the tombstone has."
            report.tell("tombstone_differs", evidence.key, says, line=number, leaf=expected)
        elif isinstance(_read(lines[number]), OpenLine):
            says = f"Line {number} was to be erased, and can still be read: the erasure is not finished."
            report.tell("erasure_unfinished", evidence.key, says, line=number, leaf=expected)


def _read(line: bytes) -> Line | None:
    try:
        return read(line)
    except (Altered, UnicodeDecodeError):
        return None
