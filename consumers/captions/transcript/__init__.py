"""From evidence to something that can be read: which holdings there were, and what was said in each. Pure.

It promises the same transcript for the same records, in whatever order they are given, and to leave out nothing that
was said. It refuses to repair: what is odd stays, and is marked as a doubt.
"""

from typing import Final

from .occurrences import occurrences
from .shapes import ClosedBy, Heading, Occurrence, Transcript
from .transcribing import transcribe

OCCURRENCE_RULES: Final = 1
FOLD_RULES: Final = 1
"""Both rise when the same records give something else than before."""

__all__ = [
    "FOLD_RULES",
    "OCCURRENCE_RULES",
    "ClosedBy",
    "Heading",
    "Occurrence",
    "Transcript",
    "occurrences",
    "transcribe",
]
