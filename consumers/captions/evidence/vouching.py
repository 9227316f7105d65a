"""Vouch for what the archive has put and not signed yet: a MAC in it, which nobody can make without the archive's key.

HMAC-SHA256, under a secret derived from the signing key, over the object's own key in the store, a zero byte and all
bytes of the object before the MAC, which is its last member. It is no signature: it proves nothing to who has not the
key; it proves to the archive itself that an object is one that a writer of its own put there. Pure.
"""

import hmac
import re
from typing import Final

from ..errors import Altered
from .index import Index, decode_index

_MAC: Final = re.compile(rb',"mac":"([0-9a-f]{64})"\}\Z')
_NO_MAC: Final = b',"mac":""}'


class Vouching:
    """Makes and checks MACs under one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        """Show nothing of it."""
        return "<Vouching>"

    def vouched(self, key: str, content: bytes) -> bytes:
        """Return a JSON object, which is to lie at `key`, with its MAC."""
        body = content.removesuffix(_NO_MAC).removesuffix(b"}")
        return body + b',"mac":"%s"}' % self._mac(key, body)

    def opened(self, key: str, content: bytes) -> bytes | None:
        """Return the object without its MAC; None where that is not good for what lies at `key`."""
        found = _MAC.search(content)
        if found is None or not hmac.compare_digest(found[1], self._mac(key, content[: found.start()])):
            return None
        return content[: found.start()] + b"}"

    def index(self, key: str, content: bytes) -> Index | None:
        """Return the index that lies at `key`; None where it is not vouched for, or of a later version of ours."""
        body = self.opened(key, content)
        try:
            return None if body is None else decode_index(body)
        except Altered:
            return None

    def _mac(self, key: str, body: bytes) -> bytes:
        return hmac.digest(self._secret, key.encode() + b"\0" + body, "sha256").hex().encode()
