"""A store lists what lies there a page at a time: what is put meanwhile may be among it or not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from consumers.captions.stores import Store

from .failing import Failing, Plan
from .life.building import alive, meeting
from .running import contents, running, settings, stored

WORDS = [("p1", f"word-{number}") for number in range(8)]
RECORDS = stored([*meeting("m-1", WORDS), *alive(minutes=40)])
HALF = len(RECORDS) * 2 // 3


class Overlooking(Failing):
    """A store that lists some of what lies there only the second time."""

    def __init__(self, store: Store, overlooked: Sequence[str]) -> None:
        super().__init__(store, Plan(0))
        self._overlooked = overlooked
        self.seen = 0

    async def keys(self, prefix: str, *, after: str = "") -> AsyncIterator[str]:
        """Yield keys, but for some."""
        async for key in super().keys(prefix, after=after):
            if key.rpartition(".")[0] in self._overlooked:
                self.seen += 1
            else:
                yield key


def places(root: Path) -> list[str]:
    """Return where segments of the captions lie, without an ending."""
    found = sorted(root.glob("evidence/*/*captions*/*/*.jsonl"))
    return [str(path.relative_to(root).with_suffix("")) for path in found]


@pytest.mark.parametrize("some", [slice(0, 1), slice(1, 2), slice(0, 2)], ids=["the first", "the second", "two"])
async def test_what_was_put_while_it_was_listed_is_no_alarm(memory: Path, some: slice) -> None:
    """Whoever else writes there: the segment behind names it, and there it is."""
    options = settings(memory, segment_s=15.0)
    async with running(options) as archive:
        await archive.take(RECORDS[:HALF], batch=5)
        done = archive.done
    for path in (memory / "archive").glob("evidence/*/*.standing"):
        path.unlink()
    overlooked = places(memory / "archive")
    assert len(overlooked) > 2
    made: list[Overlooking] = []

    def wrapped(store: Store) -> Store:
        made.append(Overlooking(store, overlooked[some]))
        return made[0]

    with capture_logs() as lines:
        async with running(options, wrapped=wrapped) as archive:
            await archive.take([one for one in RECORDS if one.offset >= done], batch=5)
            found = await contents(archive.archive.store)

    assert [line["event"] for line in lines if line["log_level"] == "error"] == []
    assert made[0].seen > 0
    assert len([key for key in found if key.startswith("meetings/")]) == 6
