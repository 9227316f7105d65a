"""Read a trace of system calls, as `strace -f -y` writes it: in which order the log is synced and answers are sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

CALLS = "pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg"

Step = Literal["written", "synced", "answered"]

_WHOLE = re.compile(r"^(?P<thread>\d+) +(?P<call>\w+)\((?P<what>.*)$")
_RESUMED = re.compile(r"^(?P<thread>\d+) +<\.\.\. (?P<call>\w+) resumed>")


class Call(NamedTuple):
    """One system call, at the moment when it returned; for those that send, when it began."""

    name: str
    what: str


def calls(lines: Iterable[str]) -> Iterator[Call]:
    """Yield the calls of all threads in order; one that another thread's interrupts counts where it returned."""
    begun: dict[str, str] = {}
    for line in lines:
        if found := _RESUMED.match(line):
            yield Call(found["call"], begun.pop(found["thread"], ""))
        elif found := _WHOLE.match(line):
            if "<unfinished ...>" in line:
                begun[found["thread"]] = found["what"]
                if found["call"].startswith(("send", "write")):
                    # An answer is out when the call begins, whenever it returns.
                    begun.pop(found["thread"])
                    yield Call(found["call"], found["what"])
            else:
                yield Call(found["call"], found["what"])


def steps(lines: Iterable[str]) -> Iterator[Step]:
    """Yield what matters of them: the log's WAL written, the same synced, a 200 sent."""
    for call in calls(lines):
        if "log.sqlite-wal" in call.what.partition(",")[0] + call.what.partition(")")[0]:
            if call.name == "pwrite64":
                yield "written"
            elif call.name in ("fdatasync", "fsync"):
                yield "synced"
        elif "HTTP/1.1 200 " in call.what:
            yield "answered"


def unsynced_answers(found: Iterable[Step]) -> tuple[int, int]:
    """Return how many answers there were, and how many of them did not follow a sync of what was written for them."""
    answers = unsynced = 0
    written = synced = False
    for step in found:
        match step:
            case "written":
                written, synced = True, False
            case "synced":
                synced = True
            case "answered":
                answers += 1
                unsynced += not (written and synced)
                written = False
    return answers, unsynced
