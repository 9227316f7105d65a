"""`meetwire tail` shows what was asked for, until it was enough."""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import pty
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from consumers.sources import Reading
from consumers.tail import Look, Tail, add_tail_arguments, options, reading, tail
from deploy.contract.samples import samples
from schemas.events import ReceiverAlive, decode
from schemas.ids import Position
from schemas.topics import ALERTS, CAPTIONS, LIFECYCLE, PARTICIPANTS, QUALITY, STATE, TOPICS

from .reading_log import local
from .reads import PATIENCE_S
from .reads import reading as everything
from .records import LOG, NOON, numbered, record
from .writing import LogWriter

PLAIN = Look(zone=ZoneInfo("UTC"))
# Read from files, which no event loop waits for.
SAMPLES = samples()


async def tailed(writer: LogWriter, wanted: Tail) -> list[str]:
    """Return the meetings in the lines of a tail that does not go on for ever."""
    out = io.StringIO()
    async with asyncio.timeout(PATIENCE_S), local(writer.folder, everything()) as source:
        await tail(source, out, wanted, asyncio.Event())
    return [text.split()[4] for text in out.getvalue().splitlines()]


async def test_without_following_it_ends_with_what_there_is(writer: LogWriter) -> None:
    """In order, a line each."""
    writer.append(*numbered(3))

    assert await tailed(writer, Tail(look=PLAIN, follow=False)) == ["m-1", "m-2", "m-3"]


class Busy(io.StringIO):
    """Something to write to; whenever somebody does, one more record comes."""

    def __init__(self, writer: LogWriter) -> None:
        super().__init__()
        self._writer = writer

    def write(self, text: str) -> int:
        """Take it."""
        self._writer.append(*numbered(1))
        return super().write(text)


async def test_without_following_it_ends_though_more_comes_all_the_time(writer: LogWriter) -> None:
    """What is there is what is there at the beginning: a busy log has no end."""
    writer.append(*numbered(3))
    out = Busy(writer)

    async with asyncio.timeout(PATIENCE_S), local(writer.folder, everything()) as source:
        await tail(source, out, Tail(look=PLAIN, follow=False), asyncio.Event())

    assert [text.split()[4] for text in out.getvalue().splitlines()] == ["m-1", "m-2", "m-3"]


async def test_an_empty_log_is_an_empty_answer(writer: LogWriter) -> None:
    """And not a wait."""
    assert await tailed(writer, Tail(follow=False)) == []


async def test_a_limit_ends_it(writer: LogWriter) -> None:
    """Though it follows."""
    writer.append(*numbered(3))

    assert await tailed(writer, Tail(look=PLAIN, limit=2)) == ["m-1", "m-2"]


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        (Tail(look=PLAIN, follow=False, meetings=frozenset({"m-1", "m-3"})), ["m-1", "m-3"]),
        (Tail(look=PLAIN, follow=False, enterprises=frozenset({"acme"})), ["m-1", "m-2", "m-3"]),
        (Tail(look=PLAIN, follow=False, enterprises=frozenset({"other"})), []),
        (Tail(look=PLAIN, limit=1, meetings=frozenset({"m-3"})), ["m-3"]),
    ],
    ids=["meetings", "enterprise", "another enterprise", "a limit counts what is shown"],
)
async def test_only_what_was_asked_for_is_shown(writer: LogWriter, wanted: Tail, shown: list[str]) -> None:
    """By meeting and by enterprise."""
    writer.append(*numbered(3))

    assert await tailed(writer, wanted) == shown


@pytest.mark.parametrize(("wanted", "shown"), [(Tail(follow=False), 1), (Tail(follow=False, alive=True), 2)])
async def test_signs_of_life_are_shown_when_they_are_asked_for(writer: LogWriter, wanted: Tail, shown: int) -> None:
    """One to each partition every ten seconds would be all that one sees."""
    alive = ReceiverAlive(
        receiver=LOG, occurred_at=NOON, subscriptions=0, partition=0, partition_subscriptions=0, position=1
    )
    writer.append(record(alive, key=LOG, topic=STATE), *numbered(1))
    out = io.StringIO()

    async with asyncio.timeout(PATIENCE_S), local(writer.folder, everything(topics=(STATE, LIFECYCLE))) as source:
        await tail(source, out, wanted, asyncio.Event())

    assert len(out.getvalue().splitlines()) == shown


