"""Addresses: what is no URL is told in a line, and what leaves the machine is known."""

from __future__ import annotations

import pytest

from deploy.simulator import NotLoopback
from deploy.simulator.address import parse_url, require_loopback
from deploy.simulator.errors import BadArguments


@pytest.mark.parametrize(
    "text", ["", "127.0.0.1:8080", "ftp://127.0.0.1/", "http://", "http://[::1", "http://a:99999/"]
)
def test_what_is_no_url_is_refused(text: str) -> None:
    """A slip of the pen is said to be one, before anything is sent."""
    with pytest.raises(BadArguments, match="URL"):
        parse_url(text)


def test_url_with_a_password_is_refused() -> None:
    """It would be sent as Authorization and shown on the terminal."""
    with pytest.raises(BadArguments) as refused:
        parse_url("http://admin:geheim@127.0.0.1/")

    assert str(refused.value) == "the URL holds a user name; pushes carry no Authorization"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_takes_load(host: str) -> None:
    """What stays here needs no flag."""
    require_loopback(host, allow_remote=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "localhost.invalid", "2001:db8::1", None])  # noqa: S104 -- not bound
def test_other_machines_take_load_by_permission_alone(host: str | None) -> None:
    """Names are not looked up: what a name means today it may not mean tomorrow."""
    require_loopback(host, allow_remote=True)
    with pytest.raises(NotLoopback, match="--allow-remote"):
        require_loopback(host, allow_remote=False)
