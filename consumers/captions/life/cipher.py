"""Seal and open, with AES-256-GCM. Pure: keys and bytes in, bytes out, the same bytes for the same.

A record has a key of its own, derived from a data key (HKDF-Expand with SHA-256, RFC 5869, section 2.3, for 32 bytes),
so that one can be handed out, or kept, without the others. The nonce is derived from what is sealed: the same record
sealed by another replica is the same bytes, and were two contents ever sealed under one key, their nonces would differ.
"""

import hmac
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16


class NotOpened(Exception):
    """The bytes are not what was sealed under this key, or not for this place. The message says nothing."""


def derived(data_key: bytes, what: bytes) -> bytes:
    """Return the key for `what`, 32 bytes: the first block of HKDF-Expand."""
    return hmac.digest(data_key, what + b"\x01", "sha256")


def record_key(data_key: bytes, place: str) -> bytes:
    """Return the key of the one line that stands at `place`, topic/partition/offset/time_ms."""
    return derived(data_key, b"meetwire line\0" + place.encode())


def nonce_for(data_key: bytes, content: bytes) -> bytes:
    """Return the nonce under which `content` is sealed: who has not the data key learns nothing of it from that."""
    return hmac.digest(data_key, b"meetwire nonce\0" + content, "sha256")[:NONCE_BYTES]


def seal(key: bytes, nonce: bytes, content: bytes, place: bytes) -> bytes:
    """Return nonce, ciphertext and tag; they can be opened only with `place` said again."""
    return nonce + AESGCM(key).encrypt(nonce, content, place)


def opened(key: bytes, sealed: bytes, place: bytes) -> bytes:
    """Return what was sealed. Raises NotOpened."""
    if len(sealed) < NONCE_BYTES + _TAG_BYTES:
        raise NotOpened
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
    except InvalidTag:
        raise NotOpened from None
