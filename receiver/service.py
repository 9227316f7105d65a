"""The receiver as a whole: log, forwarder, retention, subscriber, webhook, in the order in which they start and stop.

Stopping goes the other way: no new connections, what is in flight is answered (with Kafka's acknowledgement where that
is asked for), subscriptions are told as lost, then the forwarder, then the log, which writes what waits.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from schemas.ids import EnterpriseName, SubscriberId
from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.settings import DEFAULT_PARTITIONS, Enterprise, Kafka, Root, Webhook
from schemas.tls import server_context

from .entry import Terms
from .forward import Forwarder
from .forward.place import Place
from .forward.refused import RefusedRecords
from .listening import Listening, listening
from .log import GATHER_S, Log, LogFile, LogReader, SqliteLog
from .log.retention import Retention
from .log.threaded import open_in_thread
from .pipeline import Pipeline
from .redrive import Redrive
from .subscriber.alive import living
from .verify import Account, Accounts
from .webhook import Listener, opened

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")

# How long a commit may grow while more comes in. Where a request to Kafka follows each, a larger one saves twice.
_GATHER_S: Final = {"disk": GATHER_S, "kafka": 0.008}


class Receiver:
    """A receiver that runs; made by `running`."""

    def __init__(self, root: Root, meters: Meters, log: SqliteLog, forwarder: Forwarder | None) -> None:
        self._root = root
        self._meters = meters
        self._forwarder = forwarder
        self.log = log
        self._accounts = accounts_of(root.enterprises)
        self._free_bytes = root.log.min_free_bytes
        terms = Terms(partitions=partitions_of(root), horizon=timedelta(hours=root.log.retry_horizon_h))
        durable: Log = forwarder if forwarder and root.webhook.answer_after == "kafka" else log
        pipeline = Pipeline(accounts=lambda: self._accounts, terms=terms, log=durable)
        self.listener = Listener(pipeline, root.webhook, meters)
        self.redrive = Redrive(accounts=lambda: self._accounts, terms=terms, log=log)
        self.tls = _tls(root.webhook)
        self.address: tuple[str, int] = ("", 0)
        self.listening: Listening | None = None

    def replace_secrets(self, enterprises: Sequence[Enterprise], kafka: Kafka | None = None) -> None:
        """Take other callback passwords and App Keys, and the TLS certificate as its files are; from the next push on.

        Kafka's password holds from the next connection on: who is let in stays in.
        """
        self._accounts = accounts_of(enterprises)
        if self.listening is not None:
            self.listening.replace_keys(enterprises)
        if self._forwarder is not None and kafka is not None:
            self._forwarder.replace_login(kafka)
        if self.tls is not None:
            _load_certificate(self.tls, self._root.webhook)

    def open_count(self, partition: int) -> int:
        """Return how many subscriptions to a partition's meetings are open."""
        return 0 if self.listening is None else self.listening.supervisor.open_count(partition)

    async def recovered(self) -> None:
        """Return once it is told what an earlier process left open."""
        if self.listening is not None:
            await self.listening.recovered()

    async def observe(self) -> None:
        """Set the gauges; called when metrics are read."""
        self.listener.observe()
        self._free_bytes, size = await self.log.run(lambda file: (file.room.free_bytes(), file.size_bytes()))
        self._meters.gauge("meetwire_disk_free_bytes").set(self._free_bytes)
        self._meters.gauge("meetwire_log_bytes").set(size)
        if self._forwarder is not None:
            self._forwarder.observe(self._meters)
        if self.listening is not None:
            self.listening.observe()

    async def unready(self) -> list[str]:
        """Return why pushes should not come here now, a line each; empty: they may."""
        free = await self.log.run(lambda file: file.room.free_bytes())
        found = []
        if self.log.failing is not None:
            found.append(f"log: the last commit failed ({self.log.failing})")
        if free < self._root.log.min_free_bytes:
            found.append(f"disk: {free} bytes free, log.min_free_bytes is {self._root.log.min_free_bytes}")
        if self._forwarder is not None and self._root.kafka is not None:
            behind = self._forwarder.behind_s()
            if behind > self._root.kafka.max_behind_s:
                found.append(f"forwarder: {behind:.0f} s behind ({self._forwarder.failure or 'slow'})")
        return found


@contextlib.asynccontextmanager
async def running(root: Root, meters: Meters) -> AsyncIterator[Receiver]:
    """Yield the receiver once it takes pushes. Raises LogInUse, LogMismatch, OSError for a taken port."""
    file = await open_in_thread(partial(_file, root))
    async with contextlib.AsyncExitStack() as stack:
        gather_s = _GATHER_S[root.webhook.answer_after]
        log = await stack.enter_async_context(SqliteLog.opened(file, meters, gather_s=gather_s))
        _LOG.info("log.opened", log=log.id, position=log.next - 1)
        forwarder = await _forward(stack, root, meters, log, file)
        retention = Retention(log, root.log, (lambda: forwarder.position) if forwarder else None)
        await stack.enter_async_context(retention.running())
        receiver = Receiver(root, meters, log, forwarder)
        partitions = partitions_of(root)
        receiver.listening = await stack.enter_async_context(
            listening(root, meters, log, file.folder, partitions=partitions)
        )
        await stack.enter_async_context(
            living(log, partitions=partitions, open_count=receiver.open_count, begins=receiver.recovered)
        )
        receiver.address = await stack.enter_async_context(opened(receiver.listener, root.webhook, receiver.tls))
        _LOG.info("listener.opened", address="{}:{}".format(*receiver.address), tls=receiver.tls is not None)
        yield receiver
    _LOG.info("receiver.stopped")


def accounts_of(enterprises: Sequence[Enterprise]) -> Accounts:
    """Return who may push, by subscriber ID."""
    return {
        SubscriberId(enterprise.subscriber_id): Account(
            enterprise=EnterpriseName(enterprise.name),
            passwords=tuple(password.reveal().encode() for password in enterprise.callback_passwords),
        )
        for enterprise in enterprises
        if enterprise.subscriber_id is not None
    }


def partitions_of(root: Root) -> int:
    """Return how many partitions records are numbered for; without Kafka as many as it would have by default."""
    return root.kafka.partitions if root.kafka else DEFAULT_PARTITIONS


def _file(root: Root) -> LogFile:
    return LogFile(
        Path(root.log.folder),
        partitions=partitions_of(root),
        min_free_bytes=root.log.min_free_bytes,
        reserve_bytes=root.log.reserve_bytes,
        wrapped=root.kafka is not None,
    )


async def _forward(
    stack: contextlib.AsyncExitStack, root: Root, meters: Meters, log: SqliteLog, file: LogFile
) -> Forwarder | None:
    if root.kafka is None:
        return None
    reader = await open_in_thread(partial(LogReader, file.folder))
    stack.callback(reader.close)
    place = await asyncio.to_thread(Place, file.folder, log.id)
    forwarder = Forwarder(log, reader, place, RefusedRecords(file.folder), root.kafka)
    return await stack.enter_async_context(forwarder.running(meters))


def _tls(webhook: Webhook) -> ssl.SSLContext | None:
    if webhook.tls_certificate_file is None:
        return None
    context = server_context()
    _load_certificate(context, webhook)
    return context


def _load_certificate(context: ssl.SSLContext, webhook: Webhook) -> None:
    if webhook.tls_certificate_file is not None:
        context.load_cert_chain(webhook.tls_certificate_file, webhook.tls_key_file)
