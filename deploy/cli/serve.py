"""`meetwire standalone` and `meetwire receive`: run until SIGTERM.

They differ in what they run beside the receiver: standalone runs the consumers that the settings have a table of. Where
there is no enterprise, a person at a terminal is asked for one; a service is refused.
"""

import getpass
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import replace

import msgspec

from receiver.log import LogInUse, LogMismatch
from schemas.settings import Enterprise, Secret

from ..settings import Loaded
from ..standalone import serve
from ..starting import CannotStart
from ..voice import speak
from .loop import run
from .settings import loaded, refuse


def add_serve_arguments(parser: ArgumentParser) -> None:
    """Add nothing: the settings file says it all."""


def run_serve(arguments: Namespace) -> int:
    """Serve; return 2 where it cannot start."""
    settings = loaded(arguments)
    if not settings.root.enterprises:
        if not sys.stdin.isatty():
            return refuse("no [[enterprises]] in the settings: whose pushes are these? See deploy/meetwire.toml")
        try:
            settings = _with_asked_enterprise(settings)
        except EOFError:
            print(file=sys.stderr)
            return refuse("no enterprise: nothing to receive")
        except ValueError as error:
            return refuse(str(error))
    if arguments.command == "receive":
        alone = msgspec.structs.replace(settings.root, captions=None, qos=None, dashboard=None)
        settings = replace(settings, root=alone)
    speak(settings.root.logging)
    try:
        run(serve(settings))
    except (CannotStart, LogInUse, LogMismatch) as error:
        return refuse(str(error))
    return 0


def _with_asked_enterprise(settings: Loaded) -> Loaded:
    print("No enterprise is configured. As on the service's page 会议事件推送:", file=sys.stderr)
    subscriber_id = _asked(input("subscriber ID (订阅者ID): ").strip(), "subscriber ID")
    password = _asked(getpass.getpass("password (密码): "), "password")
    enterprise = Enterprise(name="enterprise", subscriber_id=subscriber_id, callback_passwords=(Secret(password),))
    return replace(settings, root=msgspec.structs.replace(settings.root, enterprises=(enterprise,)))


def _asked(answer: str, what: str) -> str:
    # An empty password would be one that everybody knows.
    if not answer:
        raise ValueError(f"no {what}: nothing to receive")
    return answer
