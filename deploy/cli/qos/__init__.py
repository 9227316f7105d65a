"""`meetwire qos …`: the rules of quality alerts, looked at before anybody is woken by them."""

from argparse import ArgumentParser, Namespace

from .check import add_check_arguments, run_check


def add_qos_arguments(parser: ArgumentParser) -> None:
    """Add the sub-commands."""
    what = parser.add_subparsers(dest="what", required=True, metavar="check")
    check = what.add_parser(
        "check", help="say what is wrong with a rule file, a line each; exit status 1 if anything is"
    )
    add_check_arguments(check)
    check.set_defaults(act=run_check)


def run_qos(arguments: Namespace) -> int:
    """Run the sub-command and return its exit status."""
    status: int = arguments.act(arguments)
    return status
