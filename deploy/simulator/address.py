"""Where to send to, and whether load may go there."""

import ipaddress

from yarl import URL

from .errors import BadArguments, NotLoopback


def parse_url(text: str) -> URL:
    """Return an http or https URL. Raises BadArguments for another, and for one that holds a password."""
    try:
        url = URL(text)
        port = url.port
    except ValueError:
        raise BadArguments("not a URL") from None
    if url.user is not None or url.password is not None:
        raise BadArguments("the URL holds a user name; pushes carry no Authorization")
    if url.scheme not in ("http", "https") or not url.host or not port:
        raise BadArguments(f"not an http or https URL: {text!r}")
    return url


def require_loopback(host: str | None, *, allow_remote: bool) -> None:
    """Raise NotLoopback unless load may go to `host`. A name other than localhost is not looked up, and is remote."""
    if not allow_remote and not is_loopback(host or ""):
        raise NotLoopback(f"{host} is not this machine: load goes to loopback addresses only, unless --allow-remote")


def is_loopback(host: str) -> bool:
    """Return whether nothing sent to `host` leaves the machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
