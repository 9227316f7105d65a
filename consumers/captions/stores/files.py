"""Keep an archive in a folder. Blocking: `folder` runs it in threads.

Nothing is there before it is whole and on disk: it is written beside, fsynced, and given its name in one step, then
its folder is fsynced. What has a name is read-only. Raises OSError, and Missing where it is said.
"""

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from ..errors import Altered, Missing
from . import MOST_BYTES
from .drafts import FOLDER, Drafts
from .names import checked, checked_prefix, is_key

_READ_ONLY: Final = 0o444
# Where a file cannot have a second name, a copy does: on another file system, on one without links, or where the
# system forbids it to those who do not own the file.
_NO_LINK: Final = {errno.EXDEV, errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.EMLINK}
_NO_FILE: Final = (FileNotFoundError, IsADirectoryError, NotADirectoryError)
# A socket, and a link to itself.
_NOTHING_TO_READ: Final = {errno.ENXIO, errno.ELOOP}
# What a store makes, and what a file system does.
_NOBODYS: Final = {FOLDER, "lost+found"}
# Folders that are known to be on disk; to forget one costs an fsync.
_MOST_KNOWN: Final = 10_000


class Files:
    """What lies below `root`: made where it is missing, unless it is only to be read."""

    def __init__(self, root: Path, *, reading: bool = False) -> None:
        self._root = root.absolute()
        self._known: set[Path] = set()
        self._made: Drafts | None = None
        if reading:
            os.scandir(self._root).close()
        else:
            self._root.mkdir(mode=0o750, parents=True, exist_ok=True)
            _sync(self._root.parent)
            # At once: what a dead writer left has to go, though nothing is written.
            self._made = Drafts(self._root)

    def put(self, key: str, content: bytes) -> bool:
        """Store `content` unless there is something; return whether it was stored."""
        target = self._place(key)
        with self._writing().draft() as (file, draft):
            file.write(content)
            _finish(file)
            return _name(draft, target)

    def put_file(self, key: str, path: Path) -> bool:
        """The same with a file. It gets a second name where that can be, and is read-only then under both."""
        target = self._place(key)
        try:
            with path.open("rb") as file:
                _finish(file)
            return _name(path, target)
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
        with path.open("rb") as source, self._writing().draft() as (file, draft):
            shutil.copyfileobj(source, file, 1_048_576)
            _finish(file)
            return _name(draft, target)

    def replace(self, key: str, content: bytes) -> None:
        """Store `content`, whatever is there."""
        target = self._place(key)
        with self._writing().draft() as (file, draft):
            file.write(content)
            _finish(file)
            draft.replace(target)
        _sync(target.parent)

    def get(self, key: str, start: int, length: int | None) -> bytes:
        """Return what is there, or a part of it. Raises Missing; Altered for what is larger than an archive's files."""
        try:
            # No Path and no buffer: verifying an archive reads ten files a meeting, and these cost as much as the rest.
            with open(f"{self._root}/{checked(key)}", "rb", buffering=0, opener=_at_once) as file:
                _refuse_strange(key, os.fstat(file.fileno()))
                file.seek(start)
                return file.read(-1 if length is None else length)
        except _NO_FILE:
            raise Missing(key) from None
        except OSError as error:
            if error.errno in _NOTHING_TO_READ:
                raise Missing(key) from None
            raise

    def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return what is there; None where nothing is."""
        contents: list[bytes | None] = []
        for key in keys:
            try:
                contents.append(self.get(key, 0, None))
            except Missing:
                contents.append(None)
        return contents

    def require(self, key: str) -> None:
        """Raise Missing where nothing is there."""
        if not (self._root / checked(key)).is_file():
            raise Missing(key)

    def keys(self, prefix: str, after: str) -> Iterator[str]:
        """Yield the keys that begin with `prefix` and sort after `after`, in order; others' files are passed over."""
        folder, slash, _ = checked_prefix(prefix).rpartition("/")
        yield from self._below(folder + slash, prefix, after)

    def strange(self) -> Iterator[str]:
        """Yield what lies there and is no key of ours: a folder with its slash, and nothing of what is in it."""
        yield from _strange(self._root, "")

    def delete(self, key: str) -> None:
        """Delete what is there; its folder stays."""
        self._writing()
        target = self._root / checked(key)
        with contextlib.suppress(*_NO_FILE):
            target.unlink(missing_ok=True)
            # Though nothing was there: who deleted it may have ended before it was on disk.
            _sync(target.parent)

    def close(self) -> None:
        """Let go of the drafts."""
        if self._made is not None:
            self._made.close()

    def _writing(self) -> Drafts:
        if self._made is None:
            raise OSError(errno.EROFS, "it was opened to be read")
        return self._made

    def _place(self, key: str) -> Path:
        """Return where `key` lies; its folder is there, and on disk."""
        self._writing()
        target = self._root / checked(key)
        self._make(target.parent)
        return target

    def _make(self, folder: Path) -> None:
        if folder == self._root or folder in self._known:
            return
        self._make(folder.parent)
        folder.mkdir(exist_ok=True)
        # Though it was there: who made it may not have come so far.
        _sync(folder.parent)
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known.add(folder)

    def _below(self, folder: str, prefix: str, after: str, *, is_linked: bool = False) -> Iterator[str]:
        try:
            with os.scandir(self._root / folder) as found:
                # With its slash, a folder's name sorts among the others as the keys in it do. A link is gone after, as
                # a part of an archive may lie on another disk; but not within another one: they could go in circles.
                entries = sorted(
                    (entry.name + "/" * entry.is_dir(follow_symlinks=not is_linked), entry.is_symlink())
                    for entry in found
                )
        except _NO_FILE:
            return
        for key, links in ((folder + name, links) for name, links in entries if is_key(name.removesuffix("/"))):
            if key.endswith("/"):
                if _may_hold(key, prefix, after):
                    yield from self._below(key, prefix, after, is_linked=is_linked or links)
            elif key.startswith(prefix) and key > after:
                yield key


