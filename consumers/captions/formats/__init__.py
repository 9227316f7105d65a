"""A transcript as files: WebVTT and SRT for each language, JSON Lines, Parquet, and a page to read and print. Pure.

The same transcript gives the same bytes. No text, however odd, makes a file invalid: what a format cannot hold is
replaced there by U+FFFD, and stands as it was in the evidence.
"""

from typing import Final

from .rendering import Rendered, rendered

FORMAT_RULES: Final = 1
"""Rises when the same transcript gives other bytes than before."""

__all__ = ["FORMAT_RULES", "Rendered", "rendered"]
