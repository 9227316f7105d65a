"""`meetwire archive …`: find, show, hand over, check, hold and erase what the captions archive has.

What needs the extra packages of the archive is imported when a command runs, so that every other command works without
them.
"""

from argparse import Namespace

from ...extras import extra_for
from ..settings import refuse
from .arguments import add_archive_arguments

__all__ = ["add_archive_arguments", "run_archive"]


def run_archive(arguments: Namespace) -> int:
    """Return 0 where it is so, 1 where it is not, 2 where arguments or settings are wrong."""
    try:
        from .commands import run_command
    except ModuleNotFoundError as error:
        if (words := extra_for(error)) is None:
            raise
        return refuse(words)
    return run_command(arguments)
