"""What it takes to listen: an address from a word, and as many open files as the machine allows."""

import resource

from ..errors import BadArguments


def split_address(text: str) -> tuple[str, int]:
    """Return host and port of HOST:PORT, IPv6 as [::1]:PORT. Raises BadArguments."""
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise BadArguments(f"not HOST:PORT: {text!r}")
    return host.strip("[]"), int(port)


def raise_file_limit() -> None:
    """Let ten thousand sockets be open, where the machine's hard limit allows it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