async def test_in_brief_it_is_not_told_what_comes_many_at_once_and_says_little(writer: LogWriter) -> None:
    """Samples that were asked for, and the alerts beneath a wider one; what cannot be read is shown."""
    pushed, alert = (decode(bytes(SAMPLES[name].value)) for name in ("QualitySampled", "AlertChanged"))
    pushed, asked = (msgspec.structs.replace(pushed, source=source) for source in ("push", "rest"))
    beneath = msgspec.structs.replace(alert, change="held_back", held_by="0" * 32)
    writer.append(
        *(record(one, key=f"q-{number}", topic=QUALITY) for number, one in enumerate((pushed, asked))),
        *(record(one, key=f"a-{number}", topic=ALERTS) for number, one in enumerate((alert, beneath))),
        msgspec.structs.replace(record(alert, key="a-2", topic=ALERTS), value=b"no JSON"),
    )
    shown = []
    for wanted in (Tail(look=PLAIN, follow=False), Tail(look=PLAIN, follow=False, brief=True)):
        out = io.StringIO()
        async with asyncio.timeout(PATIENCE_S), local(writer.folder, everything(topics=(QUALITY, ALERTS))) as source:
            await tail(source, out, wanted, asyncio.Event())
        shown.append(re.findall(r" ([aq]-\d) ", out.getvalue()))

    assert shown == [["q-0", "q-1", "a-0", "a-1", "a-2"], ["q-0", "a-0", "a-2"]]


async def test_names_that_went_by_stand_in_later_lines(writer: LogWriter) -> None:
    """A frame of a caption has none."""
    roster, caption = (decode(bytes(SAMPLES[name].value)) for name in ("RosterReplaced", "CaptionSpoken"))
    writer.append(record(roster, topic=PARTICIPANTS), record(caption, topic=CAPTIONS))
    out = io.StringIO()

    async with asyncio.timeout(PATIENCE_S), local(writer.folder, everything(topics=(PARTICIPANTS, CAPTIONS))) as source:
        await tail(source, out, Tail(look=PLAIN, follow=False), asyncio.Event())

    assert "  韩梅梅  final  " in out.getvalue()


async def test_json_is_shown_as_lines(writer: LogWriter) -> None:
    """One record, one line."""
    writer.append(*numbered(2))
    out = io.StringIO()

    async with local(writer.folder, everything()) as source:
        await tail(source, out, Tail(json=True, follow=False), asyncio.Event())

    assert [text[:34] for text in out.getvalue().splitlines()] == ['{"topic":"meeting.lifecycle.v1","p'] * 2


async def test_it_follows_until_it_is_stopped(writer: LogWriter) -> None:
    """What comes is shown as it comes, and Ctrl-C ends the wait."""
    out, stop = io.StringIO(), asyncio.Event()
    turns: list[int] = []

    async def news(position: Position) -> None:
        turns.append(position)
        if len(turns) == 1:
            await asyncio.to_thread(writer.append, *numbered(1))
        else:
            stop.set()
            await asyncio.Event().wait()

    async with asyncio.timeout(PATIENCE_S), local(writer.folder, everything(), news=news) as source:
        await tail(source, out, Tail(look=PLAIN), stop)

    assert out.getvalue() == "2026-07-01 12:00:00  started      acme      m-1\n"


async def test_a_reader_that_went_away_ends_it_quietly(writer: LogWriter) -> None:
    """`meetwire tail | head` is no error."""

    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    writer.append(*numbered(1))
    async with asyncio.timeout(PATIENCE_S), local(writer.folder, everything()) as source:
        await tail(source, Closed(), Tail(), asyncio.Event())


async def test_a_reader_that_went_away_is_noticed_though_nothing_comes(writer: LogWriter) -> None:
    """Else `meetwire tail | head -1` stays until something happens again."""
    reading, writing = os.pipe()
    os.close(reading)

    with os.fdopen(writing, "w") as out:
        async with asyncio.timeout(PATIENCE_S), local(writer.folder, everything()) as source:
            await tail(source, out, Tail(), asyncio.Event())


def _file(folder: Path) -> tuple[int, int]:
    (folder / "out").touch()
    return os.open(folder / "out", os.O_RDONLY), os.open(folder / "out", os.O_WRONLY)


