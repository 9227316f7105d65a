"""The catalogue finds what was said, and has nothing any more of what it forgot."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import stat
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from consumers.captions.errors import StoreUnavailable
from consumers.captions.finding import tables
from consumers.captions.finding.asked import Asked, Hit, Meeting, Said
from consumers.captions.finding.catalogue import Catalogue
from consumers.captions.finding.rows import Version
from schemas.archive.cues import Cue, CueText

from .cues import NOON, cue, manifest

WEEKLY = [
    cue(1, "我们先看上周的结果"),
    cue(2, "I will share my screen", speaker="Alice Li", language="English"),
    cue(3, "预算还没有批准"),
    cue(4, "the budget is confidential", speaker="Alice Li", language="English"),
    cue(5, "预算明天批准", speaker="郑爽-运维"),
]
# What no page of a database has by chance; small letters, since the index has those alone.
MARKER = "quixoticzebra"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the catalogue lies."""
    return tmp_path / "below" / "index.sqlite"


@pytest.fixture
async def catalogue(path: Path) -> AsyncIterator[Catalogue]:
    """Give a catalogue with two meetings, the second a day later."""
    async with Catalogue(path) as catalogue:
        await catalogue.add("meetings/1/manifest.json", manifest(1), WEEKLY)
        later = [cue(1, "预算的预算", at=NOON + timedelta(days=1))]
        await catalogue.add("meetings/2/manifest.json", manifest(2, at=NOON + timedelta(days=1)), later)
        yield catalogue


def places(hits: list[Hit]) -> list[tuple[str, int]]:
    """Return where hits are: meeting ID and cue."""
    return [(hit.meeting_id, hit.said.cue) for hit in hits]


def written(path: Path) -> bytes:
    """Return all bytes of the catalogue, with those beside it."""
    return b"".join(
        one.read_bytes() for one in sorted(path.parent.glob(f"{path.name}*")) if one.suffix != ".sqlite-shm"
    )


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param(Asked(words="预算"), [("900000002", 1), ("900000001", 5), ("900000001", 3)], id="newest first"),
        pytest.param(Asked(words="批"), [("900000001", 5), ("900000001", 3)], id="one character"),
        pytest.param(Asked(words='"my screen"'), [("900000001", 2)], id="a phrase"),
        pytest.param(Asked(words="预算", speaker="郑爽"), [("900000001", 5)], id="a part of the speaker's name"),
        pytest.param(Asked(speaker="alice"), [("900000001", 4), ("900000001", 2)], id="a speaker alone"),
        pytest.param(Asked(words="alice"), [], id="a name is no word of a text"),
        pytest.param(Asked(words="预算", meeting_id="900000002"), [("900000002", 1)], id="a meeting"),
        pytest.param(Asked(words="预算", occurrence=f"{2:032x}"), [("900000002", 1)], id="an occurrence"),
        pytest.param(Asked(words="预算", enterprise="other"), [], id="another enterprise"),
        pytest.param(Asked(language="English", limit=1), [("900000001", 4)], id="a language"),
        pytest.param(Asked(words="预算", since=NOON + timedelta(days=1)), [("900000002", 1)], id="since"),
        pytest.param(Asked(words="预算", until=NOON + timedelta(seconds=50)), [("900000001", 3)], id="until"),
        pytest.param(Asked(words="budget 预算"), [], id="all of the words"),
        pytest.param(Asked(limit=2), [("900000002", 1), ("900000001", 5)], id="nothing but how many"),
    ],
)
async def test_what_fits_is_found(catalogue: Catalogue, asked: Asked, found: list[tuple[str, int]]) -> None:
    """By words, speaker, meeting, language and time, all of which have to fit."""
    assert places(await catalogue.search(asked)) == found


