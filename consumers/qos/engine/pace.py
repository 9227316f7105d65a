"""How far apart samples come: what a silence is measured by. Pure.

What is pushed comes at a pace of its own, soon known. What is asked for comes when its turn comes, within a budget of
calls: kinds of which there is nothing make the gaps of one participant uneven, and each new meeting all of them longer.
So there the longest gap is forgotten slowly, and whoever was asked for once may well have to wait for the second time.
"""

from typing import Final

# Longer gaps than these are absences, not a pace.
LONGEST_PUSHED_MS: Final = 600_000
LONGEST_ASKED_MS: Final = 3_600_000
_FIRST_ASKED_MS: Final = 1_800_000


def pace(gap_ms: int, newest_ms: int, at_ms: int, *, asked: bool) -> int:
    """Return the pace with a sample that was received at `at_ms`; `newest_ms`: the one before, 0 where none was."""
    if not newest_ms:
        return _FIRST_ASKED_MS if asked else 0
    if at_ms <= newest_ms:
        return gap_ms
    if asked:
        return min(LONGEST_ASKED_MS, max(at_ms - newest_ms, gap_ms - gap_ms // 16))
    return min(LONGEST_PUSHED_MS, max(at_ms - newest_ms, gap_ms // 2))
