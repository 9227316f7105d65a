"""The settings, table by table, as an operator writes them in meetwire.toml.

Every default is one that holds on one machine. A secret has a type of its own, so that masking never rests on a
guess from a name. Reading files and the environment is deploy's work; here is what fits.
"""

import re
from ipaddress import ip_network
from os.path import normpath
from pathlib import PurePath
from typing import Annotated, Final, Literal

import msgspec

from .base import Settings
from .notify import Notify
from .secret import Secret as Secret

# A description is what an error message says after "must be".
_PORT: Final = "([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
Address = Annotated[
    str,
    msgspec.Meta(pattern=rf"^(\[[0-9A-Fa-f:.]+\]|[^:\[\]/\s]*):{_PORT}$", description="host:port, IPv6 as [::1]:port"),
]
"""Port 0 lets the system choose one; no host listens on every address."""

WebPath = Annotated[str, msgspec.Meta(pattern=r"^/[!-~]*$", description="a path that begins with /")]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
Days = Annotated[float, msgspec.Meta(gt=0, le=36_500)]


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
        if (self.tls_certificate_file is None) != (self.tls_key_file is None):
            raise ValueError("tls_certificate_file and tls_key_file go together")
        if not self.paths:
            raise ValueError("paths needs one path at least")
        _check_networks("trusted_proxies", self.trusted_proxies)
        _check_networks("allow_from", self.allow_from)


def _check_networks(name: str, networks: tuple[str, ...]) -> None:
    for network in networks:
        try:
            ip_network(network)
        except ValueError:
            raise ValueError(f"{name}: each must be a network such as 10.0.0.0/8 or an address") from None


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
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificate_file and key_file go together")


class Admin(Settings, frozen=True, kw_only=True):
    """/healthz, /readyz and /metrics; never on the public listener."""

    listen: Address = "127.0.0.1:9464"


class Logging(Settings, frozen=True, kw_only=True):
    """How the program speaks of itself, on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    form: Literal["auto", "json", "text"] = "auto"
    """auto: text on a terminal, JSON elsewhere."""


class App(Settings, frozen=True, kw_only=True):
    """App ID authentication of one enterprise: REST calls and meeting pushes. Without it there are neither."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    keys: tuple[Secret, ...] = ()
    """App Keys; several while one is being replaced: the next is tried where one is refused."""
    keys_file: str | None = None
    api: Annotated[
        str, msgspec.Meta(pattern=r"^https?://[^\s/?#@]+$", description="https://host or https://host:port")
    ] = "https://api.meeting.huaweicloud.com"
    service_provider: bool = False
    """The App ID is a service provider's; then `corp_id` names an enterprise of its."""
    corp_id: str | None = None
    user_id: str | None = None
    """Act as this user; none: as the enterprise's default administrator, who sees all meetings."""
    proxy: Annotated[str, msgspec.Meta(pattern=r"^http://[^\s/?#@]+$", description="http://host:port")] | None = None
    """On the way out, for REST calls and sockets. Without a user: a password in it would be shown with the rest."""
    ca_file: str | None = None
    """Whom to trust besides the system's authorities."""
    server_name: str | None = None
    """The name in the certificate of the address that the service hands out for sockets, where that is an IP."""
    request_timeout_s: Annotated[float, msgspec.Meta(ge=0.5, le=300)] = 10.0

    def __post_init__(self) -> None:
        """Check what goes together. Raises ValueError."""
        if not self.keys:
            raise ValueError("needs keys or keys_file: without one nothing can be signed")
        if self.corp_id is not None and not self.service_provider:
            raise ValueError("corp_id goes with service_provider = true; of one enterprise's own App ID it is refused")


