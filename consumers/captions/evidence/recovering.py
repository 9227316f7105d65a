"""Take what an earlier run left in the spool's files, by the same rules as what comes. Blocking."""

from typing import Final, Protocol

import msgspec

from .journal import Extent, Journal, Rotten
from .known import entry_of
from .piece import Entry

_MARK: Final = b"#"


class Recovering(Protocol):
    """The spool, as far as it is needed here."""

    def count_in(self, entry: Entry, extent: Extent) -> None:
        """Count in a line that is on disk."""
        ...

    def cut_at(self, topic: str, partition: int, last: int) -> None:
        """Close a partition's last segment, if it ends there."""
        ...

    def done(self, topic: str, partition: int, last: int) -> None:
        """Let go of a partition's lines up to offset `last`."""
        ...

    def drop(self, topic: str, partition: int) -> None:
        """Let go of a partition."""
        ...


def recover(journal: Journal, spool: Recovering) -> list[str]:
    """Return which file is not what was written, if one is. Raises OSError.

    All that follows damage goes too, in later files as well: behind a gap nobody could tell what is missing, and the
    source is held where it gives all of it again.
    """
    try:
        for file, start, line in journal.replay():
            if line.startswith(_MARK):
                _heed(line, spool)
                continue
            try:
                entry = entry_of(line)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                journal.cut_off(file, start)
                return [f"{file:012d}"]
            spool.count_in(entry, Extent(file, start, len(line) + 1))
    except Rotten as error:
        return [str(error)]
    return []


def _heed(mark: bytes, spool: Recovering) -> None:
    match mark.decode(errors="replace").split(" "):
        case ["#cut", topic, partition, last]:
            spool.cut_at(topic, int(partition), int(last))
        case ["#done", topic, partition, last]:
            spool.done(topic, int(partition), int(last))
        case ["#drop", topic, partition]:
            spool.drop(topic, int(partition))
        case _:
            pass