@pytest.mark.parametrize(
    "made", [_file, lambda _: pty.openpty(), lambda _: os.pipe()], ids=["file", "terminal", "pipe"]
)
async def test_whatever_else_it_writes_to_is_not_left(
    made: Callable[[Path], tuple[int, int]], writer: LogWriter, tmp_path: Path
) -> None:
    """A file, a terminal, a pipe that somebody reads."""
    reading, writing = made(tmp_path)
    writer.append(*numbered(1))

    with os.fdopen(reading, "rb", buffering=0) as shown, os.fdopen(writing, "w") as out:
        async with asyncio.timeout(PATIENCE_S), local(writer.folder, everything()) as source:
            await tail(source, out, Tail(look=PLAIN, limit=1), asyncio.Event())
        lines = await asyncio.to_thread(shown.read, 200)

    assert lines.split()[-1] == b"m-1"


def parsed(*words: str) -> argparse.Namespace:
    """Return what a command line says."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_tail_arguments(parser)
    return parser.parse_args(words)


ALL = frozenset(TOPICS)
LOCAL_NOON = datetime(2026, 7, 1, 12, 0).astimezone()


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("", Reading(consumer="tail", start="latest")),
        ("--no-follow", Reading(consumer="tail", start="earliest")),
        ("--from earliest", Reading(consumer="tail", start="earliest")),
        ("--no-follow --from latest", Reading(consumer="tail", start="latest")),
        ("--from 2026-07-01T12:00Z", Reading(consumer="tail", start=NOON)),
        ("--from 2026-07-01T20:00+08:00", Reading(consumer="tail", start=NOON)),
        ("--from 2026-07-01T12:00", Reading(consumer="tail", start=LOCAL_NOON)),
        ("--topic meeting.lifecycle.v1", Reading(consumer="tail", start="latest", topics=frozenset({LIFECYCLE}))),
        (
            "--topic meeting.lifecycle.v1 --topic meeting.captions.v1",
            Reading(consumer="tail", start="latest", topics=frozenset({LIFECYCLE, CAPTIONS})),
        ),
    ],
)
def test_the_command_line_says_what_to_read(words: str, wanted: Reading) -> None:
    """Who follows wants what comes; who does not wants what is there."""
    assert reading(parsed(*words.split())) == wanted


class Terminal(io.StringIO):
    """An output that is one."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.mark.parametrize(
    ("words", "out", "environ", "wanted"),
    [
        ("", io.StringIO(), {}, Tail()),
        ("", Terminal(), {}, Tail(terminal=True, look=Look(colour=True))),
        ("", Terminal(), {"NO_COLOR": "1"}, Tail(terminal=True)),
        ("", Terminal(), {"NO_COLOR": ""}, Tail(terminal=True, look=Look(colour=True))),
        ("", Terminal(), {"TERM": "dumb"}, Tail(terminal=True)),
        ("--json", io.StringIO(), {}, Tail(json=True)),
        ("--no-names", io.StringIO(), {}, Tail(look=Look(names=False))),
        ("--alive", io.StringIO(), {}, Tail(alive=True)),
        ("--no-follow --limit 5", io.StringIO(), {}, Tail(follow=False, limit=5)),
        (
            "--meeting 1 --meeting 2 --enterprise acme",
            io.StringIO(),
            {},
            Tail(meetings=frozenset("12"), enterprises=frozenset({"acme"})),
        ),
        ("--zone Asia/Shanghai", io.StringIO(), {}, Tail(look=Look(zone=ZoneInfo("Asia/Shanghai")))),
    ],
)
def test_the_command_line_says_what_to_show(
    words: str, out: io.StringIO, environ: dict[str, str], wanted: Tail
) -> None:
    """Colour is for terminals, and for nobody who asked for none."""
    assert options(parsed(*words.split()), out, environ) == wanted


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("--from yesterday", "'yesterday' is neither earliest, latest nor a time"),
        ("--limit 0", "'0' is no number from 1 on"),
        ("--limit -3", "'-3' is no number from 1 on"),
        ("--limit ²", "'²' is no number from 1 on"),
        ("--zone Mars/Olympus", "'Mars/Olympus' is no time zone of this machine"),
        ("--zone ../etc/passwd", "'../etc/passwd' is no time zone of this machine"),
        ("--topic meeting.lifecycle.v2", "invalid choice: 'meeting.lifecycle.v2'"),
        ("--json --no-names", "not allowed with argument --json"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_refused(words: str, complaint: str) -> None:
    """With what was wrong, and not with a guess."""
    with pytest.raises(argparse.ArgumentError) as refused:
        parsed(*words.split())

    assert complaint in str(refused.value)
