"""`meetwire qos …`: the rules of quality alerts, looked at before anybody is woken by them."""

from argparse import ArgumentParser, Namespace

from .check import add_check_arguments, run_check
from .replay import add_replay_arguments, run_replay
from .trials import add_test_arguments, run_test


def add_qos_arguments(parser: ArgumentParser) -> None:
    """Add the sub-commands."""
    what = parser.add_subparsers(dest="what", required=True, metavar="check|test|replay")
    check = what.add_parser(
        "check", help="say what is wrong with a rule file, a line each; exit status 1 if anything is"
    )
    add_check_arguments(check)
    check.set_defaults(act=run_check)
    test = what.add_parser("test", help="run a test of a rule file: samples in, the alerts that have to stand")
    add_test_arguments(test)
    test.set_defaults(act=run_test)
    replay = what.add_parser("replay", help="say what rules would have done on what is stored, against what was done")
    add_replay_arguments(replay)
    replay.set_defaults(act=run_replay)


def run_qos(arguments: Namespace) -> int:
    """Run the sub-command and return its exit status."""
    status: int = arguments.act(arguments)
    return status
