"""Where consumers publish what they decide themselves: Kafka, or a local log, whose receiver is here or elsewhere."""

import asyncio
import contextlib
import errno
import io
import uuid
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError

from receiver.entry import Entry
from receiver.errors import LogUnavailable
from receiver.log import SqliteLog
from schemas.ids import LogId, Position
from schemas.kafka import begun, connection, topic_name
from schemas.record import Record
from schemas.settings import Kafka

from .appending.address import PATH
from .appending.address import opened as opened_address
from .appending.batch import bodies

# A producer's own wait for a broker that is away has no end; this is how long a consumer waits for its dead letters.
_PATIENCE_S: Final = 30.0
# How it shows that nobody listens at a socket.
_AWAY: Final = (errno.ENOENT, errno.ECONNREFUSED)
# Of a receiver's answer, which is ours and short.
_MAX_WORDS: Final = 1_024


class KafkaSink:
    """Publishes to Kafka; implements Sink. It connects with the first record: most consumers never publish one."""

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka
        self._producer: AIOKafkaProducer | None = None
        self._row = asyncio.Lock()
        # A log of this process's own, in which positions rise: that is all that readers ask of one.
        self._log, self._next = LogId(uuid.uuid4().hex), 1

    async def __aenter__(self) -> Self:
        """Do nothing yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Disconnect."""
        await self._let_go()

    async def publish(self, records: Sequence[Record]) -> None:
        """Return once Kafka has acknowledged all, in order. Raises OSError."""
        try:
            await _patiently(lambda: self._publish(records))
        except OSError as error:
            if _is_final(error.__cause__):
                # An idempotent producer fails everything that comes after it; the next one begins anew.
                await self._let_go()
            raise

    async def _let_go(self) -> None:
        async with self._row:
            producer, self._producer = self._producer, None
        if producer is not None:
            # aiokafka's own stop waits for a broker that does not answer.
            with contextlib.suppress(OSError):
                await _patiently(producer.stop)

    async def _publish(self, records: Sequence[Record]) -> None:
        # Several publish at once: one of them connects, and none overtakes another while aiokafka waits for metadata.
        # Readers would take what comes behind a later position for a repetition.
        async with self._row:
            producer = await self._connected()
            # All are on their way at once; within a partition they keep their order, for the producer is idempotent.
            on_the_way = [await self._send(producer, record) for record in records]
        await asyncio.gather(*on_the_way)

    async def _send(self, producer: AIOKafkaProducer, record: Record) -> asyncio.Future[Any]:
        position = Position(self._next)
        self._next += 1
        sent: asyncio.Future[Any] = await producer.send(
            topic_name(self._kafka, record.topic),
            key=record.key.encode(),
            value=record.value,
            partition=record.partition,
            timestamp_ms=record.received_ms,
            headers=record.headers(self._log, position),
        )
        return sent

    async def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(**connection(self._kafka), acks="all", enable_idempotence=True)
            try:
                await begun(producer.start)
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer


class LogSink:
    """Appends to the log of the receiver in this process; implements Sink."""

    def __init__(self, log: SqliteLog) -> None:
        self._log = log

    async def publish(self, records: Sequence[Record]) -> None:
        """Return once all are durable. Raises OSError."""
        try:
            await self._log.append(Entry(tuple(records), None))
        except LogUnavailable as error:
            raise OSError(f"the log does not take them: {error.reason}") from error


class ReceiverSink:
    """Publishes to the log in `folder` by way of the process that has it; implements Sink.

    Each batch is a connection of its own: they are few, and the receiver may be another process by the next one.
    """

    def __init__(self, folder: Path, *, patience_s: float = _PATIENCE_S) -> None:
        self._folder, self._patience_s = folder, patience_s

    async def publish(self, records: Sequence[Record]) -> None:
        """Return once all are durable, in order. Raises OSError."""
        for body in bodies(records):
            try:
                await self._append(body)
            except TimeoutError:
                raise self._failed(f"no answer within {self._patience_s:.0f} s") from None
            except OSError as error:
                if error.errno in _AWAY:
                    words = f"no receiver has the log in {self._folder}: start meetwire receive or standalone there"
                    raise OSError(words) from None
                raise self._failed(error.strerror or type(error).__name__) from None
            except aiohttp.ClientError as error:
                raise self._failed(type(error).__name__) from None
            except _Refused as error:
                raise self._failed(str(error)) from None

    async def _append(self, body: bytes) -> None:
        timeout = aiohttp.ClientTimeout(total=self._patience_s)
        with opened_address(self._folder) as path:
            connector = aiohttp.UnixConnector(path)
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
                session.post(f"http://receiver{PATH}", data=io.BytesIO(body)) as answer,
            ):
                if answer.status != 204:
                    words = (await answer.content.read(_MAX_WORDS)).decode(errors="replace")
                    raise _Refused(words)

    def _failed(self, reason: str) -> OSError:
        return OSError(f"the receiver of the log in {self._folder}: {reason}")


class _Refused(Exception):
    """The receiver's own words."""


def _is_final(error: BaseException | None) -> bool:
    away = (KafkaConnectionError, KafkaTimeoutError)
    return isinstance(error, KafkaError) and not error.retriable and not isinstance(error, away)


async def _patiently(work: Callable[[], Awaitable[object]]) -> None:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await work()
    except KafkaError as error:
        raise OSError(f"Kafka: {type(error).__name__}") from error
    except TimeoutError:
        raise OSError(f"Kafka: no answer within {_PATIENCE_S:.0f} s") from None
