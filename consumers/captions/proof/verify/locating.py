"""Find which lines of a segment are not what they were, from the leaves that it had and those it has. Pure."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, NamedTuple

from .report import What

# A comparison of two long and very different lists takes minutes; nobody reads thousands of findings either.
_MOST: Final = 2_000


class Difference(NamedTuple):
    """One line that is not what it was."""

    what: What
    line: int
    """From 0: of the segment as it is; of a removed line, as it was."""
    leaf: bytes
    """What should be there; of an added line, what is there."""
    says: str
    also: tuple[int, ...] = ()
    """Other lines that it is about."""


def located(had: Sequence[bytes], has: Sequence[bytes]) -> list[Difference] | None:
    """Return what differs, in order; None where it is too much to tell line by line."""
    start = _common(had, has)
    end = _common(had[start:][::-1], has[start:][::-1])
    old, new = had[start : len(had) - end], has[start : len(has) - end]
    if len(old) == len(new):
        changed = [at for at, leaf in enumerate(old) if leaf != new[at]]
        if sorted(old) == sorted(new):
            return _swapped(start, changed, old)
        if len(changed) <= _MOST and not set(new) & {old[at] for at in changed}:
            return [_changed(start + at, old[at]) for at in changed]
    return list(_moved(start, old, new)) if len(old) + len(new) <= 2 * _MOST else None


def _common(one: Sequence[bytes], other: Sequence[bytes]) -> int:
    """Return how many leaves both begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _changed(line: int, leaf: bytes) -> Difference:
    return Difference("line_changed", line, leaf, f"Line {line} is not what it was.")


def _swapped(start: int, changed: Sequence[int], old: Sequence[bytes]) -> list[Difference]:
    first, *others = [start + at for at in changed]
    named = ", ".join(map(str, [first, *others[:19]])) + (" …" if len(others) > 19 else "")
    says = f"The lines {named} are all there, in another order."
    return [Difference("lines_swapped", first, old[changed[0]], says, tuple(others))]


def _moved(start: int, old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[Difference]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, first, last, begin, end in matcher.get_opcodes():
        if tag == "equal":
            continue
        both = min(last - first, end - begin)
        for more in range(both):
            yield _changed(start + begin + more, old[first + more])
        for at in range(first + both, last):
            yield Difference("line_removed", start + at, old[at], f"Line {start + at}, as it was, is gone.")
        for at in range(begin + both, end):
            yield Difference("line_added", start + at, new[at], f"Line {start + at} was not there.")
