"""`meetwire qos …`: the rules of quality alerts, looked at before anybody is woken by them; and what stands now."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Final

from ..naming import add_config_option
from .check import add_check_arguments, run_check
from .replay import add_replay_arguments, run_replay
from .silencing import (
    add_silence_arguments,
    add_silences_arguments,
    add_unsilence_arguments,
    run_silence,
    run_silences,
    run_unsilence,
)
from .standing import (
    add_acknowledge_arguments,
    add_alerts_arguments,
    add_send_test_arguments,
    run_acknowledge,
    run_alerts,
    run_send_test,
)
from .trials import add_test_arguments, run_test

_Add = Callable[[ArgumentParser], None]
_COMMANDS: Final[dict[str, tuple[str, _Add, Callable[[Namespace], int]]]] = {
    "check": (
        "say what is wrong with a rule file, a line each; exit status 1 if anything is",
        add_check_arguments,
        run_check,
    ),
    "test": ("run a test of a rule file: samples in, the alerts that have to stand", add_test_arguments, run_test),
    "replay": (
        "say what rules would have done on what is stored, against what was done",
        add_replay_arguments,
        run_replay,
    ),
    "alerts": ("list what stands, or what is over", add_alerts_arguments, run_alerts),
    "acknowledge": ("say that you are at it", add_acknowledge_arguments, run_acknowledge),
    "silence": ("be told nothing of certain alerts for a while", add_silence_arguments, run_silence),
    "unsilence": ("end a silence now", add_unsilence_arguments, run_unsilence),
    "silences": ("list silences", add_silences_arguments, run_silences),
    "send-test": ("send a test to a channel, or to all", add_send_test_arguments, run_send_test),
}


def add_qos_arguments(parser: ArgumentParser) -> None:
    """Add the sub-commands."""
    what = parser.add_subparsers(dest="what", required=True, metavar="|".join(_COMMANDS))
    for name, (help_text, add, act) in _COMMANDS.items():
        command = what.add_parser(name, help=help_text)
        add(command)
        add_config_option(command)
        command.set_defaults(act=act)


def run_qos(arguments: Namespace) -> int:
    """Run the sub-command and return its exit status."""
    status: int = arguments.act(arguments)
    return status
