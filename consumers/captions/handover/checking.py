"""Check a package on its own: nothing is needed but the public key of whom one trusts. Pure.

It finds what `proof.verify` finds in a whole archive, for one meeting; what it finds wrong it names by file, line and
leaf. It says nothing of the words.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final, TypeVar

import msgspec

from schemas.archive.manifest import Manifest
from schemas.archive.statements import MeetingKept

from ..proof.verify.report import Finding, Report
from . import shapes
from .backing import backed, cues_in
from .chain import Spoken, checkpoint_of, said_in
from .explained import explained, transcript_text
from .shapes import Head
from .tree import check_erased, check_lines

_T = TypeVar("_T")
_NEEDED: Final = (
    shapes.HEAD,
    shapes.PUBLIC_KEY,
    shapes.MANIFEST,
    shapes.EVIDENCE,
    shapes.CHECKPOINT,
    shapes.PROOFS,
)


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at, and what was found."""

    archive: str
    occurrence: str
    version: int
    lines: int
    """Leaves of the meeting's tree."""
    hidden: int
    """Of these, lines that are in the archive and not shown here."""
    cues: int
    """Of the transcript that is here."""
    backed: int
    """Of these, cues whose every text stands in a line that is shown."""
    ledger_size: int
    key_given: bool
    """False: checked with the key that is in the package, which proves nothing of who signed."""
    findings: list[Finding]

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not any(finding.level == "wrong" for finding in self.findings)


def check(files: Mapping[str, bytes], public_key: str | None = None) -> Checked:
    """Check a package. `public_key` is the text of the archive's, from whom the reader trusts.

    Raises Misconfigured where that is no key.
    """
    report = Report(archive="")
    for name in _NEEDED:
        if name not in files:
            report.tell("file_missing", name, "It is not in the package.")
    checkpoint = checkpoint_of(files, public_key, report)
    said = said_in(files, checkpoint, report)
    head = _decoded(files, shapes.HEAD, Head, report)
    manifest = _decoded(files, shapes.MANIFEST, Manifest, report)
    lines, cues, proved = 0, 0, 0
    if head is not None and manifest is not None:
        _check_manifest(files, manifest, said, report)
        evidence = check_lines(files, manifest, report)
        check_erased(files, evidence, head, said, report)
        _check_transcript(files, manifest, head, report)
        lines, (cues, proved) = len(evidence), backed(files, evidence, head, report)
    return Checked(
        archive="" if checkpoint is None else checkpoint.origin,
        occurrence="" if manifest is None else manifest.occurrence,
        version=0 if manifest is None else manifest.version,
        lines=lines,
        hidden=0 if head is None else len(head.hidden),
        cues=cues,
        backed=proved,
        ledger_size=0 if checkpoint is None else checkpoint.size,
        key_given=public_key is not None,
        findings=report.findings,
    )


def _decoded(files: Mapping[str, bytes], name: str, kind: type[_T], report: Report) -> _T | None:
    try:
        return msgspec.json.decode(files[name], type=kind) if name in files else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        report.tell("manifest_unsound", name, "It cannot be read.")
        return None


def _check_manifest(files: Mapping[str, bytes], manifest: Manifest, said: list[Spoken], report: Report) -> None:
    digest = sha256(files[shapes.MANIFEST]).hexdigest()
    place = (manifest.occurrence, manifest.version)
    kept = [one for one in said if isinstance(one, MeetingKept) and (one.occurrence, one.version) == place]
    if not any(one.sha256 == digest for one in kept):
        says = "Its hash is not the one that the ledger has." if kept else "No entry of the ledger here names it."
        report.tell("manifest_differs", shapes.MANIFEST, says, occurrences=[manifest.occurrence])


def _check_transcript(files: Mapping[str, bytes], manifest: Manifest, head: Head, report: Report) -> None:
    """Compare the files that are as they lie in the archive with the hashes of the manifest, and the rest with them."""
    _check_derived(files, manifest, head, report)
    if head.redacted or head.cues is not None:
        return
    for file in manifest.files:
        name = shapes.TRANSCRIPT + file.name
        if file.sealed:
            # The manifest has the hash of what is sealed; what it says is checked against the evidence.
            continue
        if name not in files:
            report.tell("file_missing", name, "It is not in the package.", occurrences=[manifest.occurrence])
        elif sha256(files[name]).hexdigest() != file.sha256:
            says = "Its hash is not the one that the manifest has."
            report.tell("file_differs", name, says, occurrences=[manifest.occurrence])


def _check_derived(files: Mapping[str, bytes], manifest: Manifest, head: Head, report: Report) -> None:
    """Compare the texts that a package alone has with what this program would write; of another program's, nothing."""
    if head.program != shapes.PROGRAM:
        return
    wanted = {shapes.README: explained(head).encode()}
    cues = cues_in(files)
    if cues is not None:
        wanted[shapes.TEXT] = transcript_text(manifest, cues).encode("utf-8", "replace")
    for name, content in wanted.items():
        if files.get(name) != content:
            report.tell("file_differs", name, "It is not what the rest of the package makes it.")
