"""What `meetwire tail` shows, and how."""

import msgspec

from .look import Look


class Tail(msgspec.Struct, frozen=True, kw_only=True):
    """Empty sets mean all."""

    look: Look = Look()
    json: bool = False
    terminal: bool = False
    """The output is one: nothing that could command it goes there."""
    follow: bool = True
    alive: bool = False
    """Receivers' signs of life too: one to each partition, every ten seconds."""
    brief: bool = False
    """Without what comes many at once and says little: samples of quality that the service was asked for, and alerts
    that a wider one explains."""
    limit: int | None = None
    meetings: frozenset[str] = frozenset()
    enterprises: frozenset[str] = frozenset()
