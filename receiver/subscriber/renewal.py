"""When a control token is renewed: before it ends, and again where that failed. Pure.

The REST call is the documented way ("Querying a conference control token", keep-alive). Whether the socket dies with
the token is not known, so it is kept alive for as long as the socket is.
"""

from collections.abc import Callable
from typing import Final

from ..cloud.meetings import ControlToken
from .meeting import Now

BEFORE_S: Final = 200.0
AGAIN_S: Final = 30.0
_GIVE_UP_S: Final = 120.0


class Renewal:
    """The plan for one token."""

    __slots__ = ("due_s",)

    def __init__(self) -> None:
        self.due_s: float | None = None
        """When it is to be asked for; None: no socket is open."""

    def renewed(self, token: ControlToken, now: Now) -> None:
        """Plan for this token: well before its end, or half way where it is short-lived."""
        life_s = max(0.0, (token.expires_at - now.at).total_seconds())
        self.due_s = now.s + max(life_s - BEFORE_S, life_s / 2, 1.0)

    def is_due(self, now: Now) -> bool:
        """Return whether to ask now."""
        return self.due_s is not None and now.s >= self.due_s

    def asked(self, now: Now) -> None:
        """Wait for the answer."""
        self.due_s = now.s + _GIVE_UP_S

    def failed(self, uniform: Callable[[], float], now: Now) -> None:
        """Ask again later: until there is an answer, whatever it says. The socket may stay open all the same."""
        self.due_s = now.s + AGAIN_S * (1 + uniform())

    def idle(self) -> None:
        """Plan nothing."""
        self.due_s = None
