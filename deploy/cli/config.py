"""`meetwire config check|show`: are these settings good, and what are they in effect?"""

import os
import sys
from argparse import ArgumentParser, Namespace

from schemas.settings import Root

from ..settings import Loaded, SettingsError, find, load, render
from ..starting import CannotStart, check_whole
from .naming import add_config_option


def add_config_arguments(parser: ArgumentParser) -> None:
    """Add the two sub-commands."""
    what = parser.add_subparsers(dest="what", required=True, metavar="check|show")
    check = "say what would keep a start from succeeding, a line each; exit status 1 if anything would"
    show = "print the settings in effect as TOML, secrets masked, and where each came from"
    add_config_option(what.add_parser("check", help=check), what.add_parser("show", help=show))


def run_config(arguments: Namespace) -> int:
    """Return the exit status: 0 for good settings, 1 for settings that would not start."""
    path = find(arguments.config, os.environ)
    try:
        loaded = load(path, os.environ)
        if arguments.what == "check":
            check_whole(loaded.root)
            _refuse_nothing(loaded.root)
    except (SettingsError, CannotStart) as error:
        print(error, file=sys.stderr)
        return 1
    print(_checked(loaded) if arguments.what == "check" else render(loaded.root, loaded.origins), end="")
    for warning in loaded.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    return 0


def _refuse_nothing(root: Root) -> None:
    """Raise CannotStart where there is nothing to start: neither a receiver nor a consumer."""
    if not root.enterprises and (root.captions, root.qos, root.dashboard) == (None, None, None):
        raise CannotStart(
            "no [[enterprises]] in the settings: the receiver would not start; nor would a consumer, with none of "
            "[captions], [qos] and [dashboard]"
        )


def _checked(loaded: Loaded) -> str:
    enterprises = len(loaded.root.enterprises)
    counted = "1 enterprise" if enterprises == 1 else f"{enterprises} enterprises"
    if not enterprises:
        # A host of its own for consumers needs none.
        counted = "no enterprises: consumers would start, the receiver would not"
    where = f"Kafka at {', '.join(loaded.root.kafka.servers)}" if loaded.root.kafka else "no Kafka, the local log alone"
    return f"{loaded.path or 'no settings file'}: good; {counted}; {where}\n"
