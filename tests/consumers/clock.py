"""A clock that a test moves."""

from __future__ import annotations

from datetime import datetime

from .records import NOON


class Clock:
    """Stands at noon until it is moved."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        """Return the time."""
        return self.at
