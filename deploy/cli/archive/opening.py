"""Open the archive for a command: by the settings, for an account of the system."""

import os
import pwd
import sys
from argparse import Namespace
from pathlib import Path

from consumers.captions.archive import Archive
from consumers.captions.errors import Missing
from consumers.captions.finding.asked import Asked
from consumers.captions.finding.catalogue import Catalogue
from consumers.captions.finding.keeping import catch_up
from schemas.settings import Captions

from ..settings import loaded, refuse

_OCCURRENCE_DIGITS = 32
# Fewer would too often fit more than one.
_DIGITS_AT_LEAST = 4


def captions_of(arguments: Namespace) -> Captions:
    """Return the settings of the archive. Exits with 2 where there are none."""
    root = loaded(arguments).root
    if root.captions is None:
        raise SystemExit(refuse("no table [captions] in the settings"))
    # What a report compares with: which captions were wanted.
    arguments.subscriber = root.subscriber
    return root.captions


def who(login_file: Path = Path("/proc/self/loginuid")) -> str:
    """Return the account that acts, for the access log.

    Where somebody became another account (sudo, su), it is both: Linux remembers who logged in, and nobody but root
    changes that.
    """
    acting = _name(os.geteuid())
    try:
        login = int(login_file.read_text())
    except (OSError, ValueError):
        return acting
    # 2³²-1: nobody logged in, a service runs this.
    if login in (os.geteuid(), 2**32 - 1):
        return acting
    return f"{_name(login)} as {acting}"


async def caught_up(archive: Archive) -> int:
    """Bring the catalogue to where the ledger is, and say what of it is damaged; return how many meetings changed."""
    done = await catch_up(archive)
    for damage in done.damaged:
        print(f"damaged: {damage}; `meetwire archive verify` says more", file=sys.stderr)
    return done.meetings


async def resolved(catalogue: Catalogue, named: str) -> str:
    """Return the occurrence whose ID begins so; else that of the meeting with this ID, where it was held once.

    Raises Missing where there is none, or more than one.
    """
    if len(named) == _OCCURRENCE_DIGITS:
        return named
    found = [] if len(named) < _DIGITS_AT_LEAST else await catalogue.beginning(named)
    if not found:
        found = [one.occurrence for one in await catalogue.meetings(Asked(meeting_id=named, limit=2))]
    if len(found) != 1:
        raise Missing(f"occurrence {named}…: {'more than one fits; `show` lists them' if found else 'there is none'}")
    return found[0]


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
