"""Compare what was printed with what a document shows, but for what differs from run to run. Pure."""

from __future__ import annotations

import re

# From the most particular to the least.
_VOLATILE = (
    (re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"), "<date>"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?"), "<time>"),
    (re.compile(r"\b[0-9a-f]{16,}\b"), "<digits>"),
    (re.compile(r"\b1\d{12}\b"), "<milliseconds>"),
    # Signs of life may come first.
    (re.compile(r"mw_position=\d+"), "mw_position=<position>"),
    (re.compile(r'"nonce":"\d{8}"'), '"nonce":"<nonce>"'),
    (re.compile(r"127\.0\.0\.1:\d+"), "<address>"),
    (re.compile(r"[ \t]+$", re.MULTILINE), ""),
)


def settled(text: str) -> str:
    """Return the text with times, ids, nonces and ports replaced by what they are."""
    for pattern, name in _VOLATILE:
        text = pattern.sub(name, text)
    return text.strip("\n")


def matches(shown: str, printed: str) -> bool:
    """Whether a document shows what was printed; a line of … alone stands for any lines, or for none."""
    lines = ("(.*\n)?" if line == "…" else re.escape(line) + "\n" for line in settled(shown).split("\n"))
    return re.fullmatch("".join(lines), settled(printed) + "\n", re.DOTALL) is not None
