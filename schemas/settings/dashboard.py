"""[dashboard]: where it listens, and whom it believes about who somebody is."""

from typing import Annotated, Literal

import msgspec

from ..base import Settings
from ..secret import Secret
from .values import Address, Positive, check_networks, check_pair


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
    alerts_url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/?#@]+$", description="https://host")] | None = None
    """Of the process that decides alerts, where it is on another machine: what its `listen` is from here."""
    alerts_token: Secret | None = None
    """One of its `tokens`."""
    alerts_token_file: str | None = None

    def __post_init__(self) -> None:
        """Check what goes together. Raises ValueError."""
        if (self.alerts_url is None) != (self.alerts_token is None):
            raise ValueError("alerts_url and alerts_token go together")
        check_pair(self.tls_certificate_file, self.tls_key_file, "tls_")
        if self.proxy_header is not None and not self.proxy_from:
            raise ValueError("proxy_header needs proxy_from: else anybody could say who he is")
        check_networks("proxy_from", self.proxy_from)
