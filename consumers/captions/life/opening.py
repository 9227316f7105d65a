"""Open one sealed line for a third party, without the rest: hand out its own key, and check what it opens.

Who has the opening and the segment needs nothing else of the archive: no data key, no master key. The line's leaf shows
that it is the one that the ledger binds.
"""

from schemas.archive.keys import Opening
from schemas.archive.lines import SealedLine

from ..archive import Archive
from ..errors import Altered, Misconfigured, Missing
from ..evidence import reading
from ..evidence.line import leaf, read
from .erasing_lines import place_of
from .sealing import open_line


async def disclose(archive: Archive, segment: str, line: int, *, who: str, occurrence: str) -> Opening:
    """Return what opens line `line` (from 0) of a segment and no other; that is in the access log.

    Raises Missing where there is no such line, or it is not sealed, or erased, and Misconfigured without a master key.
    """
    lines = await reading.lines(archive.store, segment)
    found = read(lines[line]) if 0 <= line < len(lines) else None
    if not isinstance(found, SealedLine):
        raise Missing(f"sealed line {line} of {segment}")
    if archive.seals is None:
        raise Misconfigured("the archive is sealed: captions.encryption_key_file is needed to open a line of it")
    key = await archive.seals.record_key(found)
    if key is None:
        raise Missing(f"line {line} of {segment}: it was erased")
    await archive.access.note(who=who, what="disclose", occurrences=[occurrence])
    return Opening(
        segment=segment, line=line, place=place_of(found), leaf=leaf(lines[line]).hex(), record_key=key.hex()
    )


def opened(opening: Opening, line: bytes) -> bytes:
    """Return the OpenLine, encoded, in the sealed `line` that `opening` is for. Raises Altered. Pure."""
    found = read(line)
    if not isinstance(found, SealedLine) or leaf(line).hex() != opening.leaf or place_of(found) != opening.place:
        raise Altered(f"not the line at {opening.place} that this opens")
    return open_line(found, bytes.fromhex(opening.record_key), opening.place)
