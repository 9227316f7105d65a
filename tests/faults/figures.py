"""Compare what was answered with what is read, and count what is wrong. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Numbers = Mapping[str, Sequence[int]]
"""By meeting, the numbers of pushes in some order."""


@dataclass
class Figures:
    """The figures of all rounds."""

    rounds: int = 0
    pushes: int = 0
    """Answered 200."""
    tries: int = 0
    lost: int = 0
    """Answered 200, and not in the topic."""
    duplicated: int = 0
    """Read twice by who drops what does not rise."""
    reordered: int = 0
    """Read before one of the same meeting that was answered before it."""
    repeats: int = 0
    """In the topic more than once; dropped, since they do not rise."""
    receiver_kills: int = 0
    broker_kills: int = 0
    freezes: int = 0

    def add(self, answered: Numbers, read: Numbers) -> str:
        """Count one round, and say in words what was wrong in it; empty where nothing was."""
        wrong = [_compare(numbers, read.get(meeting, ())) for meeting, numbers in answered.items()]
        lost, duplicated, reordered = (sum(figures) for figures in zip(*wrong, strict=True))
        self.rounds += 1
        self.pushes += sum(map(len, answered.values()))
        self.lost += lost
        self.duplicated += duplicated
        self.reordered += reordered
        if lost or duplicated or reordered:
            return f"{lost} lost, {duplicated} duplicated, {reordered} reordered"
        return ""

    def table(self) -> str:
        """Return one line a figure."""
        return "\n".join(f"  {name.replace('_', ' '):16} {value:>8,}" for name, value in vars(self).items())


def _compare(answered: Sequence[int], read: Sequence[int]) -> tuple[int, int, int]:
    """Return how many are lost, duplicated and out of order. What was not answered may be there, and need not be."""
    wanted, first_read = set(answered), list(dict.fromkeys(read))
    place = {number: at for at, number in enumerate(answered)}
    places = [place[number] for number in first_read if number in wanted]
    reordered = sum(earlier > later for earlier, later in pairwise(places))
    return len(wanted - set(read)), len(read) - len(first_read), reordered