class Subscriber(Settings, frozen=True, kw_only=True):
    """Which meetings are listened to, and how. For enterprises with a table `app`."""

    enabled: bool = True
    captions: Literal["when-running", "always", "never"] | tuple[str, ...] = "when-running"
    """when-running: take them where somebody switched them on. always: switch them on. never. Or switch them on in
    these meetings: IDs, or patterns for the subject with * and ?."""
    quality: Literal["auto", "push", "rest", "off"] = "auto"
    """auto: pushed where it comes, asked for where it does not."""
    quality_calls_per_minute: Annotated[int, msgspec.Meta(ge=1, le=6_000)] = 60
    """What asking for quality may cost of the service's budget, for each enterprise."""
    quality_every_s: Seconds = 60.0
    """How often each participant is asked for, where the calls suffice; each answer tells of all the time between."""
    discover_every_s: Seconds = 60.0
    """How often the list of online meetings is asked for, so that a lost push heals."""
    skip: tuple[str, ...] = ()
    """Meetings that nobody may listen to: IDs, patterns for the subject, or schedulers' names."""
    connects_per_s: Annotated[float, msgspec.Meta(gt=0, le=1_000)] = 50.0
    max_subscriptions: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 10_000
    heartbeat_s: Annotated[float, msgspec.Meta(ge=1, le=170)] = 60.0
    """The service closes a socket after 180 s without one."""
    stands_s: Seconds = 21_600.0
    """How long a receiver that cannot reach Kafka's group goes on with the meetings that it had; a new owner may have
    them meanwhile. Longer than Kafka is away, else nobody listens to them."""
    mask_contacts: bool = False
    """Publish phone numbers and e-mail addresses masked."""
    max_frame_bytes: Annotated[int, msgspec.Meta(ge=65_536, le=268_435_456)] = 33_554_432
    """A webinar's whole roster can take 16 MiB."""


class Enterprise(Settings, frozen=True, kw_only=True):
    """One enterprise of the service, as its page 会议事件推送 was filled in."""

    name: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$", description="up to 63 lower-case letters, digits, dots, _ and -"
        ),
    ]
    subscriber_id: Annotated[str, msgspec.Meta(min_length=1, max_length=256)] | None = None
    """`appID` in the body of an enterprise push; none where there is no such push, and an App ID alone."""
    callback_passwords: tuple[Secret, ...] = ()
    """Several while one is being replaced."""
    callback_passwords_file: str | None = None
    app: App | None = None
    """Works with or without callback passwords: the list of online meetings tells of them too."""

    def __post_init__(self) -> None:
        """Refuse an enterprise whose pushes nobody could check. Raises ValueError."""
        if not self.callback_passwords and self.app is None:
            raise ValueError("needs callback_passwords or callback_passwords_file: without one nothing can be verified")
        if self.callback_passwords and self.subscriber_id is None:
            raise ValueError("needs subscriber_id: an enterprise push is known by it")


StoreAddress = Annotated[
    str,
    msgspec.Meta(pattern=r"^(file:.+|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?)$", description="file:… or s3://…"),
]
KeepRule = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(enterprise|meeting|scheduler|subject):.+$",
        description="enterprise:…, meeting:…, scheduler:… or subject:…, with * and ?",
    ),
]


