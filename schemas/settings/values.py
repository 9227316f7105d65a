"""The kinds of value that settings are made of, each with what an error message says after "must be"."""

from ipaddress import ip_network
from typing import Annotated, Final

import msgspec

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


def check_networks(name: str, networks: tuple[str, ...]) -> None:
    """Check that each is a network or an address. Raises ValueError."""
    for network in networks:
        try:
            ip_network(network)
        except ValueError:
            raise ValueError(f"{name}: each must be a network such as 10.0.0.0/8 or an address") from None


def check_pair(certificate: str | None, key: str | None, prefix: str = "") -> None:
    """Check that a certificate has its key, and the other way round. Raises ValueError."""
    if (certificate is None) != (key is None):
        raise ValueError(f"{prefix}certificate_file and {prefix}key_file go together")
