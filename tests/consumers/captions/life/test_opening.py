"""One sealed line can be opened for a third party, who needs nothing else and can open nothing else."""

from __future__ import annotations

import msgspec
import pytest

from consumers.captions.archive import Archive
from consumers.captions.errors import Altered, Misconfigured, Missing
from consumers.captions.evidence.reading import lines
from consumers.captions.life.access import read
from consumers.captions.life.erasure import Request, erase
from consumers.captions.life.opening import disclose, opened
from schemas.archive.access import Access
from schemas.archive.keys import Opening
from schemas.archive.lines import OpenLine

from .building import alive, build, meeting
from .looking import LATER


async def captions(archive: Archive) -> tuple[str, str, list[bytes]]:
    """Keep a meeting; return its occurrence, a segment of its captions and what that holds."""
    (version,) = await build(archive, [*meeting("m-1", [("p-1", "first-words"), ("p-1", "second-words")]), *alive()])
    segment = next(one.segment for one in version.manifest.evidence if "captions" in one.segment)
    return version.manifest.occurrence, segment, await lines(archive.store, segment)


async def test_opening_opens_its_line_and_no_other(sealed: Archive) -> None:
    """With what is handed out the line can be read, without a key of the archive; the next line cannot."""
    occurrence, segment, found = await captions(sealed)
    opening = await disclose(sealed, segment, 0, who="ann", occurrence=occurrence)

    handed_over = msgspec.json.decode(msgspec.json.encode(opening), type=Opening)
    line = msgspec.json.decode(opened(handed_over, found[0]), type=OpenLine)
    assert b"first-words" in bytes(line.value)
    with pytest.raises(Altered, match="not the line at"):
        opened(handed_over, found[1])
    forged = msgspec.structs.replace(
        await disclose(sealed, segment, 1, who="ann", occurrence=occurrence), record_key=opening.record_key
    )
    with pytest.raises(Altered, match="does not open"):
        opened(forged, found[1])
    assert "first" not in repr(opening)
    assert opening.record_key not in repr(opening)


async def test_disclosing_is_in_the_access_log(sealed: Archive) -> None:
    """Who handed out what is written down."""
    occurrence, segment, _ = await captions(sealed)
    await disclose(sealed, segment, 0, who="ann", occurrence=occurrence)

    (entry,) = [msgspec.json.decode(content, type=Access) for _, content in await read(sealed.store)]
    assert (entry.who, entry.what, entry.occurrences) == ("ann", "disclose", [occurrence])


async def test_what_is_not_sealed_is_not_opened(sealed: Archive) -> None:
    """A line that is not there, not sealed, or erased, and an archive without its master key, are told apart."""
    occurrence, segment, _ = await captions(sealed)
    with pytest.raises(Missing, match=f"sealed line 99 of {segment}"):
        await disclose(sealed, segment, 99, who="ann", occurrence=occurrence)
    with pytest.raises(Missing, match=f"sealed line -1 of {segment}"):
        await disclose(sealed, segment, -1, who="ann", occurrence=occurrence)
    with pytest.raises(Misconfigured, match="encryption_key_file is needed"):
        await disclose(msgspec.structs.replace(sealed, seals=None), segment, 0, who="ann", occurrence=occurrence)

    await erase(sealed, Request(occurrence=occurrence, who="ann", why="request", cues=(1,)), now=lambda: LATER)
    with pytest.raises(Missing, match=f"line 0 of {segment}: it was erased"):
        await disclose(sealed, segment, 0, who="ann", occurrence=occurrence)


async def test_what_anybody_can_read_needs_no_opening(plain: Archive) -> None:
    """An archive without encryption has nothing to open."""
    occurrence, segment, _ = await captions(plain)
    with pytest.raises(Missing, match=f"sealed line 0 of {segment}"):
        await disclose(plain, segment, 0, who="ann", occurrence=occurrence)
