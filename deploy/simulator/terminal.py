"""Show text from elsewhere on a terminal without letting it command the terminal."""

import re
import sys
from typing import Final, TextIO

# C0 and C1 control characters but for the line feed, and what turns the reading direction (Unicode's Bidi_Control): an
# answer must not move the cursor, change colours, or make what stands beside it read otherwise.
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def show(text: str, stream: TextIO | None = None) -> None:
    """Print a line or several; what the terminal cannot show, or what would command it, as escapes."""
    out = stream or sys.stdout
    encoding = out.encoding or "utf-8"
    shown = _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
    print(shown.encode(encoding, "backslashreplace").decode(encoding), file=out, flush=True)


def complain(text: str) -> None:
    """Print one line on the standard error stream."""
    show(f"meetwire: {text}", sys.stderr)
