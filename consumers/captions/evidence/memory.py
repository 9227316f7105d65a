"""Remember, on this machine, the last segment of each partition that it put into the store.

Whoever can write to the store alone can take the last segments of a partition away, and nothing that is left there
tells of them. This does, until the segments that follow do.
"""

import asyncio
import os
from pathlib import Path
from typing import Final, Self

import msgspec

from schemas.lines import Logger

from .index import Index
from .journal import sync_folder


class Put(msgspec.Struct, frozen=True):
    """A segment that lay in the store."""

    segment: str
    root: str
    """The tree over its lines."""
    first_ms: int
    last_ms: int


_puts: Final = msgspec.json.Decoder(dict[str, Put])


class Memory:
    """One cluster's. Several tasks may note at once; they share what it costs."""

    def __init__(self, path: Path, puts: dict[str, Put]) -> None:
        self.path, self._puts = path, puts
        self._noted = self._written = 0
        self._lock = asyncio.Lock()

    @classmethod
    async def recall(cls, path: Path, logger: Logger) -> Self:
        """Read what was noted. A file that is damaged is said, and as one that is not there. Raises OSError."""
        try:
            return cls(path, await asyncio.to_thread(lambda: _puts.decode(path.read_bytes())))
        except FileNotFoundError:
            return cls(path, {})
        except (msgspec.MsgspecError, UnicodeDecodeError):
            pass
        logger.error("spool.damaged", file=str(path), hint="which segments were put last is not known any more")
        return cls(path, {})

    def last(self, topic: str, partition: int) -> Put | None:
        """Return the last segment that was put of a partition; None where none was, by this machine."""
        return self._puts.get(f"{topic}/{partition}")

    async def note(self, topic: str, partition: int, index: Index) -> None:
        """Have it on disk that a segment lies in the store. Raises OSError."""
        before = self.last(topic, partition)
        if before is not None and before.segment > index.segment:
            return
        self._puts[f"{topic}/{partition}"] = Put(index.segment, index.root, index.first_ms, index.last_ms)
        self._noted += 1
        mine = self._noted
        async with self._lock:
            if self._written < mine:
                now = self._noted
                await asyncio.to_thread(_write, self.path, msgspec.json.encode(self._puts))
                self._written = now


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    with open(draft, "wb", opener=_own) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def _own(path: str, flags: int) -> int:
    return os.open(path, flags, 0o640)
