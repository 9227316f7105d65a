"""The sub-commands of `meetwire`, each with a way to have its parts.

What one needs is imported when it is asked for, and nothing of the others': all of it takes a second.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Final, NamedTuple


class Parts(NamedTuple):
    """What adds a command's arguments, and what runs it."""

    add: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]


class Command(NamedTuple):
    """One sub-command: its name, one line on it, and its parts."""

    name: str
    line: str
    load: Callable[[], Parts]


def _serve() -> Parts:
    from .serve import add_serve_arguments, run_serve

    return Parts(add_serve_arguments, run_serve)


def _consume() -> Parts:
    from .consume import add_consume_arguments, run_consume

    return Parts(add_consume_arguments, run_consume)


def _tail() -> Parts:
    from .tail import add_arguments, run_tail

    return Parts(add_arguments, run_tail)


def _send() -> Parts:
    from ..simulator import add_send_arguments, run_send

    return Parts(add_send_arguments, run_send)


def _simulate() -> Parts:
    from ..simulator import add_simulate_arguments, run_simulate

    return Parts(add_simulate_arguments, run_simulate)


def _redrive() -> Parts:
    from .redrive import add_redrive_arguments, run_redrive

    return Parts(add_redrive_arguments, run_redrive)


def _topics() -> Parts:
    from .topics import add_topics_arguments, run_topics

    return Parts(add_topics_arguments, run_topics)


def _webhook() -> Parts:
    from .webhook import add_webhook_arguments, run_webhook

    return Parts(add_webhook_arguments, run_webhook)


def _archive() -> Parts:
    from .archive import add_archive_arguments, run_archive

    return Parts(add_archive_arguments, run_archive)


def _qos() -> Parts:
    from .qos import add_qos_arguments, run_qos

    return Parts(add_qos_arguments, run_qos)


def _users() -> Parts:
    from .users import add_users_arguments, run_users

    return Parts(add_users_arguments, run_users)


def _config() -> Parts:
    from .config import add_config_arguments, run_config

    return Parts(add_config_arguments, run_config)


def _schemas() -> Parts:
    from .schemas import add_schemas_arguments, run_schemas

    return Parts(add_schemas_arguments, run_schemas)


def _demo() -> Parts:
    from .demo import add_demo_arguments, run_demo

    return Parts(add_demo_arguments, run_demo)


COMMANDS: Final = (
    Command("standalone", "everything in one process, on this machine", _serve),
    Command("receive", "the receiver alone: pushes in, records out", _serve),
    Command("consume", "one consumer in a process of its own: captions, qos, dashboard", _consume),
    Command("tail", "show events as they come, from the log or from Kafka", _tail),
    Command("send", "send one signed test push to any address, and show the answer", _send),
    Command("simulate", "send days of simulated meetings to a receiver", _simulate),
    Command("redrive", "run pushes that were set aside once more", _redrive),
    Command("topics", "create or check the Kafka topics", _topics),
    Command("webhook", "ask or tell the service where its enterprise push goes", _webhook),
    Command("archive", "find, check, hand over, hold and erase captions", _archive),
    Command("qos", "look at the rules of quality alerts", _qos),
    Command("users", "who may log in to the dashboard, or read its API", _users),
    Command("config", "check or show the settings", _config),
    Command("schemas", "list, print or write the JSON Schemas and the AsyncAPI document", _schemas),
    Command("demo", "standalone, the simulator and tail at once, to look at", _demo),
)
