"""Translate the table [kafka] into the arguments of aiokafka's producer, consumer and admin client alike; begin one.

In schemas, since the receiver and the consumers need the same and import neither each other nor a third. It reads
the certificate files; everything else is pure. No TLS check is ever off.
"""

import ssl
from collections.abc import Awaitable, Callable
from traceback import walk_tb
from typing import Any

from .settings import Kafka
from .tls import load_certificate, unilateral


def connection(kafka: Kafka) -> dict[str, Any]:
    """Return the keyword arguments. Raises ValueError, naming the setting, for what does not go together."""
    _refuse_strays(kafka)
    arguments: dict[str, Any] = {
        "bootstrap_servers": list(kafka.servers),
        "client_id": "meetwire",
        "security_protocol": kafka.security,
        "request_timeout_ms": int(kafka.request_timeout_s * 1_000),
    }
    if kafka.security.endswith("SSL"):
        arguments["ssl_context"] = _ssl_context(kafka)
    if kafka.security.startswith("SASL"):
        arguments |= _login(kafka)
    return arguments


def topic_name(kafka: Kafka, topic: str) -> str:
    """Return what Kafka calls our `topic` in this installation."""
    return kafka.topic_prefix + topic


async def begun(begin: Callable[[], Awaitable[object]]) -> None:
    """Have a client of aiokafka begin (its `start`, or a bare client's `bootstrap`); raise what that raises.

    Where it is cancelled meanwhile, by a stop or a time that is over, it leaves no connection open that nobody knows:
    aiokafka asks the first server for the others over one that only a variable of its bootstrap holds. All others are
    the client's, which its own end closes.
    """
    try:
        await begin()
    except BaseException as error:
        for frame, _ in walk_tb(error.__traceback__):
            if (first := frame.f_locals.get("bootstrap_conn")) is not None:
                first.close()
        raise


def _refuse_strays(kafka: Kafka) -> None:
    # A setting that would be ignored is one that the operator believes in.
    if not kafka.security.endswith("SSL"):
        for name in ("ca_file", "certificate_file", "key_file"):
            if getattr(kafka, name) is not None:
                raise ValueError(f"kafka.{name} needs security SSL or SASL_SSL, not {kafka.security}")
    if not kafka.security.startswith("SASL"):
        for name in ("user", "password", "password_file"):
            if getattr(kafka, name) is not None:
                raise ValueError(f"kafka.{name} needs security SASL_PLAINTEXT or SASL_SSL, not {kafka.security}")


def _login(kafka: Kafka) -> dict[str, str]:
    if kafka.user is None or kafka.password is None:  # pragma: no cover -- the settings refuse it; types cannot tell
        raise ValueError("kafka needs user and password")
    return {
        "sasl_mechanism": kafka.mechanism,
        "sasl_plain_username": kafka.user,
        "sasl_plain_password": kafka.password.reveal(),
    }


def _ssl_context(kafka: Kafka) -> ssl.SSLContext:
    try:
        context = unilateral(ssl.create_default_context(cafile=kafka.ca_file))
    except OSError as error:  # ssl.SSLError is one
        raise ValueError(f"kafka.ca_file {kafka.ca_file}: {error.strerror or error}") from None
    if kafka.certificate_file is not None and kafka.key_file is not None:
        load_certificate(context, "kafka.", kafka.certificate_file, kafka.key_file)
    return context
