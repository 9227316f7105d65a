"""Segments that no meeting binds yet: each names the one before it, so that one that is gone is missed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from consumers.captions.proof.verify import Report, verify
from schemas.archive import PUBLIC_KEY, index_key

from ..life.building import alive, meeting
from ..running import Running, running, settings, stored
from .altering import Alter, both, changed, removed

EARLY = [one for one in stored([*meeting("m-1", [("p1", "你好")]), *alive(minutes=20)]) if one.position < 25]


async def verified(archive: Running) -> Report:
    """Verify what lies there."""
    store = archive.archive.store
    return await verify(store, (await store.get(PUBLIC_KEY)).decode())


async def test_a_segment_that_is_gone_is_missed_by_the_one_behind_it(memory: Path) -> None:
    """With its index, though nobody has signed either."""
    async with running(settings(memory, segment_s=60.0)) as archive:
        await archive.take(EARLY, batch=5)
        before = await verified(archive)
        segments = sorted((memory / "archive").glob("evidence/*/meeting.state.v1/*/*.jsonl"))
        gone = str(segments[1].relative_to(memory / "archive"))
        both(removed(gone), removed(index_key(gone)))(memory / "archive")
        after = await verified(archive)

    assert before.findings == []
    assert [(one.what, one.file, one.level) for one in after.findings] == [("segment_missing", gone, "wrong")]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: changed(key, lambda _: b"\xff"),
        lambda key: changed(key, lambda _: b"{}"),
        removed,
    ],
    ids=["garbage", "nothing in it", "gone"],
)
async def test_an_index_that_names_none_misses_none(memory: Path, spoil: Callable[[str], Alter]) -> None:
    """It is told as what it is."""
    async with running(settings(memory, segment_s=60.0)) as archive:
        await archive.take(EARLY, batch=5)
        segments = sorted((memory / "archive").glob("evidence/*/meeting.state.v1/*/*.jsonl"))
        key = index_key(str(segments[1].relative_to(memory / "archive")))
        spoil(key)(memory / "archive")
        found = await verified(archive)

    assert {(one.file, one.level) for one in found.findings} == {(key, "open")}
