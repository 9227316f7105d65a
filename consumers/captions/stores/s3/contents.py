"""What is to be stored, piece by piece: bytes, or a file that may be larger than memory."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from ...errors import StoreUnavailable
from ..threads import Threads


class Content(Protocol):
    """Some bytes; how many is known."""

    size: int

    async def read(self, start: int, length: int) -> bytes:
        """Return `length` bytes from `start`. Raises StoreUnavailable where the disk does not give them."""
        ...


class Held:
    """Bytes that are in memory."""

    def __init__(self, content: bytes) -> None:
        self._content, self.size = content, len(content)

    async def read(self, start: int, length: int) -> bytes:
        """Return a part."""
        return self._content[start : start + length]


class Spooled:
    """A file. `spooled` makes one."""

    def __init__(self, path: Path, size: int, threads: Threads) -> None:
        self._path, self.size, self._threads = path, size, threads

    async def read(self, start: int, length: int) -> bytes:
        """Return a part."""
        try:
            return await self._threads.run(_read, self._path, start, length)
        except OSError as error:
            raise _unread(self._path, error) from error


async def spooled(path: Path, threads: Threads) -> Spooled:
    """Return the file's content. Raises StoreUnavailable where there is none."""
    try:
        return Spooled(path, (await threads.run(path.stat)).st_size, threads)
    except OSError as error:
        raise _unread(path, error) from error


def pieces(size: int, of: int) -> Iterator[tuple[int, int]]:
    """Yield start and length of pieces `of` bytes each, the last one shorter."""
    for start in range(0, size, of):
        yield start, min(of, size - start)


def checksum(content: bytes) -> str:
    """Return SHA-256 as S3 has it in its headers."""
    return b64encode(hashlib.sha256(content).digest()).decode()


def _read(path: Path, start: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(length)


def _unread(path: Path, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(f"{path}: {error.strerror or type(error).__name__}")
