"""Run a command as `meetwire` mounts it, beside the server that the test's own loop runs."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable


async def run_command(
    add: Callable[[argparse.ArgumentParser], None], run: Callable[[argparse.Namespace], int], *words: str
) -> int:
    """Return the exit status. Raises SystemExit where argparse does."""
    parser = argparse.ArgumentParser()
    add(parser)
    return await asyncio.to_thread(run, parser.parse_args(words))
