"""Whose address counts: proxies that are trusted, networks that may post."""

from __future__ import annotations

import pytest

from receiver.webhook.peer import Peers

from ..lines import lines_caught
from .serving import fresh, serving
from .test_answers import ACCEPTED, MALFORMED, answer

PROXIES = ("10.0.0.0/8", "fd00::/8")


@pytest.mark.parametrize(
    ("remote", "forwarded_for", "address"),
    [
        pytest.param("203.0.113.7", [], "203.0.113.7", id="nobody between"),
        pytest.param("203.0.113.7", ["198.51.100.1"], "203.0.113.7", id="a stranger who makes one up"),
        pytest.param("10.1.2.3", ["198.51.100.1"], "198.51.100.1", id="behind a proxy"),
        pytest.param("10.1.2.3", ["192.0.2.66, 198.51.100.1"], "198.51.100.1", id="behind a proxy, one made up"),
        pytest.param("10.1.2.3", ["198.51.100.1 , 10.9.9.9"], "198.51.100.1", id="behind two proxies"),
        pytest.param("10.1.2.3", ["198.51.100.1", "10.9.9.9"], "198.51.100.1", id="behind two that write a line each"),
        pytest.param("10.1.2.3", [], "10.1.2.3", id="the proxy itself"),
        pytest.param("10.1.2.3", ["10.9.9.9"], "10.9.9.9", id="a proxy behind a proxy"),
        pytest.param("10.1.2.3", ["", " , "], "10.1.2.3", id="an empty header"),
        pytest.param("::ffff:10.1.2.3", ["198.51.100.1"], "198.51.100.1", id="IPv4 within IPv6"),
        pytest.param("fd00::1", ["2001:db8::1"], "2001:db8::1", id="IPv6"),
        pytest.param("10.1.2.3", ["2001:0DB8:0::1"], "2001:db8::1", id="IPv6, spelt otherwise"),
        pytest.param("10.1.2.3", ["unknown"], None, id="no address"),
        pytest.param("10.1.2.3", ["198.51.100.1:4711"], None, id="an address with a port"),
        pytest.param("10.1.2.3", ["marker\x7f"], None, id="anything"),
        pytest.param("10.1.2.3", ["198.51.100.1, unknown"], None, id="no address, one made up before it"),
        pytest.param(None, ["198.51.100.1"], None, id="nobody there any more"),
        pytest.param("fe80::1%eth0", [], "fe80::1%eth0", id="an address with its zone"),
    ],
)
def test_the_nearest_address_that_is_no_trusted_proxy_counts(
    remote: str | None, forwarded_for: list[str], address: str | None
) -> None:
    """What stands left of an untrusted address could have been made up by whoever has it."""
    assert Peers(trusted_proxies=PROXIES, allow_from=()).address(remote, forwarded_for) == address


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("203.0.113.7", True),
        ("203.0.114.1", False),
        ("::ffff:203.0.113.7", True),
        ("2001:db8:1::7", True),
        ("2001:db8:2::7", False),
        ("unknown", False),
        (None, False),
    ],
)
def test_only_the_networks_of_the_settings_may_post(address: str | None, may: bool) -> None:
    """And nobody of whom it is not known where they are."""
    peers = Peers(trusted_proxies=(), allow_from=("203.0.113.0/24", "2001:db8:1::/48"))

    assert peers.may_post(address) == may


@pytest.mark.parametrize("address", ["203.0.113.7", "unknown", None])
def test_without_networks_everyone_may_post(address: str | None) -> None:
    """The service's own addresses are not documented, so none is the default."""
    assert Peers(trusted_proxies=(), allow_from=()).may_post(address)


async def test_another_network_is_refused() -> None:
    """403, a good signature notwithstanding, before the body is looked at."""
    async with serving(allow_from=("203.0.113.0/24",)) as server:
        assert await server.post(fresh()) == answer(403)
        assert await server.post(b"") == answer(403)
        assert server.log.records == []


async def test_a_proxy_speaks_for_those_behind_it() -> None:
    """Where it is trusted, and for the address that it saw."""
    async with serving(allow_from=("203.0.113.0/24",), trusted_proxies=("127.0.0.0/8",)) as server:
        assert await server.post(fresh(), {"X-Forwarded-For": "203.0.113.7"}) == ACCEPTED
        assert await server.post(fresh(), {"X-Forwarded-For": "203.0.113.7, 198.51.100.1"}) == answer(403)
        assert await server.post(fresh()) == answer(403)


@pytest.mark.parametrize(
    ("forwarded_for", "remote"),
    [
        pytest.param("203.0.113.7", "203.0.113.7", id="an address"),
        pytest.param("marker", None, id="no address"),
        pytest.param("\xff", None, id="not ASCII"),
    ],
)
async def test_a_refusal_tells_whose_it_was(forwarded_for: str, remote: str | None) -> None:
    """An address, or nothing: never what else a header holds."""
    with lines_caught() as lines:
        async with serving(trusted_proxies=("127.0.0.0/8",)) as server:
            assert await server.post(b"", {"X-Forwarded-For": forwarded_for}) == MALFORMED

    assert [(line["status"], line["remote"]) for line in lines] == [(400, remote)]
