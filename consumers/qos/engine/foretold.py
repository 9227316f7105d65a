"""What is remembered of what was told at once, before its tick: part of the whole state. Pure."""

import msgspec

from .alert import Change
from .standing import Standing


class Looked(msgspec.Struct):
    """One participant, as the samples up to the newest that was read have them; ticks have not come so far."""

    newest_ms: int
    measured_ms: dict[str, int] = {}
    """By source: an older sample is no news."""
    standings: dict[int, Standing] = {}
    """By the number of the check among those that are told at once."""


class Foretold(msgspec.Struct):
    """What samples told before their ticks."""

    people: dict[str, dict[str, Looked]] = {}
    """By meeting, by participant."""
    fresh: list[Change] = []
    """Not handed out yet."""
    told: list[Change] = []
    """Not taken over by their ticks yet."""
    swept_ms: int = 0