def _strange(root: Path, folder: str) -> Iterator[str]:
    with contextlib.suppress(*_NO_FILE), os.scandir(root / folder) as found:
        for entry in sorted(found, key=lambda one: one.name):
            name = folder + entry.name
            is_folder = entry.is_dir(follow_symlinks=False)
            if not is_key(name):
                if name not in _NOBODYS:
                    # Whatever bytes it is of: it is to be printed.
                    yield os.fsencode(name).decode(errors="backslashreplace") + "/" * is_folder
            elif is_folder:
                yield from _strange(root, name + "/")


def _may_hold(folder: str, prefix: str, after: str) -> bool:
    """Return whether keys in `folder` can be asked for; it ends with a slash."""
    return (folder.startswith(prefix) or prefix.startswith(folder)) and (folder > after or after.startswith(folder))


def _at_once(path: str, flags: int) -> int:
    """Open without waiting for who writes into a pipe."""
    return os.open(path, flags | os.O_NONBLOCK)


def _refuse_strange(key: str, status: os.stat_result) -> None:
    """Take a pipe or a device, which may never end, for nothing; they come with copies from strangers."""
    if not stat.S_ISREG(status.st_mode):
        raise Missing(key)
    # A copy that a stranger brings may have a hole of a terabyte.
    if status.st_size > MOST_BYTES:
        raise Altered(f"{key}: {status.st_size} bytes, more than any file of an archive has")


def _finish(file: BinaryIO) -> None:
    """Make it read-only, and put it on disk."""
    file.flush()
    os.fchmod(file.fileno(), _READ_ONLY)
    os.fsync(file.fileno())


def _name(draft: Path, target: Path) -> bool:
    """Give a whole file its name, unless that is taken; either way what has the name is on disk then."""
    try:
        os.link(draft, target)
    except FileExistsError:
        return False
    else:
        return True
    finally:
        _sync(target.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
