"""The spool's files: lines as they come, one write and one fsync a batch, however many segments they belong to.

Blocking, for one thread. What `append` returned from is on disk. Behind each write stands a line with its checksum:
what was torn by a crash, or rotted since, is not given back when the file is opened again. A file goes when nothing in
it is needed any more.
"""

import errno
import os
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

# A file pins the disk until all its lines are in the store.
MOST_BYTES: Final = 67_108_864
# And holds words, sealed or not, that may have been erased from the store since.
_MOST_S: Final = 3_600.0


# A file begins so; one that does not is of a version that wrote no checksums.
_HEAD: Final = b"#sums\n"
_SUM: Final = b"#sum "


class Rotten(Exception):
    """A file is not what was written. The message is its name."""


class Extent(msgspec.Struct, gc=False):
    """A stretch of whole lines in a file of the journal."""

    file: int
    start: int
    length: int


class Journal:
    """The files of one folder. Raises OSError for what the disk refuses."""

    def __init__(
        self, folder: Path, *, most_bytes: int = MOST_BYTES, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder, self._most_bytes, self._monotonic = folder, most_bytes, monotonic
        self._begun = 0.0
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        self._sizes = {int(path.name): path.stat().st_size for path in sorted(folder.iterdir())}
        # One each, until `replayed`.
        self._old = list(self._sizes)
        self._pins: dict[int, int] = dict.fromkeys(self._old, 1)
        self._current = max(self._sizes, default=0)
        self._handle = -1
        self._handles: dict[int, int] = {}
        self._is_noted = False

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(self._sizes.values())

    def replay(self) -> Iterator[tuple[int, int, bytes]]:
        """Yield file, place and content of every line, in order; cut off what is torn at the end of a file.

        Raises Rotten at what does not fit its checksum; nothing of that was yielded, and it is cut off.
        """
        for number in sorted(self._sizes):
            content = (self._folder / _name(number)).read_bytes()
            end, is_rotten = _whole(content)
            if end < len(content):
                self.cut_off(number, end)
            start = 0
            while start < end:
                stop = content.index(b"\n", start)
                if not content.startswith((_SUM, _HEAD), start):
                    yield number, start, content[start:stop]
                start = stop + 1
            # A crash tears the last file alone; one before it was read again since.
            if is_rotten or (end < len(content) and number != self._current):
                raise Rotten(_name(number))

    def cut_off(self, file: int, start: int) -> None:
        """Let go of what stands from `start` on in a file: it is no line of ours."""
        os.truncate(self._folder / _name(file), start)
        self._sizes[file] = start

    def append(self, parts: list[bytes]) -> list[Extent]:
        """Write each of `parts`, whole lines with their newlines; return where each is. On disk when this returns."""
        if self._handle < 0 or self._is_full():
            self._begin_file()
        start = self._sizes[self._current]
        self._sizes[self._current] += _write(self._handle, _summed_up(b"".join(parts)))
        os.fdatasync(self._handle)
        extents = []
        for part in parts:
            extents.append(Extent(self._current, start, len(part)))
            start += len(part)
        return extents

    def note(self, line: bytes) -> None:
        """Write a line that may be lost: on disk with the next batch, or before a file goes that it speaks of."""
        if self._old:
            # An earlier run's marks are read again, and lie where they lay.
            return
        if self._handle < 0:
            self._begin_file()
        self._sizes[self._current] += _write(self._handle, _summed_up(line + b"\n"))
        self._is_noted = True

    def pin(self, file: int) -> None:
        """Keep a file until it is unpinned as often."""
        self._pins[file] += 1

    def unpin(self, file: int) -> None:
        """Let a file go where nobody else needs it, nor one before it: what is noted in it speaks of those too."""
        self._pins[file] -= 1
        self._drop()

    def replayed(self) -> None:
        """Let go of the files of an earlier run that nobody has pinned by now."""
        old, self._old = self._old, []
        for file in old:
            self.unpin(file)

    def read(self, extents: list[Extent]) -> Iterator[bytes]:
        """Yield the content of each extent."""
        for extent in extents:
            handle = self._handles.get(extent.file)
            if handle is None:
                handle = os.open(self._folder / _name(extent.file), os.O_RDONLY | os.O_CLOEXEC)
                self._handles[extent.file] = handle
            yield os.pread(handle, extent.length, extent.start)

    def whole(self, extents: list[Extent], checksum: int) -> Iterator[bytes]:
        """Yield the same; raises OSError at its end where that has not the CRC-32 of what was written."""
        found = 0
        for part in self.read(extents):
            found = zlib.crc32(part, found)
            yield part
        if found != checksum:
            # Begun again, the spool lets go of it, and the source gives it once more.
            raise OSError(errno.EIO, "a file is not what was written to it; what it held is read again")

    def close(self) -> None:
        """Close the files."""
        for handle in (*self._handles.values(), self._handle):
            if handle >= 0:
                os.close(handle)
        self._handles, self._handle = {}, -1

    def _is_full(self) -> bool:
        return self._sizes[self._current] >= self._most_bytes or self._monotonic() - self._begun >= _MOST_S

    def _begin_file(self) -> None:
        number = self._current + 1
        handle = os.open(
            self._folder / _name(number), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600
        )
        sync_folder(self._folder)
        if self._handle >= 0:
            # What was only noted there comes before what follows here.
            os.fdatasync(self._handle)
            os.close(self._handle)
        self._handle, self._current, self._begun = handle, number, self._monotonic()
        self._sizes[number], self._pins[number] = _write(handle, _HEAD), 0
        self._drop()

    def _drop(self) -> None:
        while self._sizes and self._pins[file := min(self._sizes)] == 0:
            if file == self._current and self._handle >= 0:
                break
            if self._is_noted:
                os.fdatasync(self._handle)
                self._is_noted = False
            (self._folder / _name(file)).unlink()
            del self._sizes[file], self._pins[file]
            if (handle := self._handles.pop(file, None)) is not None:
                os.close(handle)


def sync_folder(folder: Path) -> None:
    """Have a folder's names on disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(handle: int, content: bytes) -> int:
    """Write all of it, and return how much that is."""
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]
    return len(content)


def _summed_up(content: bytes) -> bytes:
    return content + _SUM + b"%08x\n" % zlib.crc32(content)


def _whole(content: bytes) -> tuple[int, bool]:
    """Return up to where a file is what was written, and whether more is wrong with the rest than that it was torn."""
    end = content.rfind(b"\n") + 1
    if not content.startswith(_HEAD):
        is_old = b"\n" + _SUM not in content
        return (end, False) if is_old else (0, True)
    start = at = len(_HEAD)
    while at < end:
        stop = content.index(b"\n", at) + 1
        if content.startswith(_SUM, at):
            if content[at:stop] != _SUM + b"%08x\n" % zlib.crc32(memoryview(content)[start:at]):
                return start, True
            start = stop
        at = stop
    return start, False


def _name(number: int) -> str:
    return f"{number:012d}"
