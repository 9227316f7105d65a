"""Data keys, wrapped by a master key, and what opens one single line.

    keys/<first two digits of the ID>/<ID>.<version>     in `captions.keys_store`

The newest version counts. A key is never written over: erasing and wrapping anew put the next version and delete those
before, so that of two who do it at once neither undoes what the other did.
"""

from typing import Final, Literal

import msgspec

KEYS: Final = "keys/"


class WrappedKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A data key, or what is left of one."""

    kind: Literal["whole", "rest"]
    """whole: the data key itself. rest: a JSON object of place and record key (hexadecimal) of the lines that stay."""
    master: str
    """Which master key wraps it: first 16 digits of a hash of it."""
    wrapped: str
    """Base64 of nonce (12 bytes), ciphertext and tag, AES-256-GCM; additional data: <ID>.<kind>."""


class Opening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What opens one line and no other: for a third party who has the sealed line."""

    segment: str
    line: int
    """Counted from 0."""
    place: str
    """topic/partition/offset/time_ms, the additional data of the seal."""
    leaf: str
    record_key: str
    """32 bytes in hexadecimal."""

    def __repr__(self) -> str:
        """Show no key."""
        return f"<Opening {self.place}>"


def key_prefix(data_key: str) -> str:
    """Return what the keys of all versions of a data key begin with."""
    return f"{KEYS}{data_key[:2]}/{data_key}."


def key_version(data_key: str, version: int) -> str:
    """Return where one version lies, counted from 0."""
    return f"{key_prefix(data_key)}{version:06d}"
