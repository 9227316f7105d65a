"""The master key: a file that wraps every data key, and never leaves this machine.

32 bytes in base64 a line. The first line wraps; all of them unwrap, so that a master key can be replaced: put the new
one first, wrap everything anew (`meetwire archive rewrap`), take the old one out. Who loses the file loses every word
of the archive; who has it and the two stores can read every word. It is in no `repr`, log line or error.
"""

import base64
import hashlib
import os
import stat
from pathlib import Path
from typing import Final, Self

import msgspec

from schemas.archive.keys import WrappedKey

from ..errors import Altered, Misconfigured
from .cipher import KEY_BYTES, NONCE_BYTES, NotOpened, opened, seal
from .held_keys import DataKey, Rest, Whole

_REST: Final = msgspec.json.Decoder(dict[str, str])
_MAKE_ONE: Final = "make one: (umask 077; openssl rand -base64 32 > FILE)"


class MasterKeys:
    """The keys of the file, the first of which wraps."""

    def __init__(self, keys: list[bytes]) -> None:
        self._keys = {_fingerprint(key): key for key in keys}
        self._first = _fingerprint(keys[0])

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the file. Blocks. Raises Misconfigured, whose message says what is wrong with it, and the remedy."""
        try:
            text = path.read_text("ascii")
            status = path.stat()
        except FileNotFoundError:
            raise Misconfigured(f"encryption_key_file {path}: there is none; {_MAKE_ONE}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured(f"encryption_key_file {path}: cannot be read; {type(error).__name__}") from None
        _refuse_readable(path, status)
        return cls([_decoded(path, line) for line in text.split()] or _none(path))

    def __repr__(self) -> str:
        """Show none of them."""
        return f"<MasterKeys {len(self._keys)}>"

    def wrapped(self, key_id: str, key: DataKey) -> WrappedKey:
        """Return `key` under the first master key, bound to its ID."""
        kind, content = ("whole", key.key) if isinstance(key, Whole) else ("rest", _encoded(key))
        sealed = seal(self._keys[self._first], os.urandom(NONCE_BYTES), content, f"{key_id}.{kind}".encode())
        return WrappedKey(
            kind="whole" if isinstance(key, Whole) else "rest",
            master=self._first,
            wrapped=base64.b64encode(sealed).decode(),
        )

    def unwrapped(self, key_id: str, stored: WrappedKey) -> DataKey:
        """Return the key. Raises Misconfigured without the master key that wraps it, Altered where it is not whole."""
        master = self._keys.get(stored.master)
        if master is None:
            raise Misconfigured(
                f"encryption_key_file: data key {key_id} is wrapped by {stored.master}, not in the file"
            )
        try:
            sealed = base64.b64decode(stored.wrapped, validate=True)
            content = opened(master, sealed, f"{key_id}.{stored.kind}".encode())
        except (NotOpened, ValueError):
            raise Altered(f"data key {key_id} does not open under master key {stored.master}") from None
        return Whole(content) if stored.kind == "whole" else _read(content)

    def is_current(self, stored: WrappedKey) -> bool:
        """Return whether the first master key wraps it."""
        return stored.master == self._first


def _fingerprint(key: bytes) -> str:
    return hashlib.sha256(b"meetwire master key\0" + key).hexdigest()[:16]


def _encoded(key: Rest) -> bytes:
    return msgspec.json.encode({place: one.hex() for place, one in key.keys.items()})


def _read(content: bytes) -> Rest:
    return Rest({place: bytes.fromhex(one) for place, one in _REST.decode(content).items()})


def _decoded(path: Path, line: str) -> bytes:
    try:
        key = base64.b64decode(line, validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise Misconfigured(f"encryption_key_file {path}: a line is not 32 bytes in base64; {_MAKE_ONE}")
    return key


def _none(path: Path) -> list[bytes]:
    raise Misconfigured(f"encryption_key_file {path}: holds no key; {_MAKE_ONE}")


def _refuse_readable(path: Path, status: os.stat_result) -> None:
    """Refuse what others can read; a group may where the file is somebody else's, as a mounted secret is."""
    shut = stat.S_IRWXO | (stat.S_IRWXG if status.st_uid == os.geteuid() else stat.S_IWGRP)
    if status.st_mode & shut:
        raise Misconfigured(
            f"encryption_key_file {path}: others can read or write it; chmod 600 it, and ask who had it"
        )
