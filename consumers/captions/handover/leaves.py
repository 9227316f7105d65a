"""The lines of one meeting, in the order of its tree, and what of them may be shown."""

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec

from schemas.archive.cues import Cue
from schemas.archive.lines import ErasedLine, LeftLine, OpenLine, SealedLine
from schemas.archive.manifest import Manifest
from schemas.topics import CAPTIONS

from ..archive import Archive
from ..errors import Altered
from ..evidence import line as evidence_line
from ..evidence.reading import lines
from .redacting import Redaction
from .shapes import LineOpening

_encode: Final = msgspec.json.encode
_AT_ONCE: Final = 100


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """One line."""

    line: bytes
    """As it lies in its segment."""
    leaf: bytes
    open: OpenLine | None
    """None: erased, or never kept."""
    record_key: bytes | None
    """What opens it, where it is sealed."""

    def __repr__(self) -> str:
        """Show the leaf alone."""
        return f"<Leaf {self.leaf.hex()}>"

    @property
    def event_id(self) -> str | None:
        """`ce_id` of the record, where it can be read."""
        return None if self.open is None else dict(self.open.headers).get("ce_id")


async def leaves_of(archive: Archive, manifest: Manifest) -> list[Leaf]:
    """Return a meeting's lines. Raises Missing, Altered, StoreUnavailable; Misconfigured where the key is not given."""
    found: list[Leaf] = []
    for stretch in manifest.evidence:
        segment = await lines(archive.store, stretch.segment)
        for first, count in stretch.lines:
            if first + count > len(segment):
                raise Altered(f"{stretch.segment}: there are lines missing at its end")
            for begin in range(first, first + count, _AT_ONCE):
                found += [await _leaf(archive, line) for line in segment[begin : min(begin + _AT_ONCE, first + count)]]
                # To open thousands of lines takes a second, in which a receiver in this process would answer nobody.
                await asyncio.sleep(0)
    return found


async def _leaf(archive: Archive, line: bytes) -> Leaf:
    read, key = evidence_line.read(line), None
    if isinstance(read, SealedLine) and archive.seals is not None:
        # Fetches the data key besides.
        key = await archive.seals.record_key(read)
    opened = evidence_line.opened(line, archive.seals)
    return Leaf(
        line=line,
        leaf=evidence_line.leaf(line),
        open=opened if isinstance(opened, OpenLine) else None,
        record_key=key,
    )


def visible(leaves: Sequence[Leaf], cues: Sequence[Cue], redaction: Redaction | None, *, whole: bool) -> set[int]:
    """Return which lines are shown. Pure.

    `whole`: all of them; otherwise the captions behind `cues`, and of these with a `redaction` those that have nothing
    in them that has to go.
    """
    if whole and redaction is None:
        return {number for number, one in enumerate(leaves) if one.open is not None}
    behind = {
        event_id for cue in cues if redaction is None or not _touched(cue, redaction) for event_id in cue.event_ids
    }
    return {number for number, one in enumerate(leaves) if one.event_id in behind and _may_be_shown(one, redaction)}


def as_shown(leaf: Leaf, *, shown: bool) -> bytes:
    """Return a line as it stands in evidence.jsonl: as it lies, or its place and its leaf alone. Pure."""
    read = evidence_line.read(leaf.line)
    if shown or isinstance(read, ErasedLine | LeftLine):
        return leaf.line
    return _encode(
        ErasedLine(
            topic=read.topic, partition=read.partition, offset=read.offset, time_ms=read.time_ms, leaf=leaf.leaf.hex()
        )
    )


def opening(number: int, leaf: Leaf) -> LineOpening | None:
    """Return what opens a line, where it is sealed. Pure."""
    return None if leaf.record_key is None else LineOpening(leaf=number, record_key=leaf.record_key.hex())


def _touched(cue: Cue, redaction: Redaction) -> bool:
    """Whether a text of a cue has to change: then no frame of it is shown, interim ones included."""
    texts = [*cue.texts, *(text for version in cue.versions for text in version.texts)]
    return any(redaction.touches(text.text) for text in texts)


def _may_be_shown(leaf: Leaf, redaction: Redaction | None) -> bool:
    if leaf.open is None:
        return False
    if redaction is None:
        return True
    return leaf.open.topic == CAPTIONS and not redaction.touches_json(_encode(leaf.open))
