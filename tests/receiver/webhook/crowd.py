"""Clients that connect and say nothing, in a process of their own: `python -m … HOST PORT`.

Each line on its standard input is how many more; a line comes back when they are there. It ends with its input.
"""

from __future__ import annotations

import resource
import socket
import sys


def main(host: str, port: int) -> None:
    """Connect as many as each line asks for."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    there: list[socket.socket] = []
    for line in sys.stdin:
        there += [socket.create_connection((host, port)) for _ in range(int(line))]
        print(len(there), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
