"""The catalogue finds what was said, as it was said, when and by whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from consumers.captions.finding.asked import Asked, Hit, Said
from consumers.captions.finding.catalogue import Catalogue
from schemas.archive.cues import Cue, CueText

from .cues import NOON, cue, manifest, places


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