class Captions(Settings, frozen=True, kw_only=True):
    """The captions archive. Without this table: none."""

    store: StoreAddress = "file:data/archive"
    """A folder, or a bucket of S3-compatible storage with a prefix."""
    name: Annotated[
        str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._/-]{0,100}$", description="lower-case letters, digits, . _ / -")
    ] = "meetwire-archive"
    """Stands in every checkpoint: choose one that is nobody else's, such as archive.example.com/captions."""
    spool_folder: str = "data/archive-spool"
    """What is not in the store yet. Durable too: on a disk that stays."""
    spool_bytes: Annotated[int, msgspec.Meta(ge=1_048_576)] = 10_737_418_240
    """While the store is away: how large the spool may grow before nothing more is read."""
    index_file: str = "data/archive-index.sqlite"
    """For searching; derived, made anew where it is missing. It holds the words: as secret as the archive."""
    signing_key_file: str = "data/archive.key"
    """Made at the first start."""
    witness: tuple[str, ...] = ()
    """Where checkpoints are copied to: file:…, s3://…, https://…; out of the reach of who runs this machine."""
    keep: Literal["all", "none"] | tuple[KeepRule, ...] = "all"
    """Which meetings are kept; a rule that fits is enough."""
    leave: tuple[KeepRule, ...] = ()
    """Which are not, whatever `keep` says."""
    retention_days: Days = 2555
    """Seven years, as SEC 17a-4 has it for broker-dealers' communications at the longest; then erased."""
    encryption_key_file: str | None = None
    """A master key: 32 bytes in base64. With it every line and file is sealed under a data key of its meeting."""
    keys_store: StoreAddress = "file:data/archive-keys"
    """Where wrapped data keys lie; never in a bucket that is locked."""
    segment_s: Annotated[float, msgspec.Meta(ge=1, le=86_400)] = 300.0
    """A segment of evidence spans no more, by the records' times. After a crash so much is read once more."""
    segment_bytes: Annotated[int, msgspec.Meta(ge=65_536, le=1_073_741_824)] = 67_108_864
    close_after_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 60.0
    """How long after a meeting's end its files are written: late captions are in them."""
    silent_after_h: Annotated[float, msgspec.Meta(gt=0, le=24 * 31)] = 12.0
    """A meeting of which nothing has come for so long is taken for over."""
    endpoint: str | None = None
    """Of S3-compatible storage, https://…; none: AWS."""
    region: str = "us-east-1"
    credentials_file: str | None = None
    """Two lines: access key ID, secret access key. None: as boto3 finds them."""
    ca_file: str | None = None
    encryption_at_store: Literal["none", "AES256", "aws:kms"] = "none"
    encryption_at_store_key: str | None = None
    object_lock: Literal["off", "governance", "compliance"] = "off"
    """Let the store refuse deletion until retention is over."""
    request_timeout_s: Seconds = 30.0

    def __post_init__(self) -> None:
        """Check what goes together. Raises ValueError."""
        remote = self.store.startswith("s3://")
        if self.keep == ():
            raise ValueError('keep = [] keeps nothing: say keep = "none" if that is meant, or name rules')
        if self.object_lock != "off" and not remote:
            raise ValueError("object_lock needs a store s3://…: a folder cannot refuse")
        if self.object_lock == "compliance" and self.encryption_key_file is None:
            raise ValueError(
                "object_lock compliance needs encryption_key_file: nothing can be deleted there, "
                "so a lawful erasure is possible only by erasing keys"
            )
        if self.object_lock != "off" and _same_bucket(self.store, self.keys_store):
            raise ValueError("keys_store must be outside the locked bucket: keys must be erasable")
        if self.encryption_at_store_key is not None and self.encryption_at_store != "aws:kms":
            raise ValueError('encryption_at_store_key needs encryption_at_store = "aws:kms"')
        for witness in self.witness:
            if _WITNESS.match(witness) is None:
                raise ValueError("witness: each must be file:…, s3://… or https://…")
        if not remote:
            self._refuse_within(self.store)

    def _refuse_within(self, store: str) -> None:
        """Refuse what must not come with every copy of the store's folder: keys and words; and a witness in it."""
        places = [
            ("spool_folder", self.spool_folder),
            ("index_file", self.index_file),
            ("signing_key_file", self.signing_key_file),
            ("encryption_key_file", self.encryption_key_file or ""),
            *(("keys_store", place) for place in (self.keys_store,) if place.startswith("file:")),
            *(("witness", place) for place in self.witness if place.startswith("file:")),
        ]
        folder = _path(store)
        for name, place in places:
            if place and _path(place).is_relative_to(folder):
                raise ValueError(f"{name} must not be within the store {store}: whoever gets a copy would get it too")


_WITNESS: Final = re.compile(r"file:.|s3://|https://|http://127\.0\.0\.1(?::[0-9]+)?(?:/|\Z)")


def _path(place: str) -> PurePath:
    return PurePath(normpath(place.removeprefix("file:")))


def _same_bucket(one: str, other: str) -> bool:
    return one.startswith("s3://") and one.split("/")[:3] == other.split("/")[:3]


