"""What is forgotten or replaced is in no byte of the catalogue."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from consumers.captions.errors import StoreUnavailable
from consumers.captions.finding.asked import Asked, Meeting
from consumers.captions.finding.catalogue import Catalogue
from consumers.captions.finding.rows import Version

from .cues import MARKER, NOON, WEEKLY, cue, manifest, places, written


async def test_nothing_of_what_is_forgotten_is_in_the_file(path: Path) -> None:
    """No row finds it, and no byte of its words is left in the file or beside it."""
    async with Catalogue(path) as catalogue:
        for number in range(1, 9):
            said = MARKER if number == 4 else "something else"
            await catalogue.add("k", manifest(number), [cue(place, f"{said} 暗号暗号") for place in range(1, 200)])
        before = written(path)

        await catalogue.forget(f"{4:032x}")

        assert MARKER.encode() in before
        assert MARKER.encode() not in written(path)
        assert await catalogue.search(Asked(words=MARKER)) == []
        assert len(await catalogue.search(Asked(words="暗号", limit=9_999))) == 7 * 199
        assert not await catalogue.has(f"{4:032x}")


async def test_what_a_partial_erasure_leaves_out_is_not_in_the_file(path: Path) -> None:
    """A version that is there because of an erasure takes the older one's words with it."""
    async with Catalogue(path) as catalogue:
        await catalogue.add("k", manifest(), [cue(1, MARKER), cue(2, "stays")])

        await catalogue.add("k", manifest(version=2, because="erased"), [cue(2, "stays")])

        assert MARKER.encode() not in written(path)
        assert places(await catalogue.search(Asked(words="stays"))) == [("900000001", 2)]


async def test_what_is_cleared_is_gone(path: Path) -> None:
    """A rebuild begins with an empty file."""
    async with Catalogue(path) as catalogue:
        await catalogue.add_all([Version("k", manifest(), [cue(1, MARKER)])])
        await catalogue.stand(0, 7, {})

        await catalogue.clear()

        assert (await catalogue.position(), await catalogue.search(Asked(words=MARKER))) == (0, [])
        assert MARKER.encode() not in written(path)


async def test_to_forget_says_where_somebody_reads_for_too_long(path: Path) -> None:
    """A reader holds the journal with the words in it: that is an error, not a success."""
    async with Catalogue(path) as catalogue:
        await catalogue.add("k", manifest(), [cue(1, MARKER)])
        await catalogue._do(lambda: catalogue._open.execute("PRAGMA busy_timeout = 10"))
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM texts").fetchall()

        with pytest.raises(StoreUnavailable, match="somebody reads the catalogue"):
            await catalogue.forget(f"{1:032x}")

        reader.close()
        await catalogue.forget(f"{1:032x}")
        assert MARKER.encode() not in written(path)


async def test_what_fails_halfway_leaves_all_as_it_was(path: Path) -> None:
    """All of a meeting is there, or nothing of it."""
    async with Catalogue(path) as catalogue:
        await catalogue.add("k", manifest(), WEEKLY)
        await catalogue._do(lambda: catalogue._open.execute("PRAGMA query_only = ON"))

        with pytest.raises(StoreUnavailable, match="readonly"):
            await catalogue.forget(f"{1:032x}")

        await catalogue._do(lambda: catalogue._open.execute("PRAGMA query_only = OFF"))
        assert len(await catalogue.search(Asked(words="预算"))) == 2


async def test_a_newer_version_takes_the_place_of_an_older(catalogue: Catalogue) -> None:
    """And an older one that comes late changes nothing."""
    await catalogue.add("v2", manifest(1, version=2, because="late"), [cue(1, "预算没有了")])
    await catalogue.add("v1", manifest(1), WEEKLY)

    assert places(await catalogue.search(Asked(words="预算", meeting_id="900000001"))) == [("900000001", 1)]
    (one,) = await catalogue.meetings(Asked(meeting_id="900000001"))
    assert one == Meeting(
        occurrence=f"{1:032x}",
        version=2,
        enterprise="acme",
        meeting_id="900000001",
        meeting_uuid=None,
        started_at=NOON,
        ended_at=NOON + timedelta(hours=1),
        manifest="v2",
        cues=1,
    )
