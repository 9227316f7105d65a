"""Searching a million captions: two Chinese characters, an English phrase; and what the catalogue costs to make.

The captions are drawn from a few thousand words and characters with the frequencies of a language (Zipf's law): few are
in nearly every sentence, most are rare. What is asked for is drawn from the same, so that both are asked for.
"""

import os
import random
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Final

from consumers.captions.finding.asked import Asked
from consumers.captions.finding.catalogue import Catalogue
from consumers.captions.finding.rows import Version
from schemas.archive import FORMAT
from schemas.archive.cues import Cue, CueText
from schemas.archive.manifest import Kept, Manifest

from .parts import folder
from .table import Row

CAPTIONS: Final = int(os.environ.get("MEETWIRE_TEST_BENCH_CAPTIONS", "1000000"))
_A_MEETING: Final = 100
_AT_ONCE: Final = 64
_ASKED: Final = 400
_CHARACTERS: Final = [chr(0x4E00 + 7 * rank) for rank in range(2_500)]
_WORDS: Final = [
    f"{first}{second}" for first in ("bar", "den", "fol", "gim", "ter") for second in map(str, range(1_000))
]
_SPEAKERS: Final = ("王小明", "Alice Li", "郑爽-运维", "Bob")


async def measure() -> list[Row]:
    """Return the rows."""
    draw = random.Random(1)  # noqa: S311 -- nothing secret
    with folder() as place:
        path = Path(place) / "index.sqlite"
        async with Catalogue(path) as catalogue:
            began = time.perf_counter()
            await _fill(catalogue, draw)
            built = time.perf_counter() - began
            chinese = await _times(catalogue, (_chinese(draw, 2) for _ in range(_ASKED)))
            phrase = await _times(catalogue, (f'"{_english(draw, 2)}"' for _ in range(_ASKED)))
            two = await _times(catalogue, (f"{_chinese(draw, 1)} {_chinese(draw, 1)}" for _ in range(_ASKED)))
        size = path.stat().st_size
    return [
        Row(f"search {CAPTIONS:,} captions, two Chinese characters", _said(chinese), "p95 < 50 ms"),
        Row(f"search {CAPTIONS:,} captions, an English phrase", _said(phrase), "p95 < 50 ms"),
        Row(f"search {CAPTIONS:,} captions, two words that are both needed", _said(two), ""),
        Row(f"index of {CAPTIONS:,} captions", f"made in {built:.0f} s, {size / 1e6:.0f} MB", ""),
    ]


async def _fill(catalogue: Catalogue, draw: random.Random) -> None:
    versions: list[Version] = []
    for number in range(CAPTIONS // _A_MEETING):
        versions.append(_meeting(number, draw))
        if len(versions) == _AT_ONCE:
            await catalogue.add_all(versions)
            versions = []
    await catalogue.add_all(versions)


async def _times(catalogue: Catalogue, asked: Iterator[str]) -> list[tuple[float, float]]:
    """Return how long each took and how long a processor worked on it, in milliseconds.

    Each is the first 50 hits, with what is around them.
    """
    found = []
    for words in asked:
        began, worked = time.perf_counter(), time.process_time()
        await catalogue.search(Asked(words=words))
        found.append(((time.perf_counter() - began) * 1_000, (time.process_time() - worked) * 1_000))
    return found


def _said(times: Sequence[tuple[float, float]]) -> str:
    took, worked = (sorted(values) for values in zip(*times, strict=True))
    late = len(took) * 95 // 100
    return f"p50 {took[len(took) // 2]:.1f} ms, p95 {took[late]:.1f} ms (processor {worked[late]:.1f} ms)"


def _meeting(number: int, draw: random.Random) -> Version:
    began = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    manifest = Manifest(
        format=FORMAT,
        archive="bench",
        occurrence=f"{number:032x}",
        version=1,
        because="closed",
        enterprise="acme",
        meeting_id=str(900_000_000 + number),
        meeting_uuid=None,
        started_at=began,
        ended_at=began + timedelta(hours=1),
        closed_by="closed",
        decision=Kept(keep=True, rule="all"),
        records=0,
        root="",
        evidence=[],
        captions=_A_MEETING,
        cues=_A_MEETING,
        unfinished=0,
        languages=[],
        unseen=[],
        files=[],
        program="bench",
        rules={},
    )
    return Version("bench", manifest, [_cue(place, began, draw) for place in range(1, _A_MEETING + 1)])


def _cue(place: int, began: datetime, draw: random.Random) -> Cue:
    if place % 2:
        text = CueText(language="Mandarin", text=_chinese(draw, 14))
    else:
        text = CueText(language="English", text=_english(draw, 9))
    return Cue(
        cue=place,
        participant_id="p",
        speaker=draw.choice(_SPEAKERS),
        begin_ms=place * 36_000,
        end_ms=place * 36_000 + 3_000,
        spoken_at=began + timedelta(seconds=36 * place),
        final=True,
        texts=[text],
        event_ids=["e"],
    )


def _zipf(words: Sequence[str]) -> list[float]:
    return list(accumulate(1 / rank for rank in range(1, len(words) + 1)))


_OF_CHARACTERS: Final = _zipf(_CHARACTERS)
_OF_WORDS: Final = _zipf(_WORDS)


def _chinese(draw: random.Random, count: int) -> str:
    return "".join(draw.choices(_CHARACTERS, cum_weights=_OF_CHARACTERS, k=count))


def _english(draw: random.Random, count: int) -> str:
    return " ".join(draw.choices(_WORDS, cum_weights=_OF_WORDS, k=count))
