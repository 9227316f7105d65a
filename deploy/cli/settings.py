"""Load the settings for a command, or end it with what is wrong with them."""

import os
import sys
from argparse import Namespace

from ..settings import Loaded, SettingsError, find, load


def loaded(arguments: Namespace) -> Loaded:
    """Return the settings; warnings go to standard error. Exits with 2 where they are not good."""
    try:
        found = load(find(arguments.config, os.environ), os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    for warning in found.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    return found


def refuse(words: str) -> int:
    """Say in one line what stands against it; return exit status 2."""
    print(f"meetwire: {words}", file=sys.stderr)
    return 2
