"""Who ends a connection over TLS waits for no farewell."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
import trustme

from schemas.kafka import connection
from schemas.settings import Kafka
from schemas.tls import server_context
from tests.taciturn import LONG_S, PATIENCE_S, Taciturn, taciturn_client

WORDS = b"0123456789" * 10_000


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    """Return who signs the server's certificate, and is in ca.pem."""
    made = trustme.CA()
    made.cert_pem.write_to_path(tmp_path / "ca.pem")
    return made


@pytest.fixture
def for_server(authority: trustme.CA) -> ssl.SSLContext:
    """Return what ours listens with."""
    context = server_context()
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def for_kafka(authority: trustme.CA, tmp_path: Path) -> ssl.SSLContext:
    """Return what Kafka is connected to with."""
    kafka = Kafka(servers=("127.0.0.1:9093",), security="SSL", ca_file=str(tmp_path / "ca.pem"))
    context: ssl.SSLContext = connection(kafka)["ssl_context"]
    return context


def test_a_listener_takes_nothing_before_tls_1_2() -> None:
    """RFC 8996: the older ones are not to be used."""
    assert server_context().minimum_version is ssl.TLSVersion.TLSv1_2


async def test_a_connection_to_kafka_ends_without_the_broker(
    for_kafka: ssl.SSLContext, for_server: ssl.SSLContext
) -> None:
    """It says all that it was given, and its farewell, and is closed; a broker that is frozen need not see that."""
    accepted: asyncio.Queue[Taciturn] = asyncio.Queue()
    kept = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kept.append(writer)
        broker = Taciturn(reader, writer)
        await broker.shake_hands(for_server, server_side=True)
        accepted.put_nowait(broker)

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        _, writer = await asyncio.open_connection(
            *server.sockets[0].getsockname(), ssl=for_kafka, ssl_shutdown_timeout=PATIENCE_S
        )
        broker = await accepted.get()
        writer.write(WORDS)
        writer.close()
        async with asyncio.timeout(LONG_S):
            heard, _ = await asyncio.gather(broker.heard(), writer.wait_closed())
        for one in kept:
            one.close()

    assert heard == WORDS


async def test_a_connection_to_us_ends_without_the_client(
    for_kafka: ssl.SSLContext, for_server: ssl.SSLContext
) -> None:
    """A proxy that has gone silent holds up no stop."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        writer.write(WORDS)
        writer.close()
        await writer.wait_closed()
        closed.set()

    closed = asyncio.Event()
    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=for_server, ssl_shutdown_timeout=PATIENCE_S)
    async with server, taciturn_client(server.sockets[0].getsockname(), for_kafka) as client:
        client.say(b"?")
        heard = await client.heard()
        async with asyncio.timeout(LONG_S):
            await closed.wait()

    assert heard == WORDS
