"""`meetwire tail`: events as they come."""

import asyncio
import os
import signal
import sys
from argparse import ArgumentParser, Namespace

from consumers.errors import SourceUnavailable
from consumers.tail import Tail, add_tail_arguments, options, reading, tail
from consumers.waiting import entered
from schemas.settings import Root

from ..voice import speak
from .loop import run
from .settings import loaded, refuse
from .source import add_source_arguments, source


def add_arguments(parser: ArgumentParser) -> None:
    """Add where to read, which events, and how they are shown."""
    add_source_arguments(parser)
    add_tail_arguments(parser)


def run_tail(arguments: Namespace) -> int:
    """Show until Ctrl-C, or to the end with --no-follow."""
    root = loaded(arguments).root
    speak(root.logging)
    try:
        run(_tail(arguments, root, options(arguments, sys.stdout, os.environ)))
    except (SourceUnavailable, ValueError) as error:
        return refuse(str(error))
    return 0


async def _tail(arguments: Namespace, root: Root, wanted: Tail) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with entered(source(arguments, root, reading(arguments)), stop) as events:
        if events is not None:
            await tail(events, sys.stdout, wanted, stop)