async def test_a_hit_is_shown_in_its_context(catalogue: Catalogue) -> None:
    """A hit is whole: where it is, what was said, and what was said before and after it."""
    (hit,) = await catalogue.search(Asked(words="screen", context=1))

    def said(number: int, speaker: str, language: str, text: str) -> Said:
        return Said(
            cue=number,
            speaker=speaker,
            spoken_at=NOON + timedelta(seconds=10 * number),
            begin_ms=number * 10_000,
            end_ms=number * 10_000 + 2_000,
            final=True,
            texts=[(language, text)],
        )

    assert hit == Hit(
        occurrence=f"{1:032x}",
        version=1,
        enterprise="acme",
        meeting_id="900000001",
        said=said(2, "Alice Li", "English", "I will share my screen"),
        languages=["English"],
        before=[said(1, "王小明", "Mandarin", "我们先看上周的结果")],
        after=[said(3, "王小明", "Mandarin", "预算还没有批准")],
    )


async def test_a_cue_in_two_languages_is_one_hit(path: Path) -> None:
    """It says in which languages it fits."""
    both = cue(1, "会议 meeting")
    both.texts.extend(CueText(language="English", text=text) for text in ("meeting", "the meeting"))
    async with Catalogue(path) as catalogue:
        await catalogue.add("k", manifest(), [both])

        (hit,) = await catalogue.search(Asked(words="meeting"))

    assert sorted(hit.languages) == ["English", "Mandarin"]


async def test_a_cue_without_a_text_is_shown(path: Path) -> None:
    """Somebody began to speak, and no word of it came."""
    silent = msgspec.structs.replace(cue(1, ""), texts=[])
    async with Catalogue(path) as catalogue:
        await catalogue.add("k", manifest(), [silent])

        (said,) = await catalogue.said(f"{1:032x}", 1, 1)

    assert said.texts == []


async def test_what_was_corrected_is_found_too(path: Path) -> None:
    """It was said, or shown as said, before it was corrected."""
    async with Catalogue(path) as catalogue:
        await catalogue.add("k", manifest(), [cue(1, "the budget", before="the bucket")])

        assert len(await catalogue.search(Asked(words="bucket"))) == 1


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(cue(1, "same time", at=datetime.min.replace(tzinfo=NOON.tzinfo)), id="before all time"),
        pytest.param(cue(1, "same time", at=datetime.max.replace(tzinfo=NOON.tzinfo)), id="at the end of time"),
        pytest.param(cue(1, "same \ud800 time \0 x", speaker="\udfff"), id="lone surrogates and NUL"),
        pytest.param(cue(1, "same time " + "字" * 65_536), id="64 KiB"),
    ],
)
async def test_odd_cues_are_found(path: Path, odd: Cue) -> None:
    """Whatever was said at whatever time."""
    async with Catalogue(path) as catalogue:
        await catalogue.add("k", manifest(), [odd])

        assert places(await catalogue.search(Asked(words="same time"))) == [("900000001", 1)]


async def test_many_at_the_same_time_are_all_found(path: Path) -> None:
    """A clock that stands still makes numbers that collide with no other's."""
    async with Catalogue(path) as catalogue:
        for number in (1, 2, 3):
            cues = [cue(place, "again", at=NOON) for place in range(1, 51)]
            await catalogue.add("k", manifest(number), cues)

        assert len(await catalogue.search(Asked(words="again", limit=1_000))) == 150


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
        await catalogue.stand(7)

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


async def test_it_is_its_owners_alone(path: Path) -> None:
    """The words are in it."""
    async with Catalogue(path) as catalogue:
        await catalogue.add("k", manifest(), WEEKLY)

        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()}

    assert modes == dict.fromkeys(("index.sqlite", "index.sqlite-wal", "index.sqlite-shm"), 0o600)


async def test_it_stays_over_a_restart(path: Path) -> None:
    """With how far the ledger was read, which never goes back."""
    async with Catalogue(path) as catalogue:
        await catalogue.add("k", manifest(), WEEKLY)
        await catalogue.stand(3)
        await catalogue.stand(2)

    async with Catalogue(path) as catalogue:
        assert (await catalogue.position(), len(await catalogue.search(Asked(words="预算")))) == (3, 2)


@pytest.mark.parametrize("content", [b"no database at all" * 1_000, b"SQLite format 3\0" + b"\xff" * 4_096])
async def test_a_damaged_one_is_begun_anew(path: Path, content: bytes) -> None:
    """It is derived: nothing is lost."""
    await asyncio.to_thread(path.parent.mkdir)
    await asyncio.to_thread(path.write_bytes, content)

    async with Catalogue(path) as catalogue:
        assert await catalogue.position() == 0


