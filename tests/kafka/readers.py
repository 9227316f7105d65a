"""Read a topic with consumers that share no line of code with ours: Kafka's console consumer, and kcat."""

from __future__ import annotations

import asyncio
import shutil
import subprocess

import msgspec
import pytest

from .java import run_tool

# A reader needs two seconds; one that has not found its records after this long will not find them.
READ_TIMEOUT_S = 60.0


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A record as kcat prints it. `headers` are names and values in turn, as kcat lists them; None is a null."""

    topic: str
    partition: int
    offset: int
    key: str | None
    payload: str | None
    headers: list[str | None] = []


SEEN = msgspec.json.Decoder(Seen)


async def console_consumer(bootstrap: str, topic: str, *, records: int) -> list[str]:
    """Return the first `records` of a topic as `headers TAB key TAB value`, read by the broker's own tool.

    Headers are `name:value`, comma-separated. Fails the test where that many do not come.
    """
    printed = await asyncio.to_thread(
        run_tool,
        "org.apache.kafka.tools.consumer.ConsoleConsumer",
        *("--bootstrap-server", bootstrap, "--topic", topic, "--from-beginning", "--max-messages", str(records)),
        *("--property", "print.key=true", "--property", "print.headers=true"),
        timeout_s=READ_TIMEOUT_S,
    )
    return printed.splitlines()


async def kcat(bootstrap: str, topic: str) -> list[Seen]:
    """Return everything that is in a topic now, read by kcat (librdkafka)."""
    executable = shutil.which("kcat")
    if executable is None:
        pytest.fail("kcat is missing: install it (Debian: kcat) or run `make parts`", False)
    printed = await asyncio.to_thread(
        subprocess.run,
        [executable, "-C", "-b", bootstrap, "-t", topic, "-o", "beginning", "-e", "-q", "-J"],
        capture_output=True,
        text=True,
        timeout=READ_TIMEOUT_S,
        check=True,
    )
    return [SEEN.decode(line) for line in printed.stdout.splitlines()]
