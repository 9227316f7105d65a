"""Check the meetings' files: each is there as its manifest lists it, and nothing else is beside them."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

from schemas.archive import MEETINGS
from schemas.archive.manifest import ArchivedFile

from ...stores import Store
from ..entries import fetched
from .meeting import Meeting
from .report import Report

# So much is in memory at once, but for a single file that is larger.
_BYTES_AT_ONCE: Final = 16_777_216
_AT_ONCE: Final = 256


async def check_files(store: Store, meetings: Sequence[Meeting], lacking: set[Meeting], report: Report) -> None:
    """Tell the report about every file. `lacking`: meetings whose files may be gone, because they were erased."""
    for part in _parts(meetings):
        keys = [meeting.folder + file.name for meeting, file in part]
        for (meeting, file), key, content in zip(part, keys, await fetched(store, keys), strict=True):
            touched = [meeting.occurrence]
            if content is not None:
                report.files += 1
                report.size += len(content)
                if sha256(content).hexdigest() != file.sha256:
                    report.tell("file_differs", key, "It is not the file that the manifest lists.", occurrences=touched)
            elif meeting not in lacking:
                report.tell("file_missing", key, "The manifest lists it, and it is gone.", occurrences=touched)


def _parts(meetings: Sequence[Meeting]) -> Iterator[list[tuple[Meeting, ArchivedFile]]]:
    part: list[tuple[Meeting, ArchivedFile]] = []
    size = 0
    for meeting in meetings:
        for file in meeting.manifest.files:
            if part and (size + file.size > _BYTES_AT_ONCE or len(part) == _AT_ONCE):
                yield part
                part, size = [], 0
            part.append((meeting, file))
            size += file.size
    if part:
        yield part


async def check_strays(
    store: Store, meetings: Sequence[Meeting], unread: set[str], prefix: str, report: Report
) -> None:
    """Tell the report what lies below `prefix` that no manifest lists; `unread`: folders whose manifest is no use."""
    known = {meeting.folder: {file.name for file in meeting.manifest.files} | {"manifest.json"} for meeting in meetings}
    of = {meeting.folder: meeting.occurrence for meeting in meetings}
    strange: set[str] = set()
    async for key in store.keys(prefix):
        folder, slash, name = key.rpartition("/")
        folder += slash
        if folder in unread or name in known.get(folder, ()):
            continue
        if folder in known:
            says = "No manifest lists it: it was put there later."
            report.tell("file_added", key, says, occurrences=[of[folder]])
        elif folder not in strange:
            strange.add(folder)
            says = "The ledger knows of no such version of a meeting: it was just being written, or was put there."
            report.tell("unbound", folder, says)


def prefix_of(meetings: Sequence[Meeting]) -> str:
    """Return the folder above all versions of one meeting; where there is none, above all meetings."""
    return meetings[0].folder.rsplit("/", 2)[0] + "/" if meetings else MEETINGS
