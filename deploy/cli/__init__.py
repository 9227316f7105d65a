"""The `meetwire` command: sub-commands named for what a person wants.

Exit status: 0 good, 1 the thing that was asked for is not so or standard output cannot be written, 2 wrong arguments or
settings, 130 interrupted.
"""

import contextlib
import signal
import sys
from argparse import SUPPRESS, ArgumentError, ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path

from .commands import COMMANDS
from .output import OutputFailed, drop_output, watched_output

__all__ = ["COMMANDS", "main", "parser"]


def parser(arguments: Sequence[str] | None = None) -> ArgumentParser:
    """Return the command line. Of `arguments`, if they are given, the command alone has arguments of its own."""
    # Longer than all that is imported before `main` runs, which Ctrl-C finds unprepared.
    from importlib.metadata import version

    whole = ArgumentParser(prog="meetwire", description="Pushes of Huawei Cloud Meeting in, Kafka events out.")
    whole.add_argument("--version", action="version", version=f"meetwire {version('meetwire')}")
    _add_config(whole)
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    chosen = None if arguments is None else _command_of(arguments)
    for command in COMMANDS:
        sub = commands.add_parser(
            command.name, help=command.line, description=f"{command.line[0].upper()}{command.line[1:]}."
        )
        # Before or after the command: people write both.
        sub.add_argument("--config", type=Path, metavar="FILE", default=SUPPRESS, help="the settings")
        if arguments is None or command.name == chosen:
            add, run = command.load()
            add(sub)
            sub.set_defaults(run=run)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    with watched_output():
        try:
            return _run(given)
        except KeyboardInterrupt:
            return 130
        except BrokenPipeError:
            # Nobody reads any more (`meetwire tail | head`), and nothing is to be said about that.
            drop_output()
            return 0
        except OutputFailed as error:
            drop_output()
            print(f"meetwire: standard output: {error}", file=sys.stderr)
            return 1


def _run(given: Sequence[str]) -> int:
    try:
        with _ended_by_ctrl_c():
            chosen = parser(given).parse_args(given)
        status: int = chosen.run(chosen)
    except SystemExit:
        # Of --help, which is written as everything is.
        sys.stdout.flush()
        raise
    sys.stdout.flush()
    return status


@contextlib.contextmanager
def _ended_by_ctrl_c() -> Iterator[None]:
    """Have Ctrl-C end the process at once, as the system does: no module need stand an exception amid its import.

    Where it is ignored, as in the background, or somebody else's, it stays so.
    """
    was = signal.getsignal(signal.SIGINT)
    if was is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, was)


def _add_config(parser: ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="the settings (default: ./meetwire.toml if there)")


def _command_of(arguments: Sequence[str]) -> str | None:
    """Return the first word that is neither an option nor an option's value; None where there is none."""
    before = ArgumentParser(add_help=False, exit_on_error=False)
    _add_config(before)
    before.add_argument("command", nargs="?")
    try:
        found, _ = before.parse_known_args(arguments)
    except ArgumentError:
        # Whoever parses all of it says what is wrong.
        return None
    word: str | None = found.command
    return word
