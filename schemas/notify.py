"""[[qos.notify]]: the channels that alerts go to, as an operator writes them.

An address of a robot is a password too: whoever has it may write into the group. So it is a secret here.
"""

import re
from base64 import b64decode
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec.structs import force_setattr

from .base import Settings
from .rules import Severity
from .secret import Secret

Kind = Literal["alertmanager", "webhook", "dingtalk", "wecom", "feishu", "email"]

_Name = Annotated[
    str,
    msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="up to 63 lower-case letters, digits, _ and -"),
]
_URL: Final = r"^https?://[^\s@]+$"
_Url = Annotated[str, msgspec.Meta(pattern=_URL, description="https://host/path")]
_HostPort = Annotated[
    str, msgspec.Meta(pattern=r"^(\[[0-9A-Fa-f:.]+\]|[^:\[\]/\s]+):[0-9]{1,5}$", description="host:port")
]
_Mail = Annotated[
    str, msgspec.Meta(pattern=r"^[!-?A-~]+@[!-?A-~]+$", max_length=254, description="a bare address, name@example.com")
]
# What the robots let through, by their documentation; of the others what a person can bear or a machine likes.
PER_MINUTE: Final[dict[Kind, float]] = {
    "alertmanager": 600,
    "webhook": 600,
    "dingtalk": 18,
    "wecom": 18,
    "feishu": 60,
    "email": 10,
}


class Notify(Settings, frozen=True, kw_only=True):
    """One channel."""

    name: _Name = None  # type: ignore[assignment]  # the kind, once the rest is known
    """Stands in events, metrics and silences; a channel under another name is another one, told anew of what stands."""
    kind: Kind
    urls: tuple[_Url, ...] = ()
    """Of Alertmanager, each instance of a cluster: http://127.0.0.1:9093, with its prefix if it has one."""
    url: Secret | None = None
    """Of a webhook or a robot, as the group's settings show it, key and token included; of the only Alertmanager."""
    url_file: str | None = None
    secrets: tuple[Secret, ...] = ()
    """What messages are signed with: whsec_… of a webhook (several while one is replaced), SEC… of DingTalk, 签名校验
    of Feishu; WeCom signs nothing."""
    secrets_file: str | None = None
    server: _HostPort | None = None
    """Of e-mail: who takes it."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    """Of e-mail; of Alertmanager and a webhook where a proxy before them asks for one (basic authentication)."""
    password: Secret | None = None
    password_file: str | None = None
    sender: _Mail | None = None
    to: tuple[_Mail, ...] = ()
    ca_file: str | None = None
    """Whom to trust instead of the system's authorities."""
    proxy: Annotated[str, msgspec.Meta(pattern=r"^http://[^\s/?#@]+$", description="http://host:port")] | None = None
    """On the way out, for all but e-mail. Without a user: a password in it would be shown with the rest."""
    from_severity: Severity = "warning"
    """Nothing below it."""
    enterprises: tuple[str, ...] = ()
    """Patterns with * and ?; empty: all, and what concerns several."""
    updates: bool = False
    """Tell as well when more or fewer are concerned; what got worse is told anyway. Alertmanager has all."""
    language: Literal["zh", "en"] = "zh"
    time_zone: str = "Asia/Shanghai"
    title: Annotated[str, msgspec.Meta(max_length=40)] = "meetwire"
    """Begins every message: a robot that asks for a keyword finds it here."""
    link: _Url | None = None
    """Where more is to be seen; {alert} in it becomes the alert's ID."""
    per_minute: Annotated[float, msgspec.Meta(gt=0, le=6_000)] | None = None
    """No more messages than that; what has to wait is told together. None: as the kind's documentation has it."""
    timeout_s: Annotated[float, msgspec.Meta(ge=0.5, le=120)] = 10.0
    give_up_after_h: Annotated[float, msgspec.Meta(gt=0, le=24 * 7)] = 24.0
    """A channel that is away for longer misses what is older."""
    resend_s: Annotated[float, msgspec.Meta(ge=1, le=600)] = 60.0
    """How often Alertmanager is told again of what stands."""
    ends_after_s: Annotated[float, msgspec.Meta(ge=3, le=3_600)] = 300.0
    """Without hearing of it for so long Alertmanager takes an alert for resolved."""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of its readers."""
        return ZoneInfo(self.time_zone)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where each Alertmanager is, be it by `urls` or by `url`."""
        return self.urls if self.url is None else (self.url.reveal(),)

    def __post_init__(self) -> None:
        """Check what goes together. Raises ValueError."""
        if self.name is None:
            force_setattr(self, "name", self.kind)
        try:
            _ = self.zone
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("time_zone must be a name such as Asia/Shanghai") from None
        if (self.user is None) != (self.password is None):
            raise ValueError("user goes with password or password_file")
        if self.kind == "alertmanager":
            self._check_alertmanager()
        elif self.kind == "email":
            self._check_mail()
        else:
            self._check_posted()

    def _check_alertmanager(self) -> None:
        if not self.addresses:
            raise ValueError('kind "alertmanager" needs urls, or url for one')
        if self.urls and self.url is not None:
            raise ValueError("urls and url: one of the two")
        if not all(re.match(_URL, address) for address in self.addresses):
            raise ValueError("url must be https://host/path")
        self._check_login(*self.addresses)
        if self.ends_after_s < 2 * self.resend_s:
            raise ValueError("ends_after_s must be twice resend_s at least: one lost message must resolve nothing")

    def _check_mail(self) -> None:
        if self.server is None or self.sender is None or not self.to:
            raise ValueError('kind "email" needs server, sender and to')
        if self.proxy is not None:
            raise ValueError('kind "email" goes through no proxy')
        if self.user is not None and self.security == "none":
            raise ValueError('user needs security "starttls" or "tls": a password is never sent in the clear')

    def _check_posted(self) -> None:
        if self.url is None:
            raise ValueError(f'kind "{self.kind}" needs url or url_file')
        if urlsplit(self.url.reveal()).scheme not in ("http", "https"):
            raise ValueError("url must be https://…")
        self._check_login(self.url.reveal())
        if self.kind == "webhook" and (not self.secrets or not all(map(_is_webhook_key, self.secrets))):
            raise ValueError('kind "webhook" needs secrets or secrets_file: whsec_ and 24 to 64 bytes in base64')
        if self.kind in ("dingtalk", "feishu") and len(self.secrets) > 1:
            raise ValueError(f'kind "{self.kind}" has one secret')
        if self.kind == "wecom" and self.secrets:
            raise ValueError('kind "wecom" signs nothing: leave out secrets')

    def _check_login(self, *urls: str) -> None:
        if self.user is None:
            return
        if self.kind not in ("alertmanager", "webhook"):
            raise ValueError(f'kind "{self.kind}" has no user: leave out user and password')
        if ":" in self.user:
            raise ValueError("user cannot have a colon in it: it ends there (RFC 7617)")
        if not all(map(_is_private, urls)):
            raise ValueError("user needs https:// addresses, or loopback: a password is never sent in the clear")


def _is_private(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "::1", "localhost")


def _is_webhook_key(secret: Secret) -> bool:
    try:
        webhook_key(secret)
    except ValueError:
        return False
    return True


def webhook_key(secret: Secret) -> bytes:
    """Return the bytes of a secret of Standard Webhooks. Raises ValueError for what is none."""
    key = b64decode(secret.reveal().removeprefix("whsec_"), validate=True)
    if not 24 <= len(key) <= 64:
        raise ValueError("a key has 24 to 64 bytes")
    return key
