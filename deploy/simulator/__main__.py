"""Run `send`, `simulate` or `load` without the rest of meetwire: `python -m deploy.simulator send …`."""

import argparse
import sys
from collections.abc import Callable
from typing import Final

from . import add_send_arguments, add_simulate_arguments, run_send, run_simulate
from .load_command import add_load_arguments, run_load_command

_Add = Callable[[argparse.ArgumentParser], None]
_Run = Callable[[argparse.Namespace], int]
_COMMANDS: Final[dict[str, tuple[str, _Add, _Run]]] = {
    "send": ("one signed push of any event", add_send_arguments, run_send),
    "simulate": ("days of meetings", add_simulate_arguments, run_simulate),
    "load": ("as many distinct pushes as one core can send", add_load_arguments, run_load_command),
}


def main() -> int:
    """Read the arguments and run the command that they name."""
    parser = argparse.ArgumentParser(prog="python -m deploy.simulator", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (purpose, add, run) in _COMMANDS.items():
        command = commands.add_parser(name, help=purpose)
        add(command)
        command.set_defaults(run=run)
    arguments = parser.parse_args()
    status: int = arguments.run(arguments)
    return status


if __name__ == "__main__":
    sys.exit(main())