async def test_one_of_another_version_is_begun_anew(path: Path) -> None:
    """An older or newer meetwire made it."""
    async with Catalogue(path) as catalogue:
        await catalogue.stand(3)
        await catalogue._do(lambda: catalogue._open.execute("PRAGMA user_version = 99"))

    async with Catalogue(path) as catalogue:
        assert await catalogue.position() == 0


async def test_one_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    """With its name, as the setting has it."""
    await asyncio.to_thread((tmp_path / "index").mkdir)

    with pytest.raises(IsADirectoryError, match="index"):
        async with Catalogue(tmp_path / "index"):
            pass


async def test_one_that_is_locked_is_no_reason_to_delete_it(path: Path) -> None:
    """Somebody else writes: that is said, and what is there stays."""
    async with Catalogue(path) as catalogue:
        await catalogue.stand(3)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await catalogue._do(lambda: catalogue._open.execute("PRAGMA busy_timeout = 10"))

        with pytest.raises(StoreUnavailable, match="locked"):
            await catalogue.add("k", manifest(), WEEKLY)

        other.close()
        assert await catalogue.position() == 3


def test_one_that_somebody_writes_at_the_start_is_no_reason_to_delete_it(path: Path) -> None:
    """Locked is not damaged."""
    tables.opened(path).close()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(sqlite3.OperationalError, match="locked"):
            tables.opened(path, patience_s=0.01)

    assert path.stat().st_size > 0


async def test_what_fails_halfway_leaves_all_as_it_was(path: Path) -> None:
    """All of a meeting is there, or nothing of it."""
    async with Catalogue(path) as catalogue:
        await catalogue.add("k", manifest(), WEEKLY)
        await catalogue._do(lambda: catalogue._open.execute("PRAGMA query_only = ON"))

        with pytest.raises(StoreUnavailable, match="readonly"):
            await catalogue.forget(f"{1:032x}")

        await catalogue._do(lambda: catalogue._open.execute("PRAGMA query_only = OFF"))
        assert len(await catalogue.search(Asked(words="预算"))) == 2


async def test_a_beginning_finds_its_occurrence(catalogue: Catalogue) -> None:
    """Two at the most, so that one sees that it is not one alone."""
    assert await catalogue.beginning("0" * 31 + "1") == [f"{1:032x}"]
    assert len(await catalogue.beginning("0000")) == 2
    assert await catalogue.beginning("%") == []


async def test_meetings_are_found_by_when_they_were(catalogue: Catalogue) -> None:
    """One that touches the span is in it."""
    spans = (
        (NOON + timedelta(minutes=59), None),
        (NOON + timedelta(hours=2), None),
        (None, NOON + timedelta(hours=1)),
        (NOON + timedelta(hours=2), NOON + timedelta(hours=3)),
    )

    found = [await catalogue.meetings(Asked(since=since, until=until)) for since, until in spans]

    assert [[one.meeting_id for one in some] for some in found] == [
        ["900000002", "900000001"],
        ["900000002"],
        ["900000001"],
        [],
    ]


async def test_cues_are_shown_by_their_numbers(catalogue: Catalogue) -> None:
    """Of an occurrence that there is not, none."""
    assert [one.cue for one in await catalogue.said(f"{1:032x}", 2, 4)] == [2, 3, 4]
    assert await catalogue.said("f" * 32, 1, 9) == []


async def test_it_is_used_within_its_context_alone(path: Path) -> None:
    """Before that there is no file."""
    with pytest.raises(RuntimeError, match="entered before it is used"):
        await Catalogue(path).position()


def test_nothing_personal_is_in_a_repr() -> None:
    """A repr may go to a log."""
    said = Said(cue=1, speaker=MARKER, spoken_at=NOON, begin_ms=0, end_ms=1, final=True, texts=[("x", MARKER)])
    hit = Hit(occurrence="1", version=1, enterprise="a", meeting_id="m", said=said, languages=[], before=[], after=[])

    assert [repr(Asked(words=MARKER, speaker=MARKER)), repr(said), repr(hit)] == ["<Asked>", "<Said 1>", "<Hit 1/1>"]
