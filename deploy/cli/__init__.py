"""The `meetwire` command: sub-commands named for what a person wants.

Exit status: 0 good, 1 the thing that was asked for is not so, 2 wrong arguments or settings, 130 interrupted.
"""

import os
import sys
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from consumers.tail import add_tail_arguments

from ..simulator import add_send_arguments, add_simulate_arguments, run_send, run_simulate
from .archive import add_archive_arguments, run_archive
from .config import add_config_arguments, run_config
from .consume import add_consume_arguments, run_consume
from .demo import add_demo_arguments, run_demo
from .qos import add_qos_arguments, run_qos
from .redrive import add_redrive_arguments, run_redrive
from .schemas import add_schemas_arguments, run_schemas
from .serve import add_serve_arguments, run_serve
from .source import add_source_arguments
from .tail import run_tail
from .topics import add_topics_arguments, run_topics
from .users import add_users_arguments, run_users
from .webhook import add_webhook_arguments, run_webhook


class Command(NamedTuple):
    """One sub-command: its name, one line on it, what adds its arguments, what runs it."""

    name: str
    line: str
    add: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]


def _add_tail(parser: ArgumentParser) -> None:
    add_source_arguments(parser)
    add_tail_arguments(parser)


COMMANDS = (
    Command("standalone", "everything in one process, on this machine", add_serve_arguments, run_serve),
    Command("receive", "the receiver alone: pushes in, records out", add_serve_arguments, run_serve),
    Command(
        "consume", "one consumer in a process of its own: captions, qos, dashboard", add_consume_arguments, run_consume
    ),
    Command("tail", "show events as they come, from the log or from Kafka", _add_tail, run_tail),
    Command("send", "send one signed test push to any address, and show the answer", add_send_arguments, run_send),
    Command("simulate", "send days of simulated meetings to a receiver", add_simulate_arguments, run_simulate),
    Command("redrive", "run pushes that were set aside once more", add_redrive_arguments, run_redrive),
    Command("topics", "create or check the Kafka topics", add_topics_arguments, run_topics),
    Command("webhook", "ask or tell the service where its enterprise push goes", add_webhook_arguments, run_webhook),
    Command("archive", "find, check, hand over, hold and erase captions", add_archive_arguments, run_archive),
    Command("qos", "look at the rules of quality alerts", add_qos_arguments, run_qos),
    Command("users", "who may log in to the dashboard, or read its API", add_users_arguments, run_users),
    Command("config", "check or show the settings", add_config_arguments, run_config),
    Command(
        "schemas", "list, print or write the JSON Schemas and the AsyncAPI document", add_schemas_arguments, run_schemas
    ),
    Command("demo", "standalone, the simulator and tail at once, to look at", add_demo_arguments, run_demo),
)


def parser() -> ArgumentParser:
    """Return the whole command line."""
    whole = ArgumentParser(prog="meetwire", description="Pushes of Huawei Cloud Meeting in, Kafka events out.")
    whole.add_argument("--version", action="version", version=f"meetwire {version('meetwire')}")
    whole.add_argument("--config", type=Path, metavar="FILE", help="the settings (default: ./meetwire.toml if there)")
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        sub = commands.add_parser(
            command.name, help=command.line, description=f"{command.line[0].upper()}{command.line[1:]}."
        )
        # Before or after the command: people write both.
        sub.add_argument("--config", type=Path, metavar="FILE", default=SUPPRESS, help="the settings")
        command.add(sub)
        sub.set_defaults(run=command.run)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    chosen = parser().parse_args(arguments)
    try:
        status: int = chosen.run(chosen)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Nobody reads any more (`meetwire tail | head`), and nothing is to be said about that. What is still buffered
        # would be flushed at exit, and Python would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status
