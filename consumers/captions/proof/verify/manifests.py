"""Check the manifests: each is there, is the one that the ledger names, and does not contradict itself."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

import msgspec

from schemas.archive import meeting_folder
from schemas.archive.manifest import Manifest

from ...stores import Store
from ..entries import fetched
from .meeting import Meeting
from .plan import Version
from .report import Report

_AT_ONCE: Final = 256
_DECODER: Final = msgspec.json.Decoder(Manifest)


async def checked_manifests(store: Store, versions: Sequence[Version], archive: str, report: Report) -> list[Meeting]:
    """Return those that can be read; what is wrong with them is told."""
    meetings = []
    for start in range(0, len(versions), _AT_ONCE):
        part = versions[start : start + _AT_ONCE]
        for version, content in zip(part, await fetched(store, [one.kept.manifest for one in part]), strict=True):
            if (manifest := _checked(version, content, report)) is not None:
                meeting = Meeting(version, manifest)
                _tell_unsound(meeting, archive, report)
                meetings.append(meeting)
    return meetings


def _checked(version: Version, content: bytes | None, report: Report) -> Manifest | None:
    kept, touched = version.kept, [version.kept.occurrence]
    report.versions += 1
    report.meetings += version.newest
    if content is None:
        says = "The ledger says that this meeting was kept, and its manifest is gone."
        report.tell("manifest_missing", kept.manifest, says, occurrences=touched)
        return None
    report.size += len(content)
    if sha256(content).hexdigest() != kept.sha256:
        # Nothing that is said by nobody knows whom is followed any further.
        says = (
            "It is not the manifest that the ledger names; without it, the meeting's files and evidence are unchecked."
        )
        report.tell("manifest_differs", kept.manifest, says, occurrences=touched)
        return None
    try:
        return _DECODER.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        report.tell("manifest_unsound", kept.manifest, "It cannot be read.", occurrences=touched)
        return None


def _tell_unsound(meeting: Meeting, archive: str, report: Report) -> None:
    for says in _contradictions(meeting, archive):
        report.tell(
            "manifest_unsound", meeting.version.kept.manifest, says, occurrences=[meeting.version.kept.occurrence]
        )


def _contradictions(meeting: Meeting, archive: str) -> Iterator[str]:
    manifest, kept = meeting.manifest, meeting.version.kept
    if (manifest.occurrence, manifest.version) != (kept.occurrence, kept.version):
        yield "It is of another meeting, or another version, than its statement says."
    if (manifest.records, manifest.root) != (kept.records, kept.root):
        yield "Its tree is not the one of its statement."
    if manifest.archive != archive:
        yield "It is of another archive."
    parts = meeting.folder.split("/")
    day = parts[2] if len(parts) > 2 else ""
    if meeting.folder != meeting_folder(manifest.enterprise, day, manifest.occurrence, manifest.version):
        yield "It lies where another manifest should."
    segments = [stretch.segment for stretch in manifest.evidence]
    if segments != sorted(set(segments)) or not all(_ascend(stretch.lines) for stretch in manifest.evidence):
        yield "Its evidence is not in order."


def _ascend(lines: Sequence[tuple[int, int]]) -> bool:
    end = 0
    for first, count in lines:
        if first < end or count < 1:
            return False
        end = first + count
    return True
