"""Catch what blocks a running event loop: in the tests' own, and in that of a command that a test starts."""

from __future__ import annotations

from typing import Final

from blockbuster import BlockBuster

OURS: Final = ["receiver", "consumers", "schemas", "deploy"]

# What others hold for a moment, whoever waits for it.
_MAY_BLOCK: Final = (
    # At its very end a loop waits for its threads, if there are any left by then.
    ("asyncio/runners.py", "close"),
    # Coverage's own lock, when two threads come to a new file at once.
    ("coverage/collector.py", "lock_data"),
)


def detector() -> BlockBuster:
    """Return one that raises BlockingError where our code blocks; a test's own files and threads are free."""
    made = BlockBuster(OURS)
    for file, function in _MAY_BLOCK:
        made.functions["threading.Lock.acquire"].can_block_in(file, function)
    return made
