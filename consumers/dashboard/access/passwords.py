"""Hash and check passwords, with Argon2id at the cost that RFC 9106 gives as its second choice: 64 MiB, 3 passes.

Each check costs that memory and some 50 ms; so only a few run at once, and of those who wait only some are let wait.
"""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..errors import TooMany

_hasher: Final = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4, hash_len=32, salt_len=16)
_AT_ONCE: Final = 2
_WAITING: Final = 32
# Of a password that nobody has: who is not known costs as much as who is.
_NOBODYS: Final = "$argon2id$v=19$m=65536,t=3,p=4$GEL3r2t9Wvoy0kbRSHwpqQ$Py5QkkI21fwD2Er2LaKZ3gMAmqNJraIeBXFQXDjDBSc"


def hashed(password: str) -> str:
    """Return the hash, in its own spelling. Blocking."""
    return _hasher.hash(password)


def fits(hash_of: str | None, password: str) -> bool:
    """Whether it is the password; None: of nobody, which takes as long. Blocking."""
    try:
        return _hasher.verify(hash_of or _NOBODYS, password) and hash_of is not None
    except (VerificationError, InvalidHashError):
        return False


class Passwords:
    """Checks passwords in threads."""

    def __init__(self) -> None:
        self._free, self._waiting = asyncio.Semaphore(_AT_ONCE), 0

    async def fits(self, hash_of: str | None, password: str) -> bool:
        """As `fits`. Raises TooMany where too many wait."""
        if self._waiting >= _WAITING:
            raise TooMany("too many log in at this moment", retry_after_s=2)
        self._waiting += 1
        try:
            async with self._free:
                return await asyncio.to_thread(fits, hash_of, password)
        finally:
            self._waiting -= 1
