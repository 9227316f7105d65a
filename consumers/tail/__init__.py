"""Show events as they come, one line each: `meetwire tail`.

It reads for itself alone, and commits nothing. Names are shown, since the operator asked for them on his own
terminal; nothing that a stranger wrote can command that terminal.
"""

import asyncio
import select
from collections.abc import Iterator
from itertools import islice
from typing import Final, TextIO

import msgspec

from schemas.events import AlertChanged, QualitySampled, ReceiverAlive, decode
from schemas.record import Record, Stored

from ..sources import PlacedSource, Places
from ..sources.present import has_read
from ..waiting import unless
from .arguments import add_tail_arguments, options, reading
from .line import line
from .look import Look
from .names import Names
from .options import Tail
from .raw import raw

__all__ = ["Look", "Tail", "add_tail_arguments", "line", "options", "raw", "reading", "tail"]

# What one write to the terminal may hold.
_AT_ONCE: Final = 500
_WAIT_S: Final = 0.5


async def tail(source: PlacedSource, out: TextIO, wanted: Tail, stop: asyncio.Event) -> None:
    """Write to `out` until `stop`, the limit, or, where it does not follow, the end of what there is at the beginning.

    Ends quietly where nobody reads `out` any more (`meetwire tail | head`), soon even while nothing comes. Raises
    SourceUnavailable.
    """
    left, names = wanted.limit, Names()
    ends = None if wanted.follow else await source.ends()
    while left != 0 and not stop.is_set() and not _is_over(source, ends):
        batch = await unless(stop, source.fetch(_AT_ONCE, _WAIT_S))
        if batch is None or _is_unread(out):
            return
        lines = list(islice(_lines(batch.records, wanted, names), left))
        if lines and not await asyncio.to_thread(_written, out, lines):
            return
        left = None if left is None else left - len(lines)


def _is_unread(out: TextIO) -> bool:
    """Whether nobody has the other end of a pipe or socket any more; a terminal or a file is none."""
    watch = select.poll()
    try:
        # No event is asked for: that the other end is gone is told all the same.
        watch.register(out, 0)
    except OSError:
        return False
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in watch.poll(0))


def _is_over(source: PlacedSource, ends: Places | None) -> bool:
    return ends is not None and has_read(source, ends)


def _lines(records: list[Stored], wanted: Tail, names: Names) -> Iterator[str]:
    for stored in records:
        record = stored.record
        if wanted.meetings and record.key not in wanted.meetings:
            continue
        if wanted.enterprises and record.enterprise not in wanted.enterprises:
            continue
        if record.type == ReceiverAlive.__name__ and not wanted.alive:
            continue
        if wanted.brief and _says_little(record):
            continue
        yield raw(stored, terminal=wanted.terminal) if wanted.json else line(record, wanted.look, names)


def _says_little(record: Record) -> bool:
    try:
        event = decode(record.value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    match event:
        case QualitySampled(source="rest"):
            return True
        case AlertChanged(held_by=held_by):
            return held_by is not None
        case _:
            return False


def _written(out: TextIO, lines: list[str]) -> bool:
    try:
        out.write("\n".join(lines) + "\n")
        out.flush()
    except BrokenPipeError:
        return False
    return True
