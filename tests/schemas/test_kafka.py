"""[kafka] becomes aiokafka's arguments, and what would be ignored is refused."""

from __future__ import annotations

import asyncio
import inspect
import re
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiokafka import AIOKafkaClient, AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from schemas.kafka import begun, connection, topic_name
from schemas.settings import Kafka, Secret
from tests.encrypted import ENCRYPTED

SERVERS = ("b1:9092", "b2:9092")
Ways = tuple[Callable[[], Awaitable[object]], Callable[[], Awaitable[object]]]
"""How a client begins, and how it ends."""
ANOTHER = trustme.CA().issue_cert("localhost").private_key_pem.bytes().decode()
LOGIN: dict[str, Any] = {"user": "meetwire", "password": Secret("rosebud")}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Whoever signed the broker's certificate."""
    return trustme.CA()


@pytest.fixture
def files(tmp_path: Path, authority: trustme.CA) -> dict[str, Any]:
    """The three files of a secured connection."""
    issued = authority.issue_cert("localhost")
    paths = {name: tmp_path / f"{name}.pem" for name in ("ca_file", "certificate_file", "key_file")}
    authority.cert_pem.write_to_path(paths["ca_file"])
    issued.cert_chain_pems[0].write_to_path(paths["certificate_file"])
    issued.private_key_pem.write_to_path(paths["key_file"])
    return {name: str(path) for name, path in paths.items()}


def test_a_plain_connection_is_servers_and_times() -> None:
    """Nothing else is said, so aiokafka's own defaults hold."""
    assert connection(Kafka(servers=SERVERS, request_timeout_s=2.5)) == {
        "bootstrap_servers": ["b1:9092", "b2:9092"],
        "client_id": "meetwire",
        "security_protocol": "PLAINTEXT",
        "request_timeout_ms": 2_500,
    }


def test_a_login_is_given_with_its_mechanism() -> None:
    """The one place where the password leaves its wrapping."""
    arguments = connection(Kafka(servers=SERVERS, security="SASL_PLAINTEXT", mechanism="PLAIN", **LOGIN))

    assert {name: value for name, value in arguments.items() if name.startswith("sasl")} == {
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": "meetwire",
        "sasl_plain_password": "rosebud",
    }


def test_tls_checks_certificate_and_name(files: dict[str, Any]) -> None:
    """Never less; with an authority of one's own none but that is believed."""
    context = connection(Kafka(servers=SERVERS, security="SSL", ca_file=files["ca_file"]))["ssl_context"]

    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.get_ca_certs(binary_form=True) == [ssl.PEM_cert_to_DER_cert(Path(files["ca_file"]).read_text())]


def test_tls_with_a_certificate_of_ones_own(files: dict[str, Any]) -> None:
    """Both files are read now, not at the first connection."""
    assert "ssl_context" in connection(Kafka(servers=SERVERS, security="SASL_SSL", **LOGIN, **files))


@pytest.mark.parametrize("client", [AIOKafkaConsumer, AIOKafkaProducer, AIOKafkaAdminClient])
def test_all_clients_take_the_same_arguments(client: type, files: dict[str, Any]) -> None:
    """Producer, consumer and admin client are made of one dictionary."""
    arguments = connection(Kafka(servers=SERVERS, security="SASL_SSL", **LOGIN, **files))

    assert set(arguments) <= set(inspect.signature(client).parameters)


