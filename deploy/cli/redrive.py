"""`meetwire redrive`: run pushes that were set aside once more, after an upgrade or a repaired setting.

Reads meeting.unrecognised.v1 and hands each original to the running receiver's admin listener, which verifies it again;
where no receiver runs on this log, it opens the log itself. What Kafka refused for its size is appended again too.
Meeting pushes are skipped and counted: nothing in them is signed, so nobody could verify them again.
"""

import asyncio
import base64
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, get_args

import aiohttp
import msgspec

from consumers.errors import SourceUnavailable
from consumers.sources import PlacedSource, Reading
from consumers.sources.present import has_read
from receiver.entry import Entry, Terms
from receiver.errors import LogUnavailable
from receiver.forward.refused import RefusedRecords, read
from receiver.log import LogFile, LogInUse, LogMismatch, SqliteLog
from receiver.log.threaded import open_in_thread
from receiver.redrive import Redrive
from receiver.service import accounts_of, partitions_of
from schemas.events import PushSetAside
from schemas.events.unrecognised import SetAsideReason
from schemas.settings import Root
from schemas.topics import UNRECOGNISED

from ..meters import PrometheusMeters
from ..starting import CannotStart, naming
from ..voice import speak
from .loop import run
from .settings import loaded, refuse
from .source import add_source_arguments, source

Again = Callable[[bytes], Awaitable[str]]
# Old pushes are believed only when somebody says so: they may have been captured and sent again.
_BY_DEFAULT: Final = ("unknown_event", "changed_payload", "unknown_action", "changed_frame")
_SKIPPED: Final = "not redriven: came through a socket, unsigned"

# What keeps it from its work, in words that a person can do something with.
_AGAINST_IT: Final = (
    SourceUnavailable,
    ValueError,
    CannotStart,
    LogUnavailable,
    LogMismatch,
    OSError,
    aiohttp.ClientError,
)


def add_redrive_arguments(parser: ArgumentParser) -> None:
    """Add which pushes, and --dry-run."""
    add_source_arguments(parser)
    parser.add_argument(
        "--reason",
        action="append",
        choices=get_args(SetAsideReason),
        help=f"only those set aside for this; may be given again (default: {', '.join(_BY_DEFAULT)})",
    )
    parser.add_argument("--refused", action="store_true", help="also append again what Kafka refused for its size")
    parser.add_argument("--dry-run", action="store_true", help="say what there is, change nothing")


def run_redrive(arguments: Namespace) -> int:
    """Print the outcomes, counted; return 0 where every push that can be run again is an event now, else 1."""
    root = loaded(arguments).root
    speak(root.logging)
    try:
        outcomes = run(_redrive(arguments, root))
    except _AGAINST_IT as error:
        return refuse(str(error) or type(error).__name__)
    for outcome, count in sorted(outcomes.items()):
        print(f"{count:8d}  {outcome}")
    if not outcomes:
        print("nothing was set aside for these reasons")
    return 0 if set(outcomes) <= {"appended", "repeated", "would be tried", _SKIPPED} else 1


async def _redrive(arguments: Namespace, root: Root) -> Counter[str]:
    reasons = frozenset(arguments.reason or _BY_DEFAULT)
    reading = Reading(consumer="redrive", topics=frozenset({UNRECOGNISED}), start="earliest")
    outcomes: Counter[str] = Counter()
    async with AsyncExitStack() as stack:
        events = await stack.enter_async_context(source(arguments, root, reading))
        # One after the other as they are read: there may be more than memory holds.
        originals = _originals(events, reasons, outcomes)
        if arguments.dry_run:
            refused = await asyncio.to_thread(RefusedRecords(Path(root.log.folder)).kept) if arguments.refused else []
            outcomes["would be tried"] = len(refused)
            async for _ in originals:
                outcomes["would be tried"] += 1
            return +outcomes
        again = await stack.enter_async_context(_way(root, refused=arguments.refused, outcomes=outcomes))
        async for original in originals:
            outcomes[await again(original)] += 1
    return outcomes


async def _originals(events: PlacedSource, reasons: frozenset[str], outcomes: Counter[str]) -> AsyncIterator[bytes]:
    """Yield each push that was set aside for one of `reasons`, whole, once; those that nobody signed are counted."""
    parts: dict[str, dict[int, bytes]] = {}
    done: set[str] = set()
    async for event in _set_aside(events):
        if event.reason not in reasons or event.original_sha256 in done:
            continue
        if event.channel == "socket":
            done.add(event.original_sha256)
            outcomes[_SKIPPED] += 1
            continue
        found = parts.setdefault(event.original_sha256, {})
        found[event.part] = _bytes(event)
        if len(found) == event.parts:
            done.add(event.original_sha256)
            yield b"".join(found[number] for number in sorted(parts.pop(event.original_sha256)))


async def _set_aside(events: PlacedSource) -> AsyncIterator[PushSetAside]:
    """Yield all that there are at the beginning: what comes meanwhile, if only of sockets, would never end."""
    ends = await events.ends()
    while not has_read(events, ends):
        for stored in (await events.fetch(500, 1.0)).records:
            if stored.record.type != PushSetAside.__name__:
                continue
            yield msgspec.json.decode(stored.record.value, type=PushSetAside)


def _bytes(event: PushSetAside) -> bytes:
    if event.original is not None:
        return event.original.encode()
    return base64.b64decode(event.original_base64 or "")


@asynccontextmanager
async def _way(root: Root, *, refused: bool, outcomes: Counter[str]) -> AsyncIterator[Again]:
    """Yield what runs one push again: this process where it can have the log, else the receiver that has it."""
    try:
        file = await open_in_thread(partial(_open, root))
    except LogInUse:
        if refused:
            raise ValueError("--refused needs the log: stop the receiver first") from None
        async with aiohttp.ClientSession() as session:
            yield lambda original: _ask(session, root, original)
        return
    async with SqliteLog.opened(file, PrometheusMeters()) as log:
        if refused:
            await _append_refused(log, RefusedRecords(file.folder), outcomes)
        accounts = accounts_of(root.enterprises)
        terms = Terms(partitions=partitions_of(root), horizon=timedelta(hours=root.log.retry_horizon_h))
        yield Redrive(accounts=lambda: accounts, terms=terms, log=log).again


def _open(root: Root) -> LogFile:
    with naming("log.folder", root.log.folder):
        return LogFile(Path(root.log.folder), partitions=partitions_of(root), min_free_bytes=root.log.min_free_bytes)


async def _ask(session: aiohttp.ClientSession, root: Root, original: bytes) -> str:
    host, _, port = root.admin.listen.rpartition(":")
    async with session.post(f"http://{host or '127.0.0.1'}:{port}/redrive", data=original) as answer:
        if answer.content_type != "application/json":
            raise ValueError(f"admin.listen {root.admin.listen} is no receiver of this version: {answer.status}")
        found: dict[str, Any] = msgspec.json.decode(await answer.read())
        return str(found["outcome"])


async def _append_refused(log: SqliteLog, refused: RefusedRecords, outcomes: Counter[str]) -> None:
    for path in await asyncio.to_thread(refused.kept):
        stored = await asyncio.to_thread(read, path)
        await log.append(Entry((stored.record,), None))
        await asyncio.to_thread(path.unlink)
        outcomes["appended"] += 1
