"""Who we are and what we may: refused, said by its own reason, and good again once it is granted."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiokafka.errors import SaslAuthenticationFailed

from receiver.forward import check_topics, create_topics
from schemas.ids import Position
from schemas.settings import Kafka, Secret
from schemas.topics import LIFECYCLE, TOPICS, UNRECOGNISED
from tests.kafka.broker import Broker
from tests.kafka.configuration import free_port

from ..lines import Lines
from ..log.entries import entry
from .publishing import kafka_at, once, publishing, read, risen, topics_made

pytestmark = pytest.mark.kafka


def as_user(broker: Broker, prefix: str, **settings: Any) -> Kafka:
    """Return the settings of a receiver that comes in over TLS, with a name and a password."""
    login = {"security": "SASL_SSL", "user": "meetwire", "password": Secret("right"), "ca_file": str(broker.ca_file)}
    return kafka_at(broker.secure_bootstrap, prefix, **login | {"topics": "check"} | settings)


async def allowed(broker: Broker, prefix: str, *operations: str, user: str = "meetwire") -> None:
    """Let a user do this with our topics."""
    first, *others = (prefix + name for name in TOPICS)
    await broker.allow(user, *operations, on="topic", name=first, more=others)


def failed(reason: str, kind: str) -> dict[str, object]:
    """Return the line that says so."""
    return {"event": "forwarder.failed", "log_level": "warning", "reason": reason, "kind": kind, "position": 1}


async def test_who_may_publishes(secured: Broker, topic_prefix: str, tmp_path: Path, lines: Lines) -> None:
    """Over TLS, with a password, and with no more than the right to write these topics."""
    await topics_made(secured.bootstrap, topic_prefix)
    await allowed(secured, topic_prefix, "Write")
    async with publishing(tmp_path, as_user(secured, topic_prefix)) as parts:
        await parts.log.append(entry(1))
        await parts.forwarder.reached(Position(1))

    assert risen(await read(secured.bootstrap, topic_prefix)) == once(entry(1).records)
    assert lines == [{"event": "forwarder.connected", "log_level": "info", "position": 1}]


@pytest.mark.parametrize(
    ("writes", "kind"),
    [
        pytest.param((), "ClusterAuthorizationFailedError", id="none"),
        pytest.param((UNRECOGNISED,), "TopicAuthorizationFailedError", id="the other topic"),
    ],
)
async def test_a_right_that_is_granted_later_is_used(
    secured: Broker, topic_prefix: str, tmp_path: Path, lines: Lines, writes: tuple[str, ...], kind: str
) -> None:
    """Shown the topics and allowed to write none, or another: said; allowed: published, without a restart."""
    user = f"user-{len(writes)}"
    await topics_made(secured.bootstrap, topic_prefix)
    await allowed(secured, topic_prefix, "Describe", user=user)
    for topic in writes:
        await secured.allow(user, "Write", on="topic", name=topic_prefix + topic)
    async with publishing(tmp_path, as_user(secured, topic_prefix, user=user)) as parts:
        await parts.log.append(entry(1))
        first = await lines.said("forwarder.failed")
        await secured.allow(user, "Write", on="topic", name=topic_prefix + LIFECYCLE)
        await parts.forwarder.reached(Position(1))

    assert risen(await read(secured.bootstrap, topic_prefix)) == once(entry(1).records)
    assert first == failed("not_authorised", kind)
    assert lines[-1] == {
        "event": "forwarder.recovered",
        "log_level": "info",
        "reason": "not_authorised",
        "position": 2,
    }


async def test_topics_that_are_not_shown_are_missing(
    secured: Broker, topic_prefix: str, tmp_path: Path, lines: Lines
) -> None:
    """Kafka does not tell a topic that is not there from one that is not ours to see; nor can we."""
    await topics_made(secured.bootstrap, topic_prefix)
    await secured.allow("stranger", "Write", on="topic", name="elsewhere")
    async with publishing(tmp_path, as_user(secured, topic_prefix, user="stranger")) as parts:
        line = await lines.said("forwarder.failed")
        position = parts.forwarder.position

    assert (line, position) == (failed("topic_missing", "TopicsMissing"), 1)


async def test_who_may_not_create_is_told(secured: Broker, topic_prefix: str, tmp_path: Path, lines: Lines) -> None:
    """With topics = "create" and without the right to, the reason is the right and not the topic."""
    async with publishing(tmp_path, as_user(secured, topic_prefix, topics="create")):
        line = await lines.said("forwarder.failed")

    assert line == failed("not_authorised", "TopicAuthorizationFailedError")


async def test_a_wrong_password_is_told(secured: Broker, topic_prefix: str, tmp_path: Path, lines: Lines) -> None:
    """Not as a broker that is not there."""
    async with publishing(tmp_path, as_user(secured, topic_prefix, password=Secret("wrong"))):
        line = await lines.said("forwarder.failed")

    assert line == failed("not_authorised", "SaslAuthenticationFailed")


async def test_another_password_is_used_from_the_next_try_on(
    secured: Broker, topic_prefix: str, tmp_path: Path, lines: Lines
) -> None:
    """A password that was mended needs no restart."""
    await topics_made(secured.bootstrap, topic_prefix)
    await allowed(secured, topic_prefix, "Write")
    async with publishing(tmp_path, as_user(secured, topic_prefix, password=Secret("wrong"))) as parts:
        await parts.log.append(entry(1))
        await lines.said("forwarder.failed", reason="not_authorised")
        parts.forwarder.replace_login(as_user(secured, topic_prefix))
        await parts.forwarder.reached(Position(1))

    assert risen(await read(secured.bootstrap, topic_prefix)) == once(entry(1).records)


async def test_a_certificate_of_another_authority_is_told(
    secured: Broker, topic_prefix: str, tmp_path: Path, lines: Lines
) -> None:
    """No check is ever off: who cannot show a certificate that we trust gets no password and no record."""
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    async with publishing(tmp_path / "log", as_user(secured, topic_prefix, ca_file=str(other))):
        line = await lines.said("forwarder.failed")

    assert line == failed("tls", "SSLCertVerificationError")


async def test_a_server_of_another_name_is_told(tmp_path: Path, lines: Lines) -> None:
    """A good certificate for somebody else is none."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("kafka.example").configure_cert(tls)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=tls)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        settings = kafka_at(address, "", security="SSL", ca_file=str(tmp_path / "ca.pem"))
        async with publishing(tmp_path / "log", settings):
            line = await lines.said("forwarder.failed")

    assert line == failed("tls", "SSLCertVerificationError")


async def test_a_listener_without_tls_is_told(secured: Broker, topic_prefix: str, tmp_path: Path, lines: Lines) -> None:
    """Where TLS is asked for and the port speaks plainly, nothing is sent."""
    settings = as_user(secured, topic_prefix, servers=(secured.bootstrap,))
    async with publishing(tmp_path, settings):
        line = await lines.said("forwarder.failed")

    # A Kafka that reads the beginning of TLS as the length of a request ends the connection.
    assert line == failed("unreachable", "ConnectionResetError")


async def test_the_commands_are_told_the_same(secured: Broker, topic_prefix: str) -> None:
    """`meetwire topics` speaks through the same connection, with the cause and not its consequence."""
    with pytest.raises(SaslAuthenticationFailed):
        await check_topics(as_user(secured, topic_prefix, password=Secret("wrong")))
    with pytest.raises(ConnectionRefusedError):
        await create_topics(as_user(secured, topic_prefix, servers=(f"127.0.0.1:{free_port()}",)))
