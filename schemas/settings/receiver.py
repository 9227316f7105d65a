"""The receiver's tables: where pushes come in, the log, Kafka, the admin listener, and how the program speaks."""

from typing import Annotated, Final, Literal

import msgspec

from ..base import Settings
from ..secret import Secret
from .values import Address, Days, Positive, Seconds, WebPath, check_networks, check_pair

DEFAULT_PARTITIONS: Final = 12


class Webhook(Settings, frozen=True, kw_only=True):
    """Where the service posts to, and what a delivery may cost."""

    listen: Address = "127.0.0.1:8080"
    paths: tuple[WebPath, ...] = ("/openapi/meetingevent",)
    """All of them take pushes: whether the service appends /openapi/meetingevent to its URL is not known."""
    answer_after: Literal["disk", "kafka"] = "disk"
    deadline_s: Annotated[float, msgspec.Meta(gt=0, le=25)] = 5.0
    """Until an answer is 503. Below the service's 30 s between tries."""
    max_body_bytes: Annotated[int, msgspec.Meta(ge=1_024, le=16_777_216)] = 1_048_576
    max_in_flight: Positive = 256
    max_connections: Positive = 15_000
    head_timeout_s: Seconds = 10.0
    body_timeout_s: Seconds = 10.0
    idle_timeout_s: Seconds = 75.0
    """How long a connection without a request stays; longer than common proxies keep theirs."""
    tls_certificate_file: str | None = None
    tls_key_file: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    """Networks whose X-Forwarded-For is believed."""
    allow_from: tuple[str, ...] = ()
    """Networks that may post at all; empty: every one. The service's own addresses are not documented."""

    def __post_init__(self) -> None:
        """Check what a pattern cannot. Raises ValueError."""
        check_pair(self.tls_certificate_file, self.tls_key_file, "tls_")
        if not self.paths:
            raise ValueError("paths needs one path at least")
        check_networks("trusted_proxies", self.trusted_proxies)
        check_networks("allow_from", self.allow_from)


class Log(Settings, frozen=True, kw_only=True):
    """The local log: outbox, spool and, on one machine, what consumers read."""

    folder: str = "data/log"
    retry_horizon_h: Annotated[float, msgspec.Meta(ge=24, le=24 * 31)] = 25
    """How long an id is remembered, and how old a push may be. The service retries for 24 h."""
    retention_days: Days = 7
    """Without Kafka: how long records stay. With it they go once Kafka and every local reader have them."""
    retention_bytes: Annotated[int, msgspec.Meta(ge=16_777_216)] = 10_737_418_240
    """Without Kafka: how large the log may grow before the oldest records go."""
    forget_reader_days: Days = 3
    """A local reader that has not been seen for so long holds up nothing any more; a warning says so."""
    min_free_bytes: Annotated[int, msgspec.Meta(ge=0)] = 67_108_864
    """Less free space than this and pushes are answered 503, before the disk is full for everybody else too."""
    reserve_bytes: Annotated[int, msgspec.Meta(ge=0)] = 201_326_592
    """Not so much above that: speakers and quality of meetings are given up, what room there is is for all the rest."""


class Kafka(Settings, frozen=True, kw_only=True):
    """Where the log is published to. Without this table: nowhere."""

    servers: Annotated[tuple[Address, ...], msgspec.Meta(min_length=1)]
    security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    user: str | None = None
    password: Secret | None = None
    password_file: str | None = None
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    partitions: Annotated[int, msgspec.Meta(ge=1, le=1_024)] = 12
    replication: Annotated[int, msgspec.Meta(ge=1, le=32)] = 1
    topic_prefix: Annotated[
        str,
        msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{0,100}$", description="up to 100 letters, digits, dots, _ and -"),
    ] = ""
    topics: Literal["create", "check"] = "create"
    """At start: create what is missing, or only say what is."""
    request_timeout_s: Annotated[float, msgspec.Meta(ge=0.5, le=300)] = 10.0
    """After so long without an acknowledgement the connection is given up and made anew."""
    max_behind_s: Seconds = 300.0
    """A record that waits longer for Kafka makes /readyz say no."""

    def __post_init__(self) -> None:
        """Check what goes together. Raises ValueError."""
        if self.security.startswith("SASL") and (self.user is None or self.password is None):
            raise ValueError(f"security {self.security} needs user and password")
        check_pair(self.certificate_file, self.key_file)


class Admin(Settings, frozen=True, kw_only=True):
    """/healthz, /readyz and /metrics; never on the public listener."""

    listen: Address = "127.0.0.1:9464"


class Logging(Settings, frozen=True, kw_only=True):
    """How the program speaks of itself, on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    form: Literal["auto", "json", "text"] = "auto"
    """auto: text on a terminal, JSON elsewhere."""
