"""Run three real brokers as one cluster: each topic is on all of them, and what two of them have is acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from .broker import Broker, run_format

NODES: Final = (1, 2, 3)

# How long the others wait for one that is gone before they choose other leaders.
_SESSION = {"broker.session.timeout.ms": "3000", "broker.heartbeat.interval.ms": "500"}
_COPIES = {
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    "offsets.topic.replication.factor": "3",
}


class Member(Broker):
    """One of the three. Its folder is formatted under its own number, which takes a second more than a copy."""

    def _format(self) -> None:
        self._properties_file.write_text(self._properties())
        run_format(self._properties_file)


class Cluster:
    """The brokers by their number; made by `cluster`."""

    def __init__(self, members: dict[int, Member]) -> None:
        self.members = members

    @property
    def bootstrap(self) -> Sequence[str]:
        """Where those are reached that run."""
        return [member.bootstrap for member in self.members.values() if member.running]


@asynccontextmanager
async def cluster(folder: Path) -> AsyncIterator[Cluster]:
    """Yield three brokers that know each other; stop those at the end that run."""
    settings = {number: {"node.id": str(number)} | _SESSION | _COPIES for number in NODES}
    members = {number: Member(folder / str(number), settings[number]) for number in NODES}
    voters = ",".join(f"{number}@127.0.0.1:{member.controller_port}" for number, member in members.items())
    for its in settings.values():
        its["controller.quorum.voters"] = voters
    try:
        # None of them answers alone: two make a quorum.
        await asyncio.gather(*(member.start() for member in members.values()))
        yield Cluster(members)
    finally:
        await asyncio.gather(*(member.stop() for member in members.values()))
