"""Compare the words of a package's transcript with the lines of evidence that are shown. Pure.

A cue is backed where each of its texts stands in a caption that is shown and that the cue names. Of a cue whose lines
are all left out nothing is said, but that it is not backed; one that names lines which say something else is told.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from schemas.archive.cues import Cue
from schemas.archive.lines import OpenLine, SealedLine
from schemas.events import CaptionSpoken

from ..errors import Altered
from ..evidence import line as evidence_line
from ..finding.files import CUES, decoded
from ..life.covers import Place
from ..life.sealing import open_line
from ..proof.verify.report import Report
from . import shapes
from .redacting import BLOCK
from .shapes import Head, LineOpening

_FILE = shapes.TRANSCRIPT + CUES
# As captions.jsonl writes a language that nobody told.
_UNDETERMINED = "und"


def backed(files: Mapping[str, bytes], lines: Sequence[bytes], head: Head, report: Report) -> tuple[int, int]:
    """Return how many cues there are and how many are backed, and tell of those that the evidence contradicts."""
    cues = cues_in(files)
    if cues is None:
        report.tell("file_differs", _FILE, "It cannot be read.")
        return 0, 0
    shown = _shown(files, lines, report)
    good = 0
    for number, cue in enumerate(cues, 1):
        behind = [shown[event_id] for event_id in cue.event_ids if event_id in shown]
        if _stands_in(cue, behind):
            good += 1
        elif behind and not (head.redacted and _is_blocked(cue)):
            says = f"Cue {cue.cue} says what the records that it names do not say."
            report.tell("file_differs", _FILE, says, line=number, occurrences=[head.occurrence])
    return len(cues), good


def cues_in(files: Mapping[str, bytes]) -> list[Cue] | None:
    """Return the cues of a package's transcript, none where it has no such file; None where that cannot be read."""
    try:
        return decoded(_FILE, files[_FILE]) if _FILE in files else []
    except Altered:
        return None


def _shown(files: Mapping[str, bytes], lines: Sequence[bytes], report: Report) -> dict[str, set[tuple[str, str]]]:
    """Return what each caption that is shown says, by its ID: languages and texts."""
    keys = _openings(files, report)
    found = {}
    for number, line in enumerate(lines):
        try:
            opened = _opened(line, keys.get(number))
        except (Altered, ValueError):
            report.tell("line_unreadable", shapes.EVIDENCE, "It does not open.", line=number)
            continue
        event = None if opened is None else evidence_line.event_of(evidence_line.value_of(opened))
        if opened is not None and isinstance(event, CaptionSpoken):
            event_id = dict(opened.headers).get("ce_id", "")
            found[event_id] = {(one.language or _UNDETERMINED, one.text) for one in event.lines}
    return found


def _openings(files: Mapping[str, bytes], report: Report) -> dict[int, str]:
    try:
        found = [msgspec.json.decode(one, type=LineOpening) for one in files.get(shapes.OPENINGS, b"").splitlines()]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        report.tell("file_differs", shapes.OPENINGS, "It cannot be read.")
        return {}
    return {one.leaf: one.record_key for one in found}


def _opened(line: bytes, record_key: str | None) -> OpenLine | None:
    """Return an open line, or a sealed one with its key. Raises Altered, ValueError."""
    read = evidence_line.read(line)
    if isinstance(read, SealedLine) and record_key is not None:
        place = Place(read.topic, read.partition, read.offset, read.time_ms)
        read = evidence_line.read(open_line(read, bytes.fromhex(record_key), str(place)))
    return read if isinstance(read, OpenLine) else None


def _stands_in(cue: Cue, behind: Sequence[set[tuple[str, str]]]) -> bool:
    texts = list(_texts(cue))
    return bool(texts) and all(any(text in one for one in behind) for text in texts)


def _texts(cue: Cue) -> Iterator[tuple[str, str]]:
    for said in [cue.texts, *(version.texts for version in cue.versions)]:
        for one in said:
            yield one.language, one.text


def _is_blocked(cue: Cue) -> bool:
    return any(BLOCK in text for _, text in _texts(cue))