class Qos(Settings, frozen=True, kw_only=True):
    """Quality alerts. Without this table: none."""

    rules_file: str | None = None
    """None: the rules that ship, deploy/qos.toml."""
    state_folder: str = "data/qos"
    """Snapshots, and what is to be sent; on a disk that stays."""
    look_back_h: Annotated[float, msgspec.Meta(ge=0, le=24 * 7)] = 2.0
    """Without a snapshot that fits, how much of the topics is read again before anything is decided."""
    snapshot_every_s: Annotated[float, msgspec.Meta(ge=1, le=3_600)] = 60.0
    silent_after_s: Annotated[float, msgspec.Meta(ge=30, le=86_400)] = 60.0
    """No receiver's sign of life for so long, by our own clock: that is an alert by itself."""
    listen: Address | None = None
    """Where silences, acknowledgements and tests are taken; None: nowhere."""
    tokens: tuple[Secret, ...] = ()
    """Whoever shows one of them may do so."""
    tokens_file: str | None = None
    notify: tuple[Notify, ...] = ()
    """The channels; none: alerts are on the topic alone."""

    def __post_init__(self) -> None:
        """Check what goes together. Raises ValueError."""
        if self.listen is not None and not self.tokens:
            raise ValueError("listen needs tokens or tokens_file: else anybody may silence alerts")
        names = [channel.name for channel in self.notify]
        if len(names) != len(set(names)):
            raise ValueError("notify: two have the same name")


class Dashboard(Settings, frozen=True, kw_only=True):
    """The dashboard. Without this table: none."""

    listen: Address = "127.0.0.1:8090"
    public_url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/?#@]+$", description="https://host")] | None = None
    """What people type; behind a proxy it is another than `listen`. With https cookies go over TLS alone."""
    users_file: str = "data/dashboard-users.json"
    """Who may log in: `meetwire users`. Several replicas share one."""
    tls_certificate_file: str | None = None
    tls_key_file: str | None = None
    proxy_from: tuple[str, ...] = ()
    """Networks of trusted proxies, whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    proxy_header: (
        Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9-]{1,64}$", description="a header's name")] | None
    ) = None
    """The header in which these name who is logged in, of single sign-on. They must take it out of what comes in."""
    proxy_role: Literal["viewer", "none"] = "viewer"
    """What somebody is whom the proxy names and the users file does not."""
    look_back_h: Annotated[float, msgspec.Meta(gt=0, le=24 * 31)] = 26.0
    """How far back it reads at its start: a meeting lasts 24 h at the most, unless it is extended."""
    max_readers: Positive = 1_000
    """Open pages and streams at once."""

    def __post_init__(self) -> None:
        """Check what goes together. Raises ValueError."""
        if (self.tls_certificate_file is None) != (self.tls_key_file is None):
            raise ValueError("tls_certificate_file and tls_key_file go together")
        if self.proxy_header is not None and not self.proxy_from:
            raise ValueError("proxy_header needs proxy_from: else anybody could say who he is")
        _check_networks("proxy_from", self.proxy_from)


class Root(Settings, frozen=True, kw_only=True):
    """The whole file."""

    webhook: Webhook = Webhook()
    log: Log = Log()
    kafka: Kafka | None = None
    admin: Admin = Admin()
    logging: Logging = Logging()
    subscriber: Subscriber = Subscriber()
    captions: Captions | None = None
    qos: Qos | None = None
    dashboard: Dashboard | None = None
    enterprises: tuple[Enterprise, ...] = ()

    def __post_init__(self) -> None:
        """Check across tables. Raises ValueError."""
        if self.webhook.answer_after == "kafka" and self.kafka is None:
            raise ValueError('webhook.answer_after = "kafka" needs a table [kafka]')
        for what in ("name", "subscriber_id"):
            values = [getattr(enterprise, what) for enterprise in self.enterprises]
            seen = [value for value in values if value is not None]
            if len(seen) != len(set(seen)):
                raise ValueError(f"enterprises: two have the same {what}")


DEFAULT_PARTITIONS: Final = 12
