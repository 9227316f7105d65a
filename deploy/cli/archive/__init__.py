"""`meetwire archive …`: find, show, hand over, check, hold and erase what the captions archive has.

What needs the extra packages of the archive is imported when a command runs, so that every other command works without
them.
"""

from argparse import Namespace
from typing import Final

from ..settings import refuse
from .arguments import add_archive_arguments

# What the extra `captions` brings; anything else that is missing is a fault of ours.
_EXTRAS: Final = ("cryptography", "pyarrow")

__all__ = ["add_archive_arguments", "run_archive"]


def run_archive(arguments: Namespace) -> int:
    """Return 0 where it is so, 1 where it is not, 2 where arguments or settings are wrong."""
    try:
        from .commands import run_command
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRAS:
            raise
        return refuse(f"{missing} is missing; install meetwire[captions]")
    return run_command(arguments)
