"""The bar is drawn on a terminal, of what takes a while, and is gone when that is over."""

from __future__ import annotations

from io import StringIO

from deploy.cli.qos.bar import Bar


class Terminal(StringIO):
    """What was written to it is in `getvalue`."""

    def isatty(self) -> bool:
        """Say yes."""
        return True


class Seconds:
    """A clock that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_what_takes_a_while_is_drawn_now_and_then() -> None:
    """Five times a second at the most; the share, how many samples, and how many a second."""
    out, clock = Terminal(), Seconds()
    bar = Bar(out, clock)

    for seconds, share in ((0.5, 0.1), (2.0, 0.25), (2.1, 0.26), (4.0, 1.5)):
        clock.now = 100.0 + seconds
        bar.show(share, int(seconds * 1_000))

    assert out.getvalue().split("\r")[1:] == [
        "[#######.......................]  25%  2,000 samples, 1,000/s",
        "[##############################] 100%  4,000 samples, 1,000/s",
    ]


def test_it_is_gone_afterwards() -> None:
    """Whatever is printed then stands alone."""
    out, clock = Terminal(), Seconds()
    bar = Bar(out, clock)
    clock.now = 102.0
    bar.show(-0.5, 10)

    bar.end()

    line, blank, rest = out.getvalue().split("\r")[1:]
    assert (line, blank, rest) == (f"[{'.' * 30}]   0%  10 samples, 5/s", " " * len(line), "")


def test_elsewhere_nothing_is_written() -> None:
    """Neither to a file, nor of what is quick."""
    plain, terminal, clock = StringIO(), Terminal(), Seconds()
    for out in (plain, terminal):
        bar = Bar(out, clock)
        clock.now += 60.0 if out is plain else 0.5
        bar.show(0.5, 1_000)
        bar.end()

    assert (plain.getvalue(), terminal.getvalue()) == ("", "")
