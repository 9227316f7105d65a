"""The values of meeting pushes in our terms: texts, switches, codes and figures. Pure.

What is left out, empty, or a code that nobody has documented is None, never 0 and never False: it is not known.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from schemas.push.pushed import Flag, Text

from ..enterprise import instant

_SWITCHES: Final[Mapping[str, bool]] = {"0": False, "1": True, "false": False, "true": True}


def text(value: Text) -> str | None:
    """Return a text, or None for an empty one; a number is spelt out."""
    return None if value is None or value == "" else str(value)


def either(first: Text, second: Text) -> str | None:
    """Return what a member says that has two spellings."""
    return text(first) or text(second)


def flag(value: Flag) -> bool | None:
    """Return whether a switch is on; None for anything but 0 and 1, in whatever spelling."""
    return None if value is None else _SWITCHES.get(str(value).lower())


def other_than_nought(value: Flag) -> bool | None:
    """Return whether a feature is there whose codes are "0: no; other: yes"."""
    return None if value is None or value == "" else str(value).lower() not in ("0", "false")


def word(value: Flag, words: Mapping[str, str]) -> str | None:
    """Return our word for a code, or None for one that is not documented."""
    return None if value is None else words.get(str(value))


def at(milliseconds: int | None) -> datetime | None:
    """Return an aware UTC time; 0 is none."""
    return instant(milliseconds) if milliseconds else None


def ratio(hundredths_of_a_percent: float | None) -> float | None:
    """Return a loss from 0 to 1; None for what no loss can be."""
    if hundredths_of_a_percent is None or not 0 <= hundredths_of_a_percent <= 10_000:
        return None
    return hundredths_of_a_percent / 10_000


def bps(hundreds: float | None) -> int | None:
    """Return a bit rate in bit/s of one in 100 bit/s; None for one below nought."""
    return round(hundreds * 100) if hundreds is not None and hundreds >= 0 else None


def ms(figure: float | None) -> float | None:
    """Return a duration; None for one below nought, which some services say for "not measured"."""
    return figure if figure is not None and figure >= 0 else None
