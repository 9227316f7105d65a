"""Who posts: the address behind trusted proxies, and whether it may. Pure."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_Network = IPv4Network | IPv6Network
_Address = IPv4Address | IPv6Address


class Peers:
    """The networks of the settings."""

    def __init__(self, *, trusted_proxies: Sequence[str], allow_from: Sequence[str]) -> None:
        self._proxies = [ip_network(network) for network in trusted_proxies]
        self._allowed = [ip_network(network) for network in allow_from]

    def address(self, remote: str | None, forwarded_for: Sequence[str]) -> str | None:
        """Return the nearest address that is no trusted proxy; X-Forwarded-For counts only behind one.

        `forwarded_for` is that header as often as it came. Read from the right: whoever is left of an untrusted address
        could have made up what it says. None where a trusted proxy names something that is no address.
        """
        nearest = _parse(remote)
        hops = [hop.strip() for hop in ",".join(forwarded_for).split(",") if hop.strip()]
        while hops and nearest is not None and _within(nearest, self._proxies):
            nearest = _parse(hops.pop())
        return None if nearest is None else str(nearest)

    def may_post(self, address: str | None) -> bool:
        """Return whether `allow_from` is empty or holds the address."""
        if not self._allowed:
            return True
        parsed = _parse(address)
        return parsed is not None and _within(parsed, self._allowed)


def _within(address: _Address, networks: Sequence[_Network]) -> bool:
    return any(address in network for network in networks)


def _parse(text: str | None) -> _Address | None:
    try:
        address = ip_address(text or "")
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
