"""Run one sub-command of `meetwire archive`, and say what stands against it."""

import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable
from typing import Final

from consumers.captions.archive import Archive, opened
from consumers.captions.errors import Altered, ArchiveError, Conflict, Held, Locked, Missing, NotYet
from consumers.captions.finding.words import NothingAsked
from schemas.settings import Captions

from ..loop import run
from ..settings import refuse
from . import ending, finding, living, proving, reporting
from .opening import captions_of, who
from .proving import needs_no_settings

_ON_THE_ARCHIVE: Final[dict[str, Callable[[Archive, Namespace], Awaitable[int]]]] = {
    "search": finding.search,
    "show": finding.show,
    "export": finding.export,
    "rebuild": finding.rebuild,
    "report": reporting.report,
    "hold": living.hold,
    "erase": living.erase,
    "expire": ending.expire,
    "accept-loss": ending.accept_loss,
    "disclose": ending.disclose,
    "rewrap": ending.rewrap,
}
_ON_A_COPY: Final[dict[str, Callable[[Captions, Namespace], Awaitable[int]]]] = {
    "verify": proving.verify_archive,
    "public-key": proving.public_key,
}
# What was asked for is not so; every other error is one of settings, or of what they lead to.
_NOT_SO: Final = (Missing, Held, NotYet, Locked, Conflict, Altered)


def run_command(arguments: Namespace) -> int:
    """Return the exit status."""
    try:
        # Before the event loop: files are read for both.
        arguments.who = who()
        settings = Captions() if needs_no_settings(arguments) else captions_of(arguments)
        return run(_run(settings, arguments))
    except _NOT_SO as error:
        print(f"meetwire: {_words(error)}", file=sys.stderr)
        return 1
    except (ArchiveError, NothingAsked, ValueError) as error:
        return refuse(str(error))
    except FileExistsError as error:
        return refuse(f"{error.filename}: is there already")
    except BrokenPipeError:
        # Nobody reads what is printed any more: that is no fault, and the command line as a whole knows what to do.
        raise
    except OSError as error:
        return refuse(f"{error.filename}: {error.strerror}" if error.filename else str(error))


async def _run(settings: Captions, arguments: Namespace) -> int:
    if arguments.what in _ON_A_COPY:
        return await _ON_A_COPY[arguments.what](settings, arguments)
    # To ask is to begin nothing: in the wrong folder an archive of its own would have nothing to show, or to hold.
    async with opened(settings, existing=True) as archive:
        return await _ON_THE_ARCHIVE[arguments.what](archive, arguments)


def _words(error: ArchiveError) -> str:
    match error:
        case Missing():
            return f"not in the archive: {error}"
        case Held():
            return f"held: {error}"
        case _:
            return str(error)
