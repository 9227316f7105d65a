"""Compare a segment of ours with what lies in the store under its name. Pure."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from schemas.archive.lines import ErasedLine, LeftLine, OpenLine

from ..errors import Altered
from .index import Index
from .line import leaf, read
from .reading import split

Opened = Callable[[bytes], OpenLine | ErasedLine | LeftLine]
"""Opens a line, as `line.opened` does."""


def checked_lines(content: bytes, index: Index) -> list[bytes]:
    """Return the lines of a segment. Raises Altered where they are not those of the index."""
    lines = split(content, index.segment)
    if [leaf(line) for line in lines] != index.leaf_list():
        raise Altered(index.segment)
    return lines


def by_offset(lines: Sequence[bytes]) -> dict[int, bytes]:
    """Return the leaf of each line by its offset."""
    return {read(line).offset: leaf(line) for line in lines}


def differ(ours: Mapping[int, bytes], theirs: Mapping[int, bytes], erased: AbstractSet[int]) -> bool:
    """Whether we have a line that they have not, where they had read; what was `erased` since is not asked.

    That they have more than we is no wonder: others went on here while we had not this partition.
    """
    last = max(theirs)
    return any(theirs.get(at) != leaf for at, leaf in ours.items() if at <= last and at not in erased)


def goes_with(
    ours: Index, lines: Sequence[bytes], opened: Opened, knows_salt: Callable[[str, int, int, str], bool]
) -> bool:
    """Whether lines of which nothing vouches for the index are ours in other bounds.

    They begin as ours do, or ours as they; and what they have besides has the archive's salts, so that none of it says
    of a record that is still to come that it is there. Raises as `opened` does.
    """
    here, there = ours.leaf_list(), [leaf(line) for line in lines]
    both = min(len(here), len(there))
    if not both or here[:both] != there[:both]:
        return False
    more = [opened(line) for line in lines[both:]]
    return all(isinstance(one, OpenLine) and knows_salt(one.topic, one.partition, one.offset, one.salt) for one in more)
