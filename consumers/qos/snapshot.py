"""Keep what is remembered in a file, so that a start does not begin with the beginning of time. Blocking.

The file is replaced whole: what `write` returned from is on disk, and a crash leaves the one before. It begins with the
SHA-256 of the rest: a file that rotted is none, and is said to be so.
"""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from schemas.record import content_id
from schemas.rules import QosRules

from .engine.state import Input, State
from .errors import StateInUse
from .told import Told

FILE_NAME: Final = "snapshot.msgpack"
LOCK_NAME: Final = "lock"
# Of another form, it is left alone and not read.
FORM: Final = 1


class At(msgspec.Struct, frozen=True, array_like=True):
    """Where a topic's partition is read from next."""

    topic: str
    partition: int
    offset: int


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """All that a process needs to go on."""

    form: int = FORM
    cluster: str
    """What the offsets count in."""
    rules: str
    """`rules_id` of the rules that the state belongs to."""
    places: list[At]
    alert_places: list[At]
    state: State
    signs: list[Input]
    """Signs of life that do not count yet."""
    told: Told
    quiet_until_ms: int
    """What was decided of the time before is not published: it was made up from a look back."""


class Damaged(Exception):
    """There is a file, and it cannot be read; the message says why, and never what is in it."""


def rules_id(rules: QosRules) -> str:
    """Return what tells these rules from others."""
    return content_id("rules", msgspec.to_builtins(rules))


def pack(snapshot: Snapshot) -> bytes:
    """Return the file's content but for its hash. The one part that must not run beside what changes the state."""
    return msgspec.msgpack.encode(snapshot)


def write(folder: Path, packed: bytes) -> None:
    """Replace the file. Raises OSError."""
    draft = folder / (FILE_NAME + ".draft")
    # Whose meeting is bad, and where they sit, is nobody else's to read.
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as handle:
        handle.write(hashlib.sha256(packed).digest())
        handle.write(packed)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(folder / FILE_NAME)
    _sync(folder)


def read(folder: Path) -> Snapshot | None:
    """Return what was written last; None where nothing was. Raises Damaged, OSError."""
    try:
        content = (folder / FILE_NAME).read_bytes()
    except FileNotFoundError:
        return None
    packed = memoryview(content)[32:]
    if hashlib.sha256(packed).digest() != content[:32]:
        raise Damaged("its hash does not fit")
    try:
        if msgspec.msgpack.decode(packed, type=_Form).form != FORM:
            raise Damaged("it is of another version")
        return msgspec.msgpack.decode(packed, type=Snapshot)
    except msgspec.MsgspecError:
        raise Damaged("it is of another version") from None


class _Form(msgspec.Struct):
    form: int


@contextlib.contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Have the folder within this block, and make it where it is missing. Raises StateInUse, OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateInUse(f"qos.state_folder {folder}: another process has it") from None
        yield
    finally:
        os.close(handle)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
