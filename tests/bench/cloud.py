"""The simulator's cloud in a process of its own, for the benchmarks to play: `python -m tests.bench.cloud`.

Speaks JSON: a first line when it is ready, then one for each order on its standard input; it ends when that is closed.
Orders: `fill N`, `pour RATE SECONDS` (0: as fast as the sockets take it), `start` (a meeting, and wait until somebody
has subscribed to it), `cut` (every socket, and wait until all meetings are subscribed to again), `say`.
"""

import argparse
import asyncio
import os
import sys
import time
from collections import deque
from pathlib import Path
from typing import Final

import msgspec

from deploy.cli.loop import run
from deploy.simulator.cloud import Cloud, CloudOptions, WebhookTarget, running_cloud
from deploy.simulator.cloud.listen import raise_file_limit
from deploy.simulator.cloud.load import CloudLoad, fill, pour
from deploy.simulator.push import Subscriber

from .receiver import PASSWORD, SUBSCRIBER

_TURN_S: Final = 0.01
_SECOND_S: Final = 1.0
# Frames between two looks at whether the sockets have taken them.
_GULP: Final = 1_000
_PATIENCE_S: Final = 120.0


class CloudFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What the process says of itself, and of the order that it just carried out."""

    api: str
    app_id: str
    app_key: str
    sockets: int
    """Those that have subscribed."""
    frames: int
    """Handed to sockets so far."""
    cpu_s: float
    seconds: float = 0.0
    """How long the order took."""
    busiest_second: int = 0
    """The most sockets that were opened within any one second of it."""


def main() -> None:
    """Run one cloud."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--certificate", type=Path)
    parser.add_argument("--key", type=Path)
    parser.add_argument("--push-to")
    parser.add_argument("--core", type=int)
    chosen = parser.parse_args()
    if chosen.core is not None:
        os.sched_setaffinity(0, {chosen.core})
    raise_file_limit()
    subscriber = Subscriber(app_id=SUBSCRIBER, password=PASSWORD)
    options = CloudOptions(
        certificate_file=chosen.certificate,
        key_file=chosen.key,
        webhook=WebhookTarget(url=chosen.push_to, subscriber=subscriber) if chosen.push_to else None,
        keep_sent=False,
    )
    run(_run(options))


async def _run(options: CloudOptions) -> None:
    async with running_cloud(options) as cloud:
        ids: list[str] = []
        print(_line(cloud), flush=True)
        while order := await asyncio.to_thread(sys.stdin.readline):
            began = time.perf_counter()
            busiest = await _carry_out(cloud, ids, order.split())
            print(_line(cloud, seconds=time.perf_counter() - began, busiest_second=busiest), flush=True)


async def _carry_out(cloud: Cloud, ids: list[str], order: list[str]) -> int:
    match order:
        case ["fill", meetings]:
            ids += fill(cloud, CloudLoad(meetings=int(meetings)))
        case ["pour", rate, seconds]:
            await (_pour(cloud, ids, float(rate), float(seconds)) if float(rate) else _gulp(cloud, ids, float(seconds)))
        case ["start"]:
            async with asyncio.timeout(_PATIENCE_S):
                await cloud.subscribed(cloud.start_meeting().meeting_id)
        case ["cut"]:
            return await _cut(cloud)
        case _:
            await cloud.flushed()
    return 0


async def _pour(cloud: Cloud, ids: list[str], rate: float, seconds: float) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, stop.set)
    await pour(cloud, ids, rate=rate, stop=stop)


async def _gulp(cloud: Cloud, ids: list[str], seconds: float) -> None:
    """Pour as fast as it is taken: what the sockets hold is sent before more is made."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        before = cloud.ledger.count
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as pouring:
            pouring.create_task(pour(cloud, ids, rate=_GULP / _TURN_S, stop=stop))
            while cloud.ledger.count < before + _GULP:  # noqa: ASYNC110 -- the ledger tells nobody
                await asyncio.sleep(0)
            stop.set()
        await cloud.flushed()


async def _cut(cloud: Cloud) -> int:
    """Cut all, and return once each meeting has a socket anew: the most that came within any one second."""
    before, meetings = cloud.sockets_opened, len(cloud.on)
    cloud.cut_sockets()
    busiest, seen = 0, deque([(time.perf_counter(), before)])
    async with asyncio.timeout(_PATIENCE_S):
        while sum(socket.number > before and bool(socket.types) for socket in cloud.sockets()) < meetings:
            await asyncio.sleep(_TURN_S)
            seen.append((time.perf_counter(), cloud.sockets_opened))
            while seen[-1][0] - seen[0][0] > _SECOND_S:
                seen.popleft()
            busiest = max(busiest, seen[-1][1] - seen[0][1])
    return busiest


def _line(cloud: Cloud, *, seconds: float = 0.0, busiest_second: int = 0) -> str:
    figures = CloudFigures(
        api=cloud.url,
        app_id=cloud.app_id,
        app_key=cloud.app_key,
        sockets=sum(bool(socket.types) for socket in cloud.sockets()),
        frames=cloud.ledger.count,
        cpu_s=time.process_time(),
        seconds=seconds,
        busiest_second=busiest_second,
    )
    return msgspec.json.encode(figures).decode()


if __name__ == "__main__":
    main()
