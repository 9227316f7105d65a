"""Run `send` or `simulate` without the rest of meetwire: `python -m deploy.simulator send …`."""

import argparse
import sys

from . import add_send_arguments, add_simulate_arguments, run_send, run_simulate


def main() -> int:
    """Read the arguments and run the command that they name."""
    parser = argparse.ArgumentParser(prog="python -m deploy.simulator", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    send = commands.add_parser("send", help="one signed push of any event")
    add_send_arguments(send)
    send.set_defaults(run=run_send)
    simulation = commands.add_parser("simulate", help="days of meetings")
    add_simulate_arguments(simulation)
    simulation.set_defaults(run=run_simulate)
    arguments = parser.parse_args()
    status: int = arguments.run(arguments)
    return status


if __name__ == "__main__":
    sys.exit(main())
