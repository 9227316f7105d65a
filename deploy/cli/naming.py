"""The option that names the settings."""

from argparse import SUPPRESS, ArgumentParser
from pathlib import Path


def add_config_option(*parsers: ArgumentParser) -> None:
    """Add --config to commands within a command; what was said before them stays where they say nothing."""
    for parser in parsers:
        # Before or after the command: people write both.
        parser.add_argument("--config", type=Path, metavar="FILE", default=SUPPRESS, help="the settings")
