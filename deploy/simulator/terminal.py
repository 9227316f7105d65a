"""Show text from elsewhere on a terminal without letting it command the terminal."""

import re
import sys
from typing import Final, TextIO

# C0 and C1 control characters but for the line feed: an answer must not move the cursor or change colours.
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def show(text: str, stream: TextIO | None = None) -> None:
    """Print a line or several; what the terminal cannot show, or what would command it, as escapes."""
    out = stream or sys.stdout
    encoding = out.encoding or "utf-8"
    shown = _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
    print(shown.encode(encoding, "backslashreplace").decode(encoding), file=out, flush=True)


def complain(text: str) -> None:
    """Print one line on the standard error stream."""
    show(f"meetwire: {text}", sys.stderr)
