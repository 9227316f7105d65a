"""The cloud's tokens: who holds them, until when, and how often they may be used. No I/O.

Meeting push reference, "REST calls": an access token lives for hours, a control token for 30 minutes, a socket token
for one minute and one use.
"""

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import msgspec


class Held(msgspec.Struct, kw_only=True):
    """One token that was given out."""

    token: str
    holder: str
    """A user ID, empty for the administrator; the meeting's UUID for tokens of a meeting."""
    until: datetime

    def __repr__(self) -> str:
        """Show no token."""
        return f"<Held until {self.until.isoformat()}>"


class Tokens:
    """All tokens of one kind."""

    def __init__(self, rng: Random, now: Callable[[], datetime], *, prefix: str, digits: int, most: int = 0) -> None:
        self._rng = rng
        self._now = now
        self._prefix = prefix
        self._digits = digits
        self._most = most
        self._held: dict[str, Held] = {}

    def give(self, holder: str, life_s: float) -> Held:
        """Return a new token; above the most that a holder may have, the oldest of the holder's goes."""
        token = f"{self._prefix}{self._rng.getrandbits(4 * self._digits):0{self._digits}x}"
        held = Held(token=token, holder=holder, until=self.end_of(life_s))
        self._held[token] = held
        mine = [other.token for other in self._held.values() if other.holder == holder] if self._most else []
        if len(mine) > self._most:
            del self._held[mine[0]]
        return held

    def end_of(self, life_s: float) -> datetime:
        """Return when a life that begins now is over."""
        return self._now() + timedelta(seconds=life_s)

    def find(self, token: str) -> Held | None:
        """Return a token that is still good."""
        held = self._held.get(token)
        return held if held is not None and held.until > self._now() else None

    def take(self, token: str) -> Held | None:
        """Return a token that is still good, which it is no longer afterwards."""
        held = self.find(token)
        self._held.pop(token, None)
        return held

    def end_all(self) -> None:
        """Let none be good any more."""
        self._held.clear()


def bare(token: str) -> str:
    """Return a control token as it was given, whether it comes raw or as `Basic ` and Base64; both are documented."""
    if not token.startswith("Basic "):
        return token
    try:
        return base64.b64decode(token.removeprefix("Basic "), validate=True).decode()
    except ValueError:
        return ""
