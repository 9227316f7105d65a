"""Ask the desk of the process that decides alerts, over its listener."""

import getpass
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from consumers.qos.desk.client import asking
from consumers.qos.notify.saying import clean
from schemas.desk import AlertDesk, DeskError
from schemas.secret import Secret

from ..loop import run
from ..settings import loaded, refuse

_T = TypeVar("_T")


def add_desk_arguments(parser: ArgumentParser) -> None:
    """Add where the desk is, and how its answer is printed."""
    parser.add_argument("--desk", metavar="URL", help="the listener's address (default: that of qos.listen)")
    parser.add_argument("--token-file", type=Path, help="a token of it (default: the first of qos.tokens)")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def add_who(parser: ArgumentParser) -> None:
    """Add who does it."""
    parser.add_argument("--who", default=None, help="who does it (default: your name on this machine)")


def who_of(arguments: Namespace) -> str:
    """Return who does it."""
    told: str | None = arguments.who
    try:
        return told or getpass.getuser()
    # The one up to Python 3.12, the other since: a container's user may have no name.
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def ask(
    arguments: Namespace,
    question: Callable[[AlertDesk], Awaitable[_T]],
    show: Callable[[_T], None],
    *,
    good: Callable[[_T], bool] = lambda _: True,
) -> int:
    """Print the answer and return 0 where it is good.

    1 where it is not, or the desk says no or is not there; 2 where it is not known where it is.
    """
    try:
        address, token = _where(arguments)
    except ValueError as error:
        return refuse(str(error))
    try:
        answer = run(_asked(address, token, question))
    except DeskError as error:
        print(f"meetwire: {error}", file=sys.stderr)
        return 1
    if arguments.json:
        print(msgspec.json.encode(answer).decode())
    else:
        show(answer)
    return 0 if good(answer) else 1


async def _asked(address: str, token: Secret, question: Callable[[AlertDesk], Awaitable[_T]]) -> _T:
    async with asking(address, token) as desk:
        return await question(desk)


def _where(arguments: Namespace) -> tuple[str, Secret]:
    address, token = arguments.desk, _token(arguments.token_file)
    if address is None or token is None:
        qos = loaded(arguments).root.qos
        if qos is None or (address is None and qos.listen is None) or (token is None and not qos.tokens):
            raise ValueError("where is the desk? Set qos.listen and qos.tokens, or give --desk and --token-file")
        address = address or _url(qos.listen or "")
        token = token or qos.tokens[0]
    return address, token


def _token(file: Path | None) -> Secret | None:
    if file is None:
        return None
    try:
        lines = file.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{file}: cannot be read: {type(error).__name__}") from None
    if not lines:
        raise ValueError(f"{file}: holds no token")
    return Secret(lines[0])


def _url(listen: str) -> str:
    host, _, port = listen.rpartition(":")
    return f"http://{host or '127.0.0.1'}:{port}"


def shown(at: datetime) -> str:
    """Return a time as this machine's clock has it."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S %z}"


def told(text: str) -> str:
    """Return a text of somebody else's as it may stand in a terminal."""
    return clean(text)
