"""How often somebody may guess: failures by user and by address, within a quarter of an hour. Pure.

Who has failed too often waits, and what waits is the pair of user and address, or the address; a user alone waits only
after very many, so that a stranger who knows his name cannot keep him out for long from where he is. Of IPv6 an address
is its /64: who has one of these has all of it. Bounded: of more addresses than are remembered those that failed longest
ago are forgotten.
"""

from collections import OrderedDict, deque
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

WINDOW_S: Final = 900.0
_PAIR: Final = 5
_ADDRESS: Final = 20
_USER: Final = 100
_REMEMBERED: Final = 10_000


class Guesses:
    """Failures, by whom."""

    def __init__(self) -> None:
        self._failed: OrderedDict[tuple[str, ...], deque[float]] = OrderedDict()

    def wait_s(self, user: str, address: str, now_s: float) -> int | None:
        """Return for how long nobody may try that; None: he may."""
        waits = [self._wait_s(key, most, now_s) for key, most in _keys(user, address)]
        longest = max(waits)
        return int(longest) + 1 if longest > 0 else None

    def failed(self, user: str, address: str, now_s: float) -> None:
        """Count a failure."""
        for key, most in _keys(user, address):
            times = self._failed.setdefault(key, deque(maxlen=most))
            times.append(now_s)
            self._failed.move_to_end(key)
        while len(self._failed) > _REMEMBERED:
            self._failed.popitem(last=False)

    def succeeded(self, user: str, address: str) -> None:
        """Take back what was counted of a try that was none: forget the pair's failures, and this one of the others."""
        (pair, _), *_ = _keys(user, address)
        self._failed.pop(pair, None)
        self.untried(user, address)

    def untried(self, user: str, address: str) -> None:
        """Take back what was counted of a try of which nobody found out whether it was good."""
        for key, _ in _keys(user, address):
            times = self._failed.get(key)
            if times:
                times.pop()

    def _wait_s(self, key: tuple[str, ...], most: int, now_s: float) -> float:
        times = self._failed.get(key)
        if times is None or len(times) < most:
            return 0.0
        return times[0] + WINDOW_S - now_s


def _keys(user: str, address: str) -> tuple[tuple[tuple[str, ...], int], ...]:
    site = _site(address)
    return (("pair", user, site), _PAIR), (("address", site), _ADDRESS), (("user", user), _USER)


def _site(address: str) -> str:
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((int(known), 64), strict=False)) if isinstance(known, IPv6Address) else address
