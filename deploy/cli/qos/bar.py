"""A bar on a terminal for what takes a while. Nothing is written anywhere else, nor of what is quick."""

from collections.abc import Callable
from typing import Final, TextIO

_AFTER_S: Final = 1.0
_EVERY_S: Final = 0.2
_WIDE: Final = 30


class Bar:
    """One line, over and over; `clock` is monotonic, in seconds."""

    def __init__(self, out: TextIO, clock: Callable[[], float]) -> None:
        self._out, self._clock, self._is_terminal = out, clock, out.isatty()
        self._began = self._shown = clock()
        self._width = 0

    def show(self, share: float, samples: int) -> None:
        """Draw how far it is, if it is time for that."""
        now = self._clock()
        if not self._is_terminal or now - self._began < _AFTER_S or now - self._shown < _EVERY_S:
            return
        self._shown = now
        share = min(1.0, max(0.0, share))
        full = int(share * _WIDE)
        rate = samples / (now - self._began)
        self._write(f"[{'#' * full}{'.' * (_WIDE - full)}] {share:4.0%}  {samples:,} samples, {rate:,.0f}/s")

    def end(self) -> None:
        """Take it away."""
        if self._width:
            self._out.write(f"\r{' ' * self._width}\r")
            self._out.flush()

    def _write(self, line: str) -> None:
        self._out.write(f"\r{line.ljust(self._width)}")
        self._out.flush()
        self._width = max(self._width, len(line))
