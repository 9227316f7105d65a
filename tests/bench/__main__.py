"""Run the benchmarks and print their table: all of them, or those named."""

import argparse
from collections.abc import Awaitable, Callable
from typing import Final

from deploy.cli.loop import run

from . import (
    alerted,
    alerting,
    captions,
    dashboard,
    forwarding,
    frames,
    latency,
    memory,
    notifying,
    page,
    pushes,
    reading,
    replaying,
    resubscribing,
    sealing,
    searching,
    subscribing,
    subscriptions,
    verifying,
)
from .table import Row, table

BENCHMARKS: Final[dict[str, Callable[[], Awaitable[list[Row]]]]] = {
    "pushes": pushes.measure,
    "forwarding": forwarding.measure,
    "reading": reading.measure,
    "memory": memory.measure,
    "subscriptions": subscriptions.measure,
    "frames": frames.measure,
    "latency": latency.measure,
    "subscribing": subscribing.measure,
    "resubscribing": resubscribing.measure,
    "captions": captions.measure,
    "verifying": verifying.measure,
    "sealing": sealing.measure,
    "searching": searching.measure,
    "alerting": alerting.measure,
    "alerted": alerted.measure,
    "replaying": replaying.measure,
    "dashboard": dashboard.measure,
    "page": page.measure,
    "notifying": notifying.measure,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME", help=", ".join(BENCHMARKS))
    rows: list[Row] = []
    for name in parser.parse_args().names or BENCHMARKS:
        print(f"measuring: {name} …", flush=True)
        rows += run(_measure(name))
    print(table(rows))


async def _measure(name: str) -> list[Row]:
    return await BENCHMARKS[name]()


if __name__ == "__main__":
    main()
