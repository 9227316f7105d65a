"""The archive's signing key: a file that is made once, and what is derived from it.

The file is PKCS#8 in PEM, as `openssl genpkey -algorithm ed25519` makes it, readable by its owner alone. Neither the
key nor what is derived from it is ever in a `repr`, a log line or an error.
"""

import os
import stat
import tempfile
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from ..errors import Misconfigured
from .note import VerifierKey

_SALT: Final = b"meetwire salt"
_VOUCH: Final = b"meetwire vouch"


class SigningKey:
    """An Ed25519 key pair (RFC 8032)."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self._public = private.public_key().public_bytes_raw()

    @classmethod
    def load_or_make(cls, path: Path) -> Self:
        """Read the key, or make one where there is no file yet; of several processes at once one makes it.

        Blocks. Raises Misconfigured, whose message says what is wrong with the file.
        """
        try:
            if not path.exists():
                _make(path)
        except OSError as error:
            raise Misconfigured(f"signing_key_file {path}: {error.strerror}") from error
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the key. Blocks. Raises Misconfigured, also where there is no file."""
        try:
            _refuse_readable(path)
            return cls._read(path)
        except FileNotFoundError:
            raise Misconfigured(f"signing_key_file {path.absolute()}: there is none here") from None
        except OSError as error:
            raise Misconfigured(f"signing_key_file {path}: {error.strerror}") from error

    @classmethod
    def _read(cls, path: Path) -> Self:
        try:
            private = load_pem_private_key(path.read_bytes(), None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise Misconfigured(f"signing_key_file {path}: not a private key in PEM without a passphrase") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise Misconfigured(f"signing_key_file {path}: not an Ed25519 key")
        return cls(private)

    def __repr__(self) -> str:
        """Show nothing of it."""
        return "<SigningKey>"

    def sign(self, text: bytes) -> bytes:
        """Return the signature, 64 bytes; the same text gives the same bytes."""
        return self._private.sign(text)

    def verifier(self, name: str) -> VerifierKey:
        """Return the public key, under the name that it signs with."""
        return VerifierKey(name=name, public=self._public)

    @property
    def salt_secret(self) -> bytes:
        """32 bytes from which the lines' salts are derived (HKDF-SHA256 over the key's seed)."""
        return self._derived(_SALT)

    @property
    def vouch_secret(self) -> bytes:
        """32 bytes, derived alike, under which the archive vouches for what it has not signed yet."""
        return self._derived(_VOUCH)

    def _derived(self, use: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=use).derive(self._private.private_bytes_raw())


def _make(path: Path) -> None:
    """Write a new key whole, unless another process was first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # Made 0600, under a name that nobody has.
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(handle)
        # A link never writes over what is there: whoever comes second reads the first one's key.
        _link(draft, path)
    finally:
        os.unlink(draft)


def _link(draft: str, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _refuse_readable(path: Path) -> None:
    """Refuse a key that others can read; a group may where the file is somebody else's, as a mounted secret is."""
    status = path.stat()
    shut = stat.S_IRWXO | (stat.S_IRWXG if status.st_uid == os.geteuid() else stat.S_IWGRP)
    if status.st_mode & shut:
        raise Misconfigured(f"signing_key_file {path}: others can read or write it; chmod 600 it, and ask who had it")
