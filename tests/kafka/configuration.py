"""Write the properties of a single-node KRaft broker, plain or secured. Pure but for `free_port`."""

from __future__ import annotations

import itertools
import os
import random
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

# Below Linux's ephemeral range (32768-60999): while a broker is down, a client that keeps trying an ephemeral
# port of loopback can be given that very port as its own, connect to itself, and keep the broker from coming back.
PORTS = range(20_000, 32_000)
# Those who run tests side by side choose from ports of their own: one that is free now is taken a moment later.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
OF_A_WORKER = PORTS[WORKER % 8 :: 8]
# Each is given once: who drew anew each time gave one broker the same for two of its listeners now and then, and the
# port of one that was killed to another.
_LEFT = itertools.cycle(random.sample(OF_A_WORKER, len(OF_A_WORKER)))

# One node is all there is: every internal topic has one copy, and one partition where it is created on first use.
SINGLE_NODE = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "num.partitions": "1",
    "offsets.topic.num.partitions": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
}

QUICK = {
    # A broker killed with -9 and started again is refused as its own double until the old session has ended:
    # with Kafka's default of 9 s it would be back in 11 s, with this in 2.5 s.
    "broker.session.timeout.ms": "1000",
    "broker.heartbeat.interval.ms": "200",
    "group.initial.rebalance.delay.ms": "0",
    # The default of 128 MiB is a quarter of the heap.
    "log.cleaner.dedupe.buffer.size": "4194304",
    # The records of the tests have times of their own, months old by now: retention, each five minutes, took them away.
    "log.retention.check.interval.ms": "86400000",
    "log.initial.task.delay.ms": "86400000",
}

# A broker that would create a topic on a misspelt name is the harder test of "never silently auto-created".
PERMISSIVE = {"auto.create.topics.enable": "true"}

# For a broker that is never killed: a machine that is busy for a second must not cost it its leadership.
PATIENT = {"broker.session.timeout.ms": "9000", "broker.heartbeat.interval.ms": "2000"}


def free_port() -> int:
    """Return a loopback port that nothing listens on, that was not given yet and that no outgoing connection gets."""
    for port in itertools.islice(_LEFT, 100):
        with socket.socket() as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("100 ports in a row are taken")


@dataclass(frozen=True)
class Security:
    """The second listener: SASL_SSL with SCRAM-SHA-512, and ACLs that deny what nobody allowed."""

    keystore_file: Path
    port: int = field(default_factory=free_port)

    def properties(self) -> dict[str, str]:
        """Return what secures the broker; who its users are is written when its folder is formatted."""
        return {
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"
            ),
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self.keystore_file),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            # Whoever comes through the plain listener: the broker itself, and a test that sets the scene.
            "super.users": "User:ANONYMOUS",
        }


@dataclass(frozen=True)
class Listeners:
    """Where the broker is reached; the ports stay the same over all its lives."""

    security: Security | None = None
    detour: int | None = None
    """The port of a proxy: who comes to `detour_port` by way of it is told to stay with it."""
    detour_port: int = field(default_factory=free_port)
    port: int = field(default_factory=free_port)
    controller_port: int = field(default_factory=free_port)

    @property
    def others(self) -> tuple[int, ...]:
        """The ports beside the plain one at which clients come in."""
        secured = () if self.security is None else (self.security.port,)
        return secured if self.detour is None else (*secured, self.detour_port)

    def properties(self) -> dict[str, str]:
        """Return the plain listener, the secured one where there is security, and the controller's."""
        addresses = {"PLAINTEXT": self.port}
        if self.security is not None:
            addresses["SASL_SSL"] = self.security.port
        advertised = dict(addresses)
        if self.detour is not None:
            addresses["DETOUR"], advertised["DETOUR"] = self.detour_port, self.detour
        plain = ("PLAINTEXT", "DETOUR", "CONTROLLER")
        return {
            "listeners": f"{_spelt(addresses)},CONTROLLER://127.0.0.1:{self.controller_port}",
            "advertised.listeners": _spelt(advertised),
            "listener.security.protocol.map": ",".join(["SASL_SSL:SASL_SSL", *(f"{name}:PLAINTEXT" for name in plain)]),
            "inter.broker.listener.name": "PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
        }


def _spelt(addresses: Mapping[str, int]) -> str:
    return ",".join(f"{name}://127.0.0.1:{port}" for name, port in addresses.items())


def properties(folder: Path, listeners: Listeners, overrides: Mapping[str, str]) -> str:
    """Return server.properties as text; `overrides` win over everything else."""
    security = listeners.security.properties() if listeners.security else {}
    folders = {"log.dirs": str(folder / "data")}
    merged = SINGLE_NODE | QUICK | PERMISSIVE | listeners.properties() | security | folders | dict(overrides)
    return "".join(f"{name}={value}\n" for name, value in merged.items())
