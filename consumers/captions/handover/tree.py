"""The lines of a package, and the tree over them. Pure."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

import msgspec

from schemas.archive.lines import ErasedLine
from schemas.archive.manifest import Manifest
from schemas.archive.statements import Erased
from schemas.archive.tombstones import Tombstone

from ..errors import Altered
from ..evidence import line as evidence_line
from ..proof.merkle import root
from ..proof.verify.report import Report
from . import shapes
from .chain import Spoken
from .shapes import Head
from .sworn import tombstone_name

_UNREADABLE: Final = b""


def check_lines(files: Mapping[str, bytes], manifest: Manifest, report: Report) -> list[bytes]:
    """Return the lines of evidence, and tell which are not what they were."""
    *lines, rest = files.get(shapes.EVIDENCE, b"").split(b"\n")
    if rest:
        report.tell("segment_cut", shapes.EVIDENCE, "Its last line has no end.", line=len(lines))
    leaves = [_leaf(line) for line in lines]
    if not _is_tree(leaves, manifest):
        _name(leaves, files, manifest, report)
    elif files.get(shapes.LEAVES) != b"".join(leaf.hex().encode() + b"\n" for leaf in leaves):
        report.tell("file_differs", shapes.LEAVES, "These are not the leaves of the lines.")
    return lines


def check_erased(
    files: Mapping[str, bytes], lines: Sequence[bytes], head: Head, said: Sequence[Spoken], report: Report
) -> None:
    """Tell of lines that are neither here, nor left out by the package, nor erased by what the ledger says."""
    lawful = _erased_lawfully(files, said, report)
    hidden = set(head.hidden)
    for number, line in enumerate(lines):
        if number not in hidden and _is_erased(line) and _leaf(line).hex() not in lawful:
            says = "It is not here, and nothing says that it was erased, or left out of this package."
            report.tell("erased_unlawfully", shapes.EVIDENCE, says, line=number, leaf=_leaf(line))
    for number in sorted(hidden):
        if number >= len(lines) or not _is_erased(lines[number]):
            says = "The package says that it is not shown."
            report.tell("manifest_unsound", shapes.HEAD, says, line=number)


def _leaf(line: bytes) -> bytes:
    try:
        return evidence_line.leaf(line)
    except Altered:
        return _UNREADABLE


def _is_tree(leaves: Sequence[bytes], manifest: Manifest) -> bool:
    return len(leaves) == manifest.records and root(leaves).hex() == manifest.root


def _name(leaves: Sequence[bytes], files: Mapping[str, bytes], manifest: Manifest, report: Report) -> None:
    """Say which lines are not what they were, as far as leaves.txt tells it, which the root vouches for."""
    told = _told(files)
    touched = [manifest.occurrence]
    if not _is_tree(told, manifest):
        says = f"{len(leaves)} lines do not make the tree of {manifest.records} that the manifest has."
        report.tell("tree_differs", shapes.EVIDENCE, says, occurrences=touched)
        return
    for number, leaf in enumerate(told):
        if number >= len(leaves):
            report.tell("line_removed", shapes.EVIDENCE, "It is not here.", line=number, leaf=leaf, occurrences=touched)
        elif leaves[number] != leaf:
            says = "It is not the line that it was."
            report.tell("line_changed", shapes.EVIDENCE, says, line=number, leaf=leaf, occurrences=touched)
    for number in range(len(told), len(leaves)):
        says = "The meeting has no such line."
        report.tell("line_added", shapes.EVIDENCE, says, line=number, leaf=leaves[number], occurrences=touched)


def _told(files: Mapping[str, bytes]) -> list[bytes]:
    try:
        return [bytes.fromhex(text) for text in files.get(shapes.LEAVES, b"").decode("ascii").split()]
    except ValueError:
        return []


def _erased_lawfully(files: Mapping[str, bytes], said: Sequence[Spoken], report: Report) -> set[str]:
    """Return the leaves of all lines that the ledger's tombstones list."""
    found: set[str] = set()
    for one in said:
        if not isinstance(one, Erased):
            continue
        name = tombstone_name(one)
        content = files.get(name, b"")
        if sha256(content).hexdigest() != one.sha256:
            report.tell("tombstone_differs", name, "Its hash is not the one that the ledger has.")
            continue
        for stretch in msgspec.json.decode(content, type=Tombstone).erased:
            found |= set(stretch.leaves)
    return found


def _is_erased(line: bytes) -> bool:
    try:
        return isinstance(evidence_line.read(line), ErasedLine)
    except Altered:
        return False
