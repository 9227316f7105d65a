"""Checkpoints (C2SP tlog-checkpoint): a ledger's size and the root over it, signed under the archive's name. Pure."""

import base64
import re
from collections.abc import Callable
from typing import Final

import msgspec

from ..errors import Altered
from .note import VerifierKey, opened, signed

# The size is cut short of what no ledger can have: int() refuses thousands of digits with an error of its own.
_TEXT: Final = re.compile(r"(.+)\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/]{43}=)\n(?:.+\n)*")


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What a ledger was."""

    origin: str
    """The archive's name."""
    size: int
    """Entries."""
    root: bytes
    """The tree over their bytes."""

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def signed_checkpoint(checkpoint: Checkpoint, key: VerifierKey, sign: Callable[[bytes], bytes]) -> bytes:
    """Return the note."""
    return signed(checkpoint.text, key, sign)


def opened_checkpoint(note: bytes, key: VerifierKey) -> Checkpoint:
    """Return what a note says that `key` signed under its own name. Raises Altered."""
    found = _TEXT.fullmatch(opened(note, key))
    if found is None:
        raise Altered("it is no checkpoint: origin, size, root")
    checkpoint = Checkpoint(origin=found[1], size=int(found[2]), root=base64.b64decode(found[3]))
    if checkpoint.origin != key.name:
        raise Altered("it is the checkpoint of another archive")
    return checkpoint
