"""Signed notes (C2SP signed-note) with Ed25519 keys: read, written, checked. Pure.

A note is a text, a blank line, and a line a signature. Signatures of keys that nobody asked for are skipped, as the
specification has it; a note without a good signature of the key that was asked for is `Altered`.
"""

import base64
import binascii
import re
from collections.abc import Callable
from hashlib import sha256
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ..errors import Altered, Misconfigured

_ED25519: Final = b"\x01"
_KEY: Final = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)")
_SIGNATURE: Final = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+=*)")
# A signature line is about 150 bytes; the specification asks for room for sixteen, also of kinds that are larger.
_MAX_BYTES: Final = 131_072


class VerifierKey(msgspec.Struct, frozen=True, kw_only=True):
    """A public key and the name that it signs under; as text: name+id+key."""

    name: str
    public: bytes
    """32 bytes (RFC 8032)."""

    @property
    def id(self) -> bytes:
        """The key ID: four bytes."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        """Write it as a verifier key."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"


def verifier_key(text: str) -> VerifierKey:
    """Read a verifier key. Raises Misconfigured."""
    if found := _KEY.fullmatch(text.strip()):
        encoded = _decoded(found[3])
        key = VerifierKey(name=found[1], public=encoded[1:])
        if encoded[:1] == _ED25519 and len(key.public) == 32 and key.id.hex() == found[2]:
            return key
    raise Misconfigured("that is no public key of an archive: one line, name+id+key, as ledger/public.key has it")


def signed(text: str, key: VerifierKey, sign: Callable[[bytes], bytes]) -> bytes:
    """Return the note over `text`, which ends with a newline; `sign` makes the 64 bytes of an Ed25519 signature."""
    signature = base64.b64encode(key.id + sign(text.encode())).decode()
    return f"{text}\n— {key.name} {signature}\n".encode()


def opened(note: bytes, key: VerifierKey) -> str:
    """Return the text of a note that `key` signed. Raises Altered, whose message says what is wrong."""
    text, signatures = _parts(note)
    ours = [rest for name, rest in signatures if name == key.name and rest[:4] == key.id]
    if not ours:
        raise Altered("it is not signed by this key")
    for signature in ours:
        _check(key, signature[4:], text)
    return text


def claimed(note: bytes) -> str:
    """Return the text of a note that nobody has checked. Raises Altered where it is none."""
    return _parts(note)[0]


def _check(key: VerifierKey, signature: bytes, text: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
    except (InvalidSignature, ValueError) as error:
        raise Altered("its signature is not good") from error


def _parts(note: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """Return the text, and of each signature the name and what its base64 stands for."""
    if len(note) > _MAX_BYTES:
        raise Altered("it is no note: too large")
    try:
        whole = note.decode()
    except UnicodeDecodeError as error:
        raise Altered("it is no note: not UTF-8") from error
    text, blank, lines = whole.rpartition("\n\n")
    found = [_SIGNATURE.fullmatch(line) for line in lines.removesuffix("\n").split("\n")]
    if not blank or not lines.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", whole):
        raise Altered("it is no note: text, a blank line, signatures")
    return f"{text}\n", [(line[1], _decoded(line[2])) for line in found if line]


def _decoded(text: str) -> bytes:
    """Return what base64 stands for, nothing where it is none, or spelt otherwise than we do: a bit shows."""
    try:
        content = base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
    return content if base64.b64encode(content).decode() == text else b""
