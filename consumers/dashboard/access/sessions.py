"""Sessions: a signed cookie that any replica can check. Pure, but for what is drawn.

It says who, since when, and until when without use; the key is the users file's. With another password, or another role
or none, it no longer holds. Logging out takes the cookie away, and this process remembers that it is over; who has kept
a copy of it could use that on another replica, until `IDLE_S` are over.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Final

import msgspec

from .roll import User

IDLE_S: Final = 1_800
"""Without a request for so long it ends. OWASP's Session Management Cheat Sheet has 15 to 30 minutes for low risks."""
LASTS_S: Final = 43_200
"""A working day, used or not."""
RENEW_S: Final = 300
"""Older than this, and it is given out anew with the next answer."""
_LONGEST: Final = 1_024


class Session(msgspec.Struct, frozen=True, array_like=True):
    """What a cookie says."""

    id: str
    user: str
    stamp: str
    """Of the user as he stood when he logged in."""
    begun_s: int
    used_s: int

    def __repr__(self) -> str:
        """Show no ID."""
        return f"<Session of {self.user}>"


_decoder: Final = msgspec.json.Decoder(Session)


def begun(user: User, now_s: float) -> Session:
    """Return a new session: its ID was never anybody's before he logged in."""
    return Session(secrets.token_urlsafe(18), user.user, stamp_of(user), int(now_s), int(now_s))


def stamp_of(user: User) -> str:
    """Return what changes when a user's rights or password do."""
    return hashlib.sha256(msgspec.json.encode(user)).hexdigest()[:16]


class Cookies:
    """Signs and reads sessions, under the users file's secret."""

    def __init__(self, secret: str) -> None:
        key = secret.encode()
        self._key = hmac.digest(key, b"session", "sha256")
        self._csrf_key = hmac.digest(key, b"csrf", "sha256")
        self._over: dict[str, float] = {}

    def written(self, session: Session) -> str:
        """Return the cookie's value."""
        content = base64.urlsafe_b64encode(msgspec.json.encode(session)).rstrip(b"=")
        return f"{content.decode()}.{self._signature(content)}"

    def read(self, value: str, now_s: float) -> Session | None:
        """Return the session; None for one that is not ours, or is over."""
        content, _, signature = value.partition(".")
        try:
            signed = content.encode("ascii")
            given = signature.encode("ascii")
        except UnicodeEncodeError:
            return None
        if len(value) > _LONGEST or not hmac.compare_digest(self._signature(signed).encode(), given):
            return None
        session = _decoded(signed)
        return session if session is not None and self._holds(session, now_s) else None

    def renewed(self, session: Session, now_s: float) -> Session | None:
        """Return the session as used now, where it is time to give it out anew."""
        if now_s - session.used_s < RENEW_S:
            return None
        return Session(session.id, session.user, session.stamp, session.begun_s, int(now_s))

    def end(self, session: Session, now_s: float) -> None:
        """Have it hold no more on this process."""
        self._over = {one: until for one, until in self._over.items() if until > now_s}
        self._over[session.id] = session.begun_s + LASTS_S

    def csrf(self, name: str) -> str:
        """Return the token against forged requests of a session's ID, or of a proxy's user."""
        return hmac.digest(self._csrf_key, name.encode("utf-8", "replace"), "sha256").hex()

    def lasts(self, session: Session, now_s: float) -> bool:
        """Whether it is not over but for want of use."""
        return session.id not in self._over and now_s - session.begun_s < LASTS_S

    def _holds(self, session: Session, now_s: float) -> bool:
        # Clocks of replicas differ a little.
        return -60 <= now_s - session.used_s < IDLE_S and self.lasts(session, now_s)

    def _signature(self, content: bytes) -> str:
        return hmac.digest(self._key, content, "sha256").hex()


def _decoded(content: bytes) -> Session | None:
    try:
        return _decoder.decode(base64.b64decode(content + b"=" * (-len(content) % 4), b"-_", validate=True))
    except (binascii.Error, msgspec.MsgspecError, UnicodeDecodeError):  # pragma: no cover -- we signed it
        return None
