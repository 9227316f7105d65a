"""The load in a process of its own, on the other core: `python -m tests.bench.load`. Prints a LoadReport as JSON.

All pushes are signed before the clock starts. Their times end where `--ahead-of` says, so that none is ahead of the
receiver's clock however many there are.
"""

import argparse
import os
from datetime import UTC, datetime, timedelta

import msgspec
import uvloop
from yarl import URL

from deploy.simulator.distinct import as_request, distinct_pushes
from deploy.simulator.load import run_load
from deploy.simulator.push import Subscriber

from .receiver import PASSWORD, SUBSCRIBER


def main() -> None:
    """Sign, send, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--total", type=int, required=True)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--core", type=int)
    chosen = parser.parse_args()
    if chosen.core is not None:
        os.sched_setaffinity(0, {chosen.core})
    url = URL(f"http://127.0.0.1:{chosen.port}/openapi/meetingevent")
    # A millisecond each: these end now.
    start = datetime.now(UTC) - timedelta(milliseconds=chosen.first + chosen.total)
    subscriber = Subscriber(app_id=SUBSCRIBER, password=PASSWORD)
    pushes = distinct_pushes(chosen.total, subscriber, start=start, first=chosen.first)
    requests = [as_request(push.body, url, f"{number:032x}") for number, push in enumerate(pushes, chosen.first)]
    report = uvloop.run(
        run_load(("127.0.0.1", chosen.port), requests, connections=chosen.connections, rate=chosen.rate)
    )
    print(msgspec.json.encode(report).decode())


if __name__ == "__main__":
    main()
