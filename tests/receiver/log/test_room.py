"""How much room the disk has: when the log is tight, when it is relieved, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.meters import PrometheusMeters
from receiver.log.room import Room

from ..lines import lines_caught
from .entries import entry
from .running import log_in, metric


class Filled(Room):
    """A disk with as much space as the test says."""

    def __init__(self) -> None:
        super().__init__(Path(), min_free_bytes=100, reserve_bytes=200)
        self.free = 0

    def free_bytes(self) -> int:
        """Return the space left."""
        return self.free


@pytest.mark.parametrize(
    ("free", "flags"),
    [
        pytest.param([300], (False, False), id="enough"),
        pytest.param([299], (False, True), id="tight"),
        pytest.param([100], (False, True), id="the last of it"),
        pytest.param([99], (True, True), id="short"),
        pytest.param([299, 349], (False, True), id="hardly more than before"),
        pytest.param([299, 350], (False, False), id="relieved"),
        pytest.param([99, 101], (False, True), id="short no more"),
    ],
)
def test_what_the_disk_has_is_told_apart(
    free: list[int], flags: tuple[bool, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Short below the minimum; tight below the reserve above it, until there is a quarter more."""
    monkeypatch.setattr("receiver.log.room._LOOK_EVERY_S", -1.0)
    room = Filled()
    for room.free in free:
        room.look()

    assert (room.is_short, room.is_tight) == flags


def test_the_disk_is_not_asked_at_every_commit() -> None:
    """There are thousands a second. While it is short it is: who waits for room is told at once."""
    room = Filled()
    seen = []
    for room.free in (0, 200, 1_000):
        room.look()
        seen.append(room.is_tight)

    assert seen == [True, True, True]


async def test_a_tight_disk_is_said_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once when it begins and once when it ends; the log takes whatever is appended all the while."""
    monkeypatch.setattr("receiver.log.room._LOOK_EVERY_S", -1.0)
    free, meters, seen = [2**40], PrometheusMeters(), []
    monkeypatch.setattr(Room, "free_bytes", lambda _: free[0])
    with lines_caught() as lines:
        async with log_in(tmp_path, meters, min_free_bytes=10, reserve_bytes=100) as log:
            for number, free[0] in enumerate((2**40, 50, 60, 2**40), 1):
                await log.append(entry(number))
                seen.append((log.is_tight, await metric(meters, "meetwire_disk_tight")))

    assert seen == [(False, 0), (True, 1), (True, 1), (False, 0)]
    assert [(line["event"], line["log_level"]) for line in lines] == [
        ("disk.tightened", "warning"),
        ("disk.relieved", "info"),
    ]
