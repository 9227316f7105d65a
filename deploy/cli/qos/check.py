"""`meetwire qos check`: is this rule file good?"""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ...qos_rules import SHIPPED, load_rules
from ...settings import SettingsError


def add_check_arguments(parser: ArgumentParser) -> None:
    """Add the file."""
    parser.add_argument("file", type=Path, nargs="?", default=SHIPPED, help="the rules (default: those that ship)")


def run_check(arguments: Namespace) -> int:
    """Return 0 for good rules, 1 for rules that would not start."""
    try:
        rules = load_rules(arguments.file)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    name = "the rules that ship" if arguments.file == SHIPPED else arguments.file
    print(f"{name}: good; {_counted(len(rules.rules), 'rule')}, {_counted(len(rules.roll_ups), 'roll-up')}")
    return 0


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number or 'no'} {noun}s"