def test_a_topic_has_the_installations_prefix() -> None:
    """Several installations share a cluster by it."""
    assert topic_name(Kafka(servers=SERVERS, topic_prefix="eu."), "meeting.lifecycle.v1") == "eu.meeting.lifecycle.v1"


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        pytest.param(
            {"ca_file": "ca.pem"}, "kafka.ca_file needs security SSL or SASL_SSL, not PLAINTEXT", id="authority"
        ),
        pytest.param(
            {"security": "SASL_PLAINTEXT", **LOGIN, "certificate_file": "c.pem", "key_file": "k.pem"},
            "kafka.certificate_file needs security SSL or SASL_SSL, not SASL_PLAINTEXT",
            id="certificate",
        ),
        pytest.param(
            {"user": "meetwire"}, "kafka.user needs security SASL_PLAINTEXT or SASL_SSL, not PLAINTEXT", id="user"
        ),
        pytest.param(
            {"security": "SSL", "password": Secret("rosebud")},
            "kafka.password needs security SASL_PLAINTEXT or SASL_SSL, not SSL",
            id="password",
        ),
        pytest.param(
            {"security": "SSL", "ca_file": "/nowhere/ca.pem"},
            "kafka.ca_file /nowhere/ca.pem: No such file or directory",
            id="no file",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(settings: dict[str, Any], complaint: str) -> None:
    """A setting that would be ignored is one that its owner believes in."""
    with pytest.raises(ValueError, match=r"^kafka\.") as refused:
        connection(Kafka(servers=SERVERS, **settings))

    assert str(refused.value) == complaint


@pytest.mark.parametrize(
    ("name", "holds", "complaint"),
    [
        pytest.param("ca_file", "no certificate", "kafka.ca_file {}: ", id="no authority"),
        pytest.param("certificate_file", "no certificate", "kafka.certificate_file {}: no certificate", id="no one's"),
        pytest.param("key_file", "no key", "kafka.key_file {}: no private key", id="no key"),
        pytest.param("key_file", ENCRYPTED, "kafka.key_file: is encrypted; give one without a password", id="locked"),
        pytest.param("key_file", ANOTHER, "kafka.certificate_file {}: key values mismatch", id="another one's key"),
        pytest.param("key_file", None, "kafka.key_file {}: No such file or directory", id="nowhere"),
    ],
)
def test_a_file_that_is_none_is_refused(
    name: str, holds: str | None, complaint: str, files: dict[str, Any], tmp_path: Path
) -> None:
    """With its setting, before any connection; and nobody is asked for a password at a terminal."""
    wrong = tmp_path / "wrong.pem"
    if holds is not None:
        wrong.write_text(holds)
    blamed = files["certificate_file"] if holds == ANOTHER else wrong

    with pytest.raises(ValueError, match=rf"^{re.escape(complaint.format(blamed))}"):
        connection(Kafka(servers=SERVERS, security="SSL", **{**files, name: str(wrong)}))


@dataclass
class Taciturn:
    """A server that says what it can, and nothing else any more."""

    address: str = ""
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """For who is in the cluster."""
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """By the client."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer ApiVersions (key 18) as Kafka's protocol guide has it: Metadata (key 3) is known, and no more."""
        try:
            while True:
                (size,) = struct.unpack(">i", await reader.readexactly(4))
                key, _, number = struct.unpack_from(">hhi", await reader.readexactly(size))
                if key == 18:
                    answer = struct.pack(">ihi6h", number, 0, 2, 18, 0, 0, 3, 0, 5)
                    writer.write(struct.pack(">i", len(answer)) + answer)
                else:
                    self.asked.set()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.left.set()
        finally:
            writer.close()


@asynccontextmanager
async def taciturn() -> AsyncIterator[Taciturn]:
    """Yield one that listens."""
    made = Taciturn()
    async with await asyncio.start_server(made.serve, "127.0.0.1", 0) as server:
        made.address = "127.0.0.1:{}".format(*server.sockets[0].getsockname()[1:])
        yield made


def client(arguments: dict[str, Any]) -> Ways:
    """Return how a bare client begins and ends."""
    one = AIOKafkaClient(**arguments)
    return one.bootstrap, one.close


def consumer(arguments: dict[str, Any]) -> Ways:
    """Return how a consumer begins and ends."""
    one = AIOKafkaConsumer(**arguments)
    return one.start, one.stop


def producer(arguments: dict[str, Any]) -> Ways:
    """Return how a producer begins and ends."""
    one = AIOKafkaProducer(**arguments)
    return one.start, one.stop


def admin(arguments: dict[str, Any]) -> Ways:
    """Return how an administrator begins and ends."""
    one = AIOKafkaAdminClient(**arguments)
    return one.start, one.close


@pytest.mark.parametrize("made", [client, consumer, producer, admin])
async def test_a_beginning_that_is_cut_short_leaves_nothing_open(made: Callable[[dict[str, Any]], Ways]) -> None:
    """Also where the first server was asked for the others already: nobody else knows of that connection."""
    async with taciturn() as server:
        begin, end = made(connection(Kafka(servers=(server.address,), request_timeout_s=60)))
        beginning = asyncio.create_task(begun(begin))
        await server.asked.wait()
        beginning.cancel()
        (outcome,) = await asyncio.gather(beginning, return_exceptions=True)
        # The error is held, and what stands in its frames with it: nothing of it was tidied up by the collector.
        await server.left.wait()
        await end()

    assert isinstance(outcome, asyncio.CancelledError)
