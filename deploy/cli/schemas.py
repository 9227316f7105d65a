"""`meetwire schemas`: the contract as JSON Schema and AsyncAPI, listed, printed, written or compared."""

import sys
from argparse import ArgumentParser, Namespace
from difflib import get_close_matches
from pathlib import Path

from ..contract.documents import differences, documents, write
from .naming import add_config_option


def add_schemas_arguments(parser: ArgumentParser) -> None:
    """Add the options and the sub-command `print`; with none of them the names are listed."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--write", type=Path, metavar="DIR", help="write every document into DIR")
    what.add_argument("--check", type=Path, metavar="DIR", help="exit with 1 where DIR does not hold just these")
    commands = parser.add_subparsers(dest="what", metavar="print")
    one = commands.add_parser("print", help="print one document", description="Print one document.")
    add_config_option(one)
    one.add_argument("name", help="as the list shows it, such as MeetingStarted.v1.json or asyncapi.json")


def run_schemas(arguments: Namespace) -> int:
    """Return the exit status: 1 where a comparison failed or there is no such document."""
    if arguments.what == "print":
        return _print(arguments.name)
    if arguments.check is not None:
        return _check(arguments.check)
    if arguments.write is not None:
        return _write(arguments.write)
    print(*documents(), sep="\n")
    return 0


def _print(name: str) -> int:
    found = documents()
    if name in found:
        print(found[name], end="")
        return 0
    near = get_close_matches(name, found, n=1)
    print(f"{name}: no such document" + (f"; did you mean {near[0]}?" if near else ""), file=sys.stderr)
    return 1


def _check(folder: Path) -> int:
    told = list(differences(folder))
    for line in told:
        print(f"{folder}/{line}", file=sys.stderr)
    return 1 if told else 0


def _write(folder: Path) -> int:
    try:
        write(folder)
    except OSError as error:
        print(f"{folder}: cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    return 0
