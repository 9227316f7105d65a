"""Where the socket is: in the log's folder, so that who may come in is who may read the log. Blocking, but short.

The path of a Unix domain socket has 108 bytes at the most (unix(7)), and a folder's may be longer. So the folder is
opened, and the socket named by way of the handle: /proc/self/fd/<handle>/append.sock (proc(5)).
"""

import contextlib
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SOCKET_NAME: Final = "append.sock"
PATH: Final = "/append"
"""What is asked for there, by POST."""
_BACKLOG: Final = 16


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[str]:
    """Yield a short path to the socket, good within this block and in this process. Raises OSError."""
    handle = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{handle}/{SOCKET_NAME}"
    finally:
        os.close(handle)


@contextlib.contextmanager
def bound(folder: Path) -> Iterator[socket.socket]:
    """Yield a socket that listens there, for this user alone; one that a killed process left is taken away.

    Only for who has the log: nobody else's socket can be there then. Raises OSError.
    """
    with opened(folder) as path, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as made:
        remove(path)
        made.bind(path)
        # Before it listens nobody gets in, whatever the mode that it was made with.
        Path(path).chmod(0o600)
        made.listen(_BACKLOG)
        made.setblocking(False)
        try:
            yield made
        finally:
            with contextlib.suppress(OSError):
                remove(path)


def remove(path: str) -> None:
    """Take away a socket, and nothing else. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(os.lstat(path).st_mode):
            Path(path).unlink()
