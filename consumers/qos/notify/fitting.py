"""Make one message of several letters that is not too long: what does not fit is said shorter, never left out. Pure."""

from collections.abc import Callable, Sequence
from typing import Final

from .saying import Said

# Taken for markup, mentions and links; what looks like them does not command anything.
_FLAT: Final = str.maketrans({"[": "［", "]": "］", "<": "‹", ">": "›", "*": "＊", "`": "'", "@": "＠", "#": "＃"})


def flat(text: str) -> str:
    """Return a text in which no markup is."""
    return text.translate(_FLAT)


def fitted(said: Sequence[Said], render: Callable[[Sequence[Said]], bytes], most_bytes: int) -> bytes:
    """Return the fullest rendering that is not too long."""
    for shorter in _WAYS:
        body = render([shorter(one) for one in said])
        if len(body) <= most_bytes:
            return body
    return render([_cut(one, 20) for one in said])


def _shorter(said: Said, lines: int) -> Said:
    return Said(said.headline, said.lines[:lines])


def _cut(said: Said, characters: int) -> Said:
    return Said(said.headline[:characters], [])


_WAYS: Final[tuple[Callable[[Said], Said], ...]] = (
    lambda said: said,
    lambda said: _shorter(said, 2),
    lambda said: _shorter(said, 0),
    lambda said: _cut(said, 100),
    lambda said: _cut(said, 50),
)
